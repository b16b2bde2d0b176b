"""Which invoices a payment pays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.allocation import Allocation, OpenAmount, check, spread
from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def items(*outstanding: int) -> list[OpenAmount]:
    return [OpenAmount(f"inv_{n}", f"INV-{n}", gbp(minor)) for n, minor in enumerate(outstanding)]


def part(number: int, minor: int) -> Allocation:
    return Allocation(f"inv_{number}", f"INV-{number}", gbp(minor))


OPEN = st.lists(st.integers(1, 10**7), min_size=1, max_size=12).map(lambda found: items(*found))


@given(OPEN, st.data())
def test_what_is_spread_adds_up_and_may_be_taken(open_amounts: list[OpenAmount], data: st.DataObject) -> None:
    owed = sum(item.outstanding.minor for item in open_amounts)
    amount = gbp(data.draw(st.integers(1, owed)))
    parts = spread(amount, open_amounts)
    assert sum(one.amount.minor for one in parts) == amount.minor
    check(amount, parts, open_amounts, limit=None)


@given(OPEN, st.data())
def test_an_invoice_is_filled_before_the_next_one_starts(
    open_amounts: list[OpenAmount], data: st.DataObject
) -> None:
    owed = sum(item.outstanding.minor for item in open_amounts)
    parts = spread(gbp(data.draw(st.integers(1, owed))), open_amounts)
    for one, item in zip(parts[:-1], open_amounts, strict=False):
        assert one.amount == item.outstanding


def test_credits_and_settled_invoices_get_nothing() -> None:
    assert spread(gbp(50), items(0, -20, 100)) == [part(2, 50)]


def test_nothing_to_spread() -> None:
    assert spread(gbp(0), items(100)) == []
    assert spread(gbp(10), []) == []


@pytest.mark.parametrize(
    ("amount", "wanted", "limit", "code"),
    [
        (0, [], None, "amount_zero"),
        (-5, [part(0, -5)], None, "amount_zero"),
        (101, [part(0, 101)], 100, "amount_over_limit"),
        (301, [part(0, 100), part(1, 201)], None, "amount_over_balance"),
        (50, [part(7, 50)], None, "invoice_unknown"),
        (50, [part(0, 0), part(1, 50)], None, "amount_zero"),
        (150, [part(0, 150)], None, "allocation_over_item"),
        (50, [part(0, 40)], None, "allocation_mismatch"),
        (50, [], None, "allocation_mismatch"),
        (60, [part(0, 30), part(0, 30)], None, "allocation_mismatch"),
    ],
)
def test_refuses(amount: int, wanted: list[Allocation], limit: int | None, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(gbp(amount), wanted, items(100, 200), None if limit is None else gbp(limit))
    assert refused.value.code == code
    assert refused.value.text


def test_limit_says_nothing_of_another_currency() -> None:
    """Not even where the number is smaller: a limit of 100 pounds is not one of 100 dinars."""
    owed = [OpenAmount("0", "INV-0", Money(100, "KWD"))]
    with pytest.raises(Invalid) as refused:
        check(Money(50, "KWD"), [Allocation("0", "INV-0", Money(50, "KWD"))], owed, gbp(10_000))
    assert refused.value.code == "limit_other_currency"
    check(Money(50, "KWD"), [Allocation("0", "INV-0", Money(50, "KWD"))], owed, None)


def test_takes_what_is_right_up_to_the_limit() -> None:
    check(gbp(100), [part(0, 60), part(1, 40)], items(100, 200), gbp(100))


@pytest.mark.parametrize(
    ("wanted", "open_amounts"),
    [
        ([Allocation("inv_0", "INV-0", Money(50, "EUR"))], items(100)),
        ([part(0, 50)], [OpenAmount("inv_0", "INV-0", Money(100, "EUR"))]),
    ],
)
def test_refuses_another_currency(wanted: list[Allocation], open_amounts: list[OpenAmount]) -> None:
    with pytest.raises(Invalid) as refused:
        check(gbp(50), wanted, open_amounts, limit=None)
    assert refused.value.code == "currency_mismatch"
