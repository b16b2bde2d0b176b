"""What a card is here, and the guard against more.

Numbers are made from issuer prefixes with a computed check digit; none is written down.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agentdesk.domain.card import CardSummary, brand_name, looks_like_pan
from agentdesk.domain.ids import new_id, new_ulid, payment_reference, short_reference

PREFIX_AND_LENGTH = [
    ("4", 16),
    ("4", 13),
    ("4", 19),
    ("51", 16),
    ("55", 16),
    ("2221", 16),
    ("2720", 16),
    ("34", 15),
    ("37", 15),
    ("300", 14),
    ("36", 14),
    ("3528", 16),
    ("6011", 16),
    ("65", 16),
    ("62", 17),
    ("5018", 16),
    ("6759", 19),
]
SEPARATORS = ["", " ", "-", ".", "/", "\u00a0", "\u2013", "  ", " -"]
#: Of columns, lists and pasted pages.
WIDE_SEPARATORS = [
    *SEPARATORS[1:],
    *(
        "\n",
        "\r\n",
        "\t",
        "   ",
        " - ",
        ",",
        ", ",
        ":",
        ";",
        "; ",
        "_",
        "\u2014",
        " \u2014 ",
        "\u2009",
        "\u202f",
    ),
    *("\u200b", "\u2060", "\u200b\u200b\u200b", "\u00ad", " \n "),
]
HEX = "0123456789abcdef"


def with_check_digit(digits: str) -> str:
    """Return the digits with their last one replaced by what ISO/IEC 7812-1 annex B asks for."""
    for last in "0123456789":
        number = digits[:-1] + last
        doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(number))]
        if sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0:
            return number
    raise AssertionError("one of ten digits always fits")


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    prefix, length = draw(st.sampled_from(PREFIX_AND_LENGTH))
    rest = length - len(prefix)
    return with_check_digit(prefix + draw(st.text("0123456789", min_size=rest, max_size=rest)))


def grouped(number: str, separator: str, size: int = 4) -> str:
    return separator.join(number[at : at + size] for at in range(0, len(number), size))


@given(card_numbers(), st.sampled_from(SEPARATORS), st.integers(1, 6))
def test_sees_a_card_number_however_it_is_grouped(number: str, separator: str, size: int) -> None:
    assert looks_like_pan(f"card {grouped(number, separator, size)} exp soon")


@given(card_numbers(), st.sampled_from(WIDE_SEPARATORS), st.integers(1, 4))
def test_sees_a_card_number_in_a_column_or_a_list(number: str, separator: str, size: int) -> None:
    assert looks_like_pan(f"card {grouped(number, separator, size)} exp soon")
    assert looks_like_pan(f"12.30, {grouped(number, separator, size)}")


@given(card_numbers(), st.integers(1, 4))
def test_an_identifier_hides_no_groups(number: str, size: int) -> None:
    assert looks_like_pan(f"visa_{grouped(number, '_', size)}_until_next_summer")


@given(
    card_numbers(),
    st.integers(4, 11),
    st.sampled_from(["\n", "\r\n", " \n  "]),
    st.sampled_from(["", " ", "-"]),
    st.sampled_from(["", " 12/29 123", "\nexp 12/29"]),
)
def test_sees_a_card_number_in_two_lines(
    number: str, size: int, line_break: str, between: str, after: str
) -> None:
    assume(len(number) >= 15)
    parts = (grouped(number[:size], between), grouped(number[size:], between))
    assert looks_like_pan(f"card {line_break.join(parts)}{after}")
    assert looks_like_pan(line_break.join(("12.30", *parts)))


def test_second_line_that_looks_like_a_telephone_number_hides_no_card_number() -> None:
    assert looks_like_pan("4000 \n  " + with_check_digit("4" + "0" * 15)[4:])
    assert looks_like_pan("4000 0000 \n  " + grouped(with_check_digit("4" + "0" * 15)[8:], " "))


@given(
    st.integers(0, 9),
    st.integers(3, 9),
    st.lists(st.integers(0, 199), min_size=2, max_size=12, unique=True),
    st.sampled_from([" ", "\n", ", ", ",", "; ", "\r\n"]),
)
def test_numbers_of_one_series_are_no_card_number(
    first: int, zeros: int, numbers: list[int], between: str
) -> None:
    assume(first)
    series = [first * 10**zeros + number for number in numbers]
    assert not looks_like_pan(f"Invoices {between.join(map(str, series))} are paid.")


@given(
    st.lists(st.integers(1000, 9999), min_size=2, max_size=12),
    st.sampled_from([" and ", " INV ", ", then ", "\nInvoice ", " & ", " for \u00a312.30\n"]),
)
def test_numbers_with_words_between_them_are_no_card_number(numbers: list[int], between: str) -> None:
    assert not looks_like_pan(between.join(map(str, numbers)))


@given(
    st.lists(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)), max_size=20),
    st.sampled_from(["%d %m %Y", "%Y-%m-%d", "%d-%m-%Y", "%d/%m/%y"]),
)
def test_a_column_of_dates_is_no_card_number(dates: list[date], form: str) -> None:
    assert not looks_like_pan("\n".join(f"{one:{form}}" for one in dates))


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999_999)), max_size=12))
def test_a_column_of_telephone_numbers_is_no_card_number(numbers: list[tuple[int, int]]) -> None:
    assert not looks_like_pan("\n".join(f"07{area:03} {line:06}" for area, line in numbers))
    assert not looks_like_pan("\n".join(f"+44 7{area:03} {line:06}" for area, line in numbers))


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99_999_999))
def test_a_bank_account_is_no_card_number(middle: int, last: int, account: int) -> None:
    for first in (20, 30, 36, 40, 60):
        assert not looks_like_pan(f"{first}-{middle:02}-{last:02}\n{account:08}")


@pytest.mark.parametrize("separator", WIDE_SEPARATORS)
def test_sees_the_groups_of_amex_with_any_separator(separator: str) -> None:
    number = with_check_digit("37" + "1" * 13)
    assert looks_like_pan(separator.join((number[:4], number[4:10], number[10:])))


@given(st.lists(st.decimals(1, 999, places=2), max_size=40), st.sampled_from([", ", "; ", "\n", "   "]))
def test_a_list_of_amounts_is_no_card_number(amounts: list[Decimal], separator: str) -> None:
    assert not looks_like_pan(separator.join(map(str, amounts)))


@given(st.lists(st.dates(), max_size=20), st.sampled_from([", ", "; ", "\n", ": "]))
def test_a_list_of_dates_is_no_card_number(dates: list[date], separator: str) -> None:
    assert not looks_like_pan(separator.join(map(str, dates)))


@given(st.lists(st.integers(10_000, 999_999), max_size=20), st.sampled_from([", ", ",", "\n", "; "]))
def test_a_list_of_invoices_is_no_card_number(numbers: list[int], separator: str) -> None:
    assert not looks_like_pan(separator.join(map(str, numbers)))
    assert not looks_like_pan(separator.join(f"INV-2026-{number}" for number in numbers))


@pytest.mark.parametrize("unit", ["0", "5", "60", "4 ", "4, ", "40, ", "4\n", "+4", "00 ", "4a", "\u200b4"])
@pytest.mark.timeout(60)  # a guard that is not linear takes minutes
def test_long_nonsense_is_judged(unit: str) -> None:
    text = (unit * 64_000)[:64_000]
    assert looks_like_pan(text + " x 4242 4242 4242 4241")


@pytest.mark.parametrize("separator", [" ", " -", "\n", ", ", " - "])
def test_group_of_zeros_does_not_make_a_card_number_a_telephone_number(separator: str) -> None:
    assert looks_like_pan(f"card {grouped(with_check_digit('4' + '0' * 15), separator, 2)} exp soon")


@given(card_numbers(), st.sampled_from(["\u0660", "\u0966", "\uff10"]))
def test_sees_a_card_number_in_digits_of_any_script(number: str, zero: str) -> None:
    assert looks_like_pan("".join(chr(ord(zero) + int(digit)) for digit in number))


@given(card_numbers(), st.sampled_from(['{"note": "%s"}', "tel=%s&x=1", "<%s>", "a%sb", "%s.", "12 %s 34"]))
def test_sees_a_card_number_inside_other_text(number: str, text: str) -> None:
    assert looks_like_pan(text % number)


@given(card_numbers(), st.sampled_from(["+", "00", "+44 7700 900123 ", "0044 7700 900123 "]))
def test_a_telephone_number_hides_no_card_number(number: str, before: str) -> None:
    if len(number) > 13:
        assert looks_like_pan(before + number)


def test_sees_a_mistyped_number_in_the_shape_of_a_card() -> None:
    assert looks_like_pan(grouped("4" + "1" * 15, " "))


@given(
    st.sampled_from(["49", "62", "44", "1", "353"]),
    st.text("0123456789", min_size=6, max_size=13),
    st.sampled_from(["+", "00", "+ "]),
    st.sampled_from(["", " ", "-"]),
)
def test_a_telephone_number_is_no_card_number(country: str, digits: str, sign: str, separator: str) -> None:
    phone = sign + grouped(with_check_digit((country + digits)[:13]), separator, 3)
    assert not looks_like_pan(f"from {phone} to {phone}, queue 7")
    assert not looks_like_pan(f'{{"from": "{phone}"}}')


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_is_no_card_number(aware: datetime) -> None:
    assert not looks_like_pan(aware.isoformat())
    assert not looks_like_pan(aware.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    assert not looks_like_pan(f"{aware:%d/%m/%Y %H:%M}")


@pytest.mark.parametrize("prefix", ["pay", "att", "call"])
def test_ids_we_make_are_no_card_numbers(prefix: str) -> None:
    for _ in range(300):
        made = new_id(prefix)
        assert not looks_like_pan(f"{made} {payment_reference(made)} {short_reference(made)} {new_ulid()}")


@given(st.sampled_from(["AC", "CA", "PK", "RE", "SM"]), st.text(HEX, min_size=32, max_size=32))
def test_a_sid_is_no_card_number(prefix: str, tail: str) -> None:
    assert not looks_like_pan(f"/Accounts/{prefix}{tail}/Calls.json")


@given(st.uuids())
def test_a_uuid_is_no_card_number(uuid: UUID) -> None:
    assert not looks_like_pan(str(uuid))


@given(st.integers(0, 10**11))
def test_an_amount_is_no_card_number(minor: int) -> None:
    assert not looks_like_pan(f"£{minor / 100:,.2f}")
    assert not looks_like_pan(str(minor))


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert looks_like_pan(text) in (True, False)


@pytest.mark.parametrize("last4", ["123", "12345", "12a4", "", "４２４２4"])
def test_a_card_shows_four_digits(last4: str) -> None:
    with pytest.raises(ValueError, match="last four"):
        CardSummary("visa", last4)


def test_a_card_in_words() -> None:
    assert str(CardSummary("visa", "4242")) == "Visa ending 4242"
    assert str(CardSummary()) == "Card ending unknown"
    assert brand_name("AMEX") == "Amex"
    assert brand_name("something new") == "Card"


@pytest.mark.parametrize("text", ["4242 4242 4242 4241", "5555-5555-5555-4440"])
def test_four_groups_of_four_are_a_card_number_even_with_a_digit_wrong(text: str) -> None:
    assert looks_like_pan(f"card {text}.")
