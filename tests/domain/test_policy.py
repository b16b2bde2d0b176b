"""How much may be taken: the firm's rules, on account, and one debt over two cards."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.allocation import Allocation, OpenAmount, spread
from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money, total
from agentdesk.domain.policy import (
    Lookup,
    Policy,
    check,
    check_on_account,
    check_split,
    first_half,
    of_currency,
    rest,
)
from tests.domain.test_allocation import OPEN, gbp, items, part

FIXED, OPTIONAL = Policy(lookup=Lookup.FIXED), Policy(lookup=Lookup.OPTIONAL)


def refusal(call: Any, *args: Any) -> str:
    with pytest.raises(Invalid) as refused:
        call(*args)
    assert refused.value.text
    return refused.value.code


def whole_of(open_amounts: list[OpenAmount]) -> list[Allocation]:
    return [Allocation(one.invoice_id, one.number, one.outstanding) for one in open_amounts]


# ---------------------------------------------------------------- one card
@given(OPEN, st.data())
def test_whatever_the_policy_lets_through_is_inside_its_rules(
    open_amounts: list[OpenAmount], data: st.DataObject
) -> None:
    minor = st.integers(1, 10**7)
    rules = Policy(
        lookup=data.draw(st.sampled_from(Lookup)),
        parts=data.draw(st.booleans()),
        part_percent=data.draw(st.integers(0, 100)),
        least=tuple(gbp(one) for one in data.draw(st.lists(minor, max_size=1))),
        most=tuple(gbp(one) for one in data.draw(st.lists(minor, max_size=1))),
    )
    owed = sum(item.outstanding.minor for item in open_amounts)
    amount = gbp(data.draw(st.integers(1, owed)))
    wanted = spread(amount, open_amounts)
    try:
        check(rules, amount, wanted, open_amounts, None)
    except Invalid as error:
        assert error.text  # whatever is refused says why, in words
        return
    by_id = {item.invoice_id: item.outstanding.minor for item in open_amounts}
    in_part = [one for one in wanted if one.amount.minor < by_id[one.invoice_id]]
    assert not in_part or (rules.parts and rules.lookup is not Lookup.FIXED)
    assert all(one.amount.minor * 100 >= by_id[one.invoice_id] * rules.part_percent for one in in_part)
    assert all(amount.minor >= least.minor for least in rules.least)
    assert all(amount.minor <= most.minor for most in rules.most)


@pytest.mark.parametrize(
    ("rules", "wanted", "limit", "code"),
    [
        (FIXED, [part(0, 50)], None, "amount_fixed"),
        (FIXED, [part(0, 101)], None, "amount_over_balance"),
        (Policy(parts=False), [part(0, 100)], None, ""),
        (Policy(parts=False), [part(0, 99)], None, "part_not_allowed"),
        (Policy(part_percent=25), [part(0, 25)], None, ""),
        (Policy(part_percent=25), [part(0, 24)], None, "part_too_small"),
        (Policy(part_percent=33), [part(0, 33)], None, ""),
        (Policy(least=(gbp(30),)), [part(0, 30)], None, ""),
        (Policy(least=(gbp(30),)), [part(0, 29)], None, "amount_under_least"),
        (Policy(most=(gbp(60),)), [part(0, 60)], None, ""),
        (Policy(most=(gbp(60),)), [part(0, 61)], None, "amount_over_most"),
        (Policy(most=(gbp(60),)), [part(0, 61)], gbp(60), "amount_over_limit"),
        (Policy(most=(Money(1, "EUR"),), least=(Money(999, "EUR"),)), [part(0, 61)], None, ""),
        (Policy(), [part(0, 0)], None, "amount_zero"),
    ],
)
def test_one_rule_at_a_time(rules: Policy, wanted: list[Allocation], limit: Money | None, code: str) -> None:
    args = (rules, wanted[0].amount, wanted, items(100), limit)
    if code:
        assert refusal(check, *args) == code
    else:
        check(*args)


def test_a_fixed_amount_is_that_of_the_chosen_invoices_only() -> None:
    check(FIXED, gbp(300), [part(0, 100), part(1, 200)], items(100, 200, 400), None)
    check(FIXED, gbp(200), [part(1, 200)], items(100, 200, 400), None)


def test_a_share_of_an_odd_amount_is_rounded_up() -> None:
    assert (
        refusal(check, Policy(part_percent=50), gbp(50), [part(0, 50)], items(101), None) == "part_too_small"
    )
    check(Policy(part_percent=50), gbp(51), [part(0, 51)], items(101), None)


# ---------------------------------------------------------------- on account
@pytest.mark.parametrize(
    ("rules", "amount", "limit", "code"),
    [
        (OPTIONAL, gbp(10**9), None, ""),
        (Policy(), gbp(100), None, "on_account_not_allowed"),
        (FIXED, gbp(100), None, "on_account_not_allowed"),
        (OPTIONAL, gbp(0), None, "amount_zero"),
        (OPTIONAL, gbp(-1), None, "amount_zero"),
        (OPTIONAL, Money(100, "EUR"), None, "currency_mismatch"),
        (OPTIONAL, gbp(100), gbp(99), "amount_over_limit"),
        (OPTIONAL, gbp(100), Money(99, "EUR"), "limit_other_currency"),
        (Policy(lookup=Lookup.OPTIONAL, most=(gbp(99),)), gbp(100), None, "amount_over_most"),
        (Policy(lookup=Lookup.OPTIONAL, least=(gbp(101),)), gbp(100), None, "amount_under_least"),
    ],
)
def test_an_amount_without_an_invoice(rules: Policy, amount: Money, limit: Money | None, code: str) -> None:
    if code:
        assert refusal(check_on_account, rules, amount, "GBP", limit) == code
    else:
        check_on_account(rules, amount, "GBP", limit)


# ---------------------------------------------------------------- two cards
@given(OPEN, st.data())
def test_both_halves_are_the_whole_and_neither_is_empty(
    open_amounts: list[OpenAmount], data: st.DataObject
) -> None:
    whole = whole_of(open_amounts)
    amount = total([one.amount for one in whole], "GBP")
    first = gbp(data.draw(st.integers(0, amount.minor)))
    if first.minor in (0, amount.minor):
        code = refusal(check_split, FIXED, first, whole, open_amounts, None)
        assert code in ("amount_zero", "split_too_much")
        return
    check_split(FIXED, first, whole, open_amounts, None)  # the whole is what the invoices owe
    one = first_half(first, whole)
    two = rest(whole, one)
    assert total([part.amount for part in (*one, *two)], "GBP") == amount
    assert rest(whole, [*one, *two]) == []
    assert one and two


@given(OPEN, st.data())
def test_what_was_taken_twice_leaves_less_and_never_more(
    open_amounts: list[OpenAmount], data: st.DataObject
) -> None:
    whole = whole_of(open_amounts)
    owed = sum(one.amount.minor for one in whole)
    one = first_half(gbp(data.draw(st.integers(1, owed))), whole)
    left, left_of_twice = (sum(p.amount.minor for p in rest(whole, taken)) for taken in (one, [*one, *one]))
    assert 0 <= left_of_twice < owed
    assert left_of_twice <= left == owed - sum(p.amount.minor for p in one)


@pytest.mark.parametrize(
    ("rules", "first", "limit", "code"),
    [
        (Policy(), 60, None, ""),
        (Policy(split=False), 60, None, "split_not_allowed"),
        (Policy(), 100, None, "split_too_much"),
        (Policy(), 101, None, "split_too_much"),
        (Policy(), 60, gbp(99), "amount_over_limit"),  # two cards are no way round the limit
        (Policy(most=(gbp(99),)), 60, None, "amount_over_most"),
        (Policy(least=(gbp(30),)), 70, None, ""),
        (Policy(least=(gbp(30),)), 29, None, "amount_under_least"),
        (Policy(least=(gbp(30),)), 71, None, "amount_under_least"),  # the second card's
        (Policy(parts=False), 60, None, ""),  # the invoice is paid whole
    ],
)
def test_a_split(rules: Policy, first: int, limit: Money | None, code: str) -> None:
    args = (rules, gbp(first), [part(0, 100)], items(100), limit)
    if code:
        assert refusal(check_split, *args) == code
    else:
        check_split(*args)


def test_a_split_of_a_part_goes_by_the_rules_of_parts() -> None:
    args = (gbp(40), [part(0, 80)], items(100), None)
    check_split(Policy(), *args)
    assert refusal(check_split, Policy(parts=False), *args) == "part_not_allowed"


def test_an_amount_is_found_by_its_currency() -> None:
    assert of_currency((Money(1, "EUR"), gbp(2)), "GBP") == gbp(2)
    assert of_currency((Money(1, "EUR"),), "GBP") is None
