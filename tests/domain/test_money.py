"""Money: exact, in one currency, and read as people write it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money, exponent, symbol, total
from agentdesk.i18n import speaking

CURRENCIES = st.sampled_from(["GBP", "EUR", "USD", "CHF", "JPY", "KWD"])
MINOR = st.integers(-(10**12) + 1, 10**12 - 1)
MONEY = st.builds(Money, MINOR, CURRENCIES)
OWED = st.builds(Money, st.integers(0, 10**12 - 1), CURRENCIES)


@given(OWED)
def test_what_is_shown_can_be_typed(money: Money) -> None:
    assert Money.parse(str(money), money.currency) == money


@given(MONEY)
def test_decimals_go_both_ways(money: Money) -> None:
    assert Money.from_decimal(money.to_decimal(), money.currency) == money
    assert -money.to_decimal().as_tuple().exponent == exponent(money.currency)


@given(MONEY, MINOR)
def test_adding_and_taking_away_are_exact(money: Money, minor: int) -> None:
    other = Money(minor, money.currency)
    assert (money + other) - other == money


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("123.36", "GBP", 12336),
        (" 1,234 ", "GBP", 123400),
        ("£5", "GBP", 500),
        ("GBP 5", "GBP", 500),
        ("£5.5", "GBP", 550),
        ("-7.01", "EUR", -701),
        ("1234", "JPY", 1234),
        ("1.234", "KWD", 1234),
        ("999,999,999,999", "JPY", 999_999_999_999),
    ],
)
def test_reads_what_people_type(typed: str, currency: str, minor: int) -> None:
    assert Money.parse(typed, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "abc",
        "1.2.3",
        "12,34",
        "1,2345",
        "£",
        "5 GBP",
        "1e3",
        "٣",
        "nan",
        "inf",
        "+5",
        "--5",
        "1" * 13,
    ],
)
def test_refuses_what_is_no_amount(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        Money.parse(typed, "GBP")
    assert refused.value.code == "amount_not_a_number"


@pytest.mark.parametrize(
    ("typed", "currency", "got"),
    [
        ("€5", "GBP", "EUR"),
        ("5 eur", "GBP", "EUR"),
        ("USD 5.00", "GBP", "USD"),
        ("$5", "EUR", "USD"),
        ("£5", "JPY", "GBP"),
    ],
)
def test_another_currency_is_named(typed: str, currency: str, got: str) -> None:
    with pytest.raises(Invalid) as refused:
        Money.parse(typed, currency)
    assert (refused.value.code, refused.value.params["got"]) == ("currency_mismatch", got)


def test_refuses_an_amount_longer_than_any_debt() -> None:
    """Python refuses to turn more than 4300 digits into a number; a person must get words instead."""
    with pytest.raises(Invalid, match="not an amount"):
        Money.parse("1" + ",000" * 2000, "GBP")


@pytest.mark.parametrize(("typed", "currency"), [("1.234", "GBP"), ("1.5", "JPY")])
def test_refuses_digits_the_currency_does_not_have(typed: str, currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        Money.parse(typed, currency)
    assert refused.value.code == "amount_too_precise"


@pytest.mark.parametrize("value", ["0.001", "NaN", "Infinity", "-Infinity", "sNaN"])
def test_refuses_a_decimal_that_is_no_amount(value: str) -> None:
    with pytest.raises(Invalid):
        Money.from_decimal(Decimal(value), "GBP")


@pytest.mark.parametrize(
    ("money", "shown"),
    [
        (Money(123450, "GBP"), "£1,234.50"),
        (Money(-500, "GBP"), "\u2212£5.00"),
        (Money(1500, "CHF"), "CHF 15.00"),
        (Money(1500, "JPY"), "¥1,500"),
        (Money(5, "KWD"), "KWD 0.005"),
    ],
)
def test_is_written_as_people_read_it(money: Money, shown: str) -> None:
    assert str(money) == shown


@pytest.mark.parametrize("minor", [1.5, "1", True, None])
def test_minor_units_are_a_whole_number(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "GBP")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["", "gbp", "GB", "GBPP", "GBP\n", "G8P"])
def test_a_currency_is_three_capitals(currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        Money(1, currency)
    assert refused.value.code == "currency_unknown"


def test_two_currencies_do_not_mix() -> None:
    with pytest.raises(Invalid) as refused:
        Money(1, "GBP") + Money(1, "EUR")
    assert refused.value.code == "currency_mismatch"
    with pytest.raises(Invalid):
        Money(1, "GBP") - Money(1, "EUR")


def test_amounts_are_ordered_and_added_up() -> None:
    assert Money(1, "GBP") < Money(2, "GBP")
    assert total([Money(1, "GBP"), Money(2, "GBP")], "GBP") == Money(3, "GBP")
    assert total([], "GBP") == Money(0, "GBP")
    assert symbol("XYZ") == "XYZ "


@pytest.mark.parametrize("language", ["de", "es", "fr"])
@given(money=OWED)
def test_what_is_shown_can_be_typed_in_every_language(language: str, money: Money) -> None:
    with speaking(language):
        assert Money.parse(str(money), money.currency) == money
        assert Money.parse(money.number, money.currency) == money


@pytest.mark.parametrize(
    ("language", "typed", "minor"),
    [("de", "1.234,50", 123450), ("de", "84", 8400), ("fr", "1 234,50 €", 123450), ("es", "€ 5,5", 550)],
)
def test_an_amount_is_read_in_the_language_spoken(language: str, typed: str, minor: int) -> None:
    with speaking(language):
        assert Money.parse(typed, "EUR").minor == minor


@pytest.mark.parametrize(("language", "typed"), [("de", "84.00"), ("en", "84,00"), ("fr", "1.234")])
def test_the_marks_of_another_language_are_refused_rather_than_guessed(language: str, typed: str) -> None:
    with speaking(language), pytest.raises(Invalid) as refused:
        Money.parse(typed, "EUR")
    assert refused.value.code == "amount_not_a_number"
