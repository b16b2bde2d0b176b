"""The tone doctor: what the tries of a field tell, and what it advises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.capture import CardField, FieldProblem
from agentdesk.domain.tones import MANY_TRIES, BadTry, Finding, Remedy, Trouble, diagnose, keys_needed, places

NUMBER, EXPIRY, CODE = CardField.NUMBER, CardField.EXPIRY, CardField.SECURITY_CODE
INVALID, TIMED_OUT = FieldProblem.INVALID, FieldProblem.TIMED_OUT

tries = st.lists(
    st.builds(BadTry, st.sampled_from(FieldProblem), st.none() | st.integers(0, 25)), min_size=1, max_size=6
)
fields = st.sampled_from(CardField)
brands = st.sampled_from([None, "visa", "amex", "diners-club", "maestro", "no brand at all"])
#: From the first thing to try to the last.
RISING = [Remedy.AGAIN, Remedy.SLOWLY, Remedy.OTHER_ROUTE]


def found(
    problem: FieldProblem, keys: int | None, brand: str | None = "visa", field: CardField = NUMBER
) -> Finding:
    finding = diagnose(field, brand, [BadTry(problem, keys)], slow=False)
    assert finding
    return finding


@pytest.mark.parametrize(
    ("problem", "keys", "brand", "trouble", "remedy"),
    [
        (INVALID, 16, "visa", Trouble.WRONG, Remedy.AGAIN),
        (INVALID, 15, "visa", Trouble.TOO_FEW, Remedy.SLOWLY),
        (INVALID, 17, "visa", Trouble.TOO_MANY, Remedy.SLOWLY),
        (INVALID, 15, "amex", Trouble.WRONG, Remedy.AGAIN),
        (INVALID, 16, "amex", Trouble.TOO_MANY, Remedy.SLOWLY),
        (INVALID, 14, "diners-club", Trouble.WRONG, Remedy.AGAIN),
        (INVALID, 15, None, Trouble.WRONG, Remedy.AGAIN),  # an Amex, or one key lost: nobody can tell
        (INVALID, 13, None, Trouble.TOO_FEW, Remedy.SLOWLY),
        (INVALID, 20, None, Trouble.TOO_MANY, Remedy.SLOWLY),
        (INVALID, 12, "maestro", Trouble.TOO_FEW, Remedy.SLOWLY),
        (INVALID, None, "visa", Trouble.WRONG, Remedy.AGAIN),
        (INVALID, 0, "visa", Trouble.WRONG, Remedy.AGAIN),  # a provider that reports no keys
        (TIMED_OUT, 0, None, Trouble.SILENT, Remedy.AGAIN),
        (TIMED_OUT, None, None, Trouble.UNCLEAR, Remedy.AGAIN),  # nobody counted them: a security code
        (TIMED_OUT, 9, "visa", Trouble.BROKE_OFF, Remedy.SLOWLY),
        (FieldProblem.BRAND_REFUSED, 15, "amex", Trouble.CARD, Remedy.OTHER_CARD),
        (FieldProblem.OTHER, 3, None, Trouble.UNCLEAR, Remedy.AGAIN),
    ],
)
def test_one_bad_try_of_a_number(
    problem: FieldProblem, keys: int | None, brand: str | None, trouble: Trouble, remedy: Remedy
) -> None:
    assert (found(problem, keys, brand).trouble, found(problem, keys, brand).remedy) == (trouble, remedy)


def test_an_expiry_has_four_keys_and_a_security_code_is_not_counted() -> None:
    assert found(INVALID, 3, field=EXPIRY).trouble is Trouble.TOO_FEW
    assert found(INVALID, 4, field=EXPIRY).trouble is Trouble.WRONG
    assert found(INVALID, None, field=CODE) == Finding(Trouble.WRONG, Remedy.AGAIN, None, None)


@pytest.mark.parametrize(("slow", "remedy"), [(False, Remedy.SLOWLY), (True, Remedy.OTHER_ROUTE)])
def test_the_second_time_it_goes_slowly_and_then_another_way(slow: bool, remedy: Remedy) -> None:
    twice = [BadTry(INVALID, 16)] * 2
    finding = diagnose(NUMBER, "visa", twice, slow=slow)
    assert finding
    assert finding.remedy is remedy


def test_nothing_failed_nothing_found() -> None:
    assert diagnose(NUMBER, "visa", [], slow=False) is None


@given(fields, brands, tries, st.booleans())
def test_every_bad_try_has_a_remedy_and_three_have_another_way(
    field: CardField, brand: str | None, bad: list[BadTry], slow: bool
) -> None:
    finding = diagnose(field, brand, bad, slow=slow)
    assert finding
    assert finding.keys == bad[-1].keys
    assert (finding.remedy is Remedy.OTHER_ROUTE) or len(bad) < MANY_TRIES
    assert not (slow and finding.remedy is Remedy.SLOWLY)


@given(fields, brands, tries)
def test_one_more_try_that_fails_alike_never_leads_back(
    field: CardField, brand: str | None, bad: list[BadTry]
) -> None:
    before = diagnose(field, brand, bad, slow=False)
    after = diagnose(field, brand, [*bad, bad[-1]], slow=False)
    assert before
    assert after
    assert before.trouble is after.trouble
    if before.remedy in RISING and after.remedy in RISING:
        assert RISING.index(after.remedy) >= RISING.index(before.remedy)


@given(brands)
def test_as_many_places_are_shown_as_keys_are_needed_where_that_is_known(brand: str | None) -> None:
    needed = keys_needed(NUMBER, brand)
    assert needed is None or places(NUMBER, brand) == needed
    assert places(NUMBER, None) == 16
    assert places(CODE, brand) is None
