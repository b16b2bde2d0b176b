"""The firm's rules for an amount, enforced where it is agreed and told to the desk."""

from typing import Any

import pytest

from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money
from agentdesk.domain.policy import Lookup
from agentdesk.hub import payments
from agentdesk.hub.db.engine import Sessions
from agentdesk.hub.db.tables import AttemptDebt, PaymentIntent
from agentdesk.hub.readiness import Board
from agentdesk.hub.settings import Settings, SettingsError, load
from agentdesk.wire import payments as wire
from agentdesk.wire.model import Amount
from tests.hub.till import Till

pytestmark = pytest.mark.anyio

SPLIT = {
    "allocations": [],
    "whole": [wire.AllocationIn(invoice_id="7", amount=Amount(minor=12336, currency="GBP"))],
}
ON_ACCOUNT = {"allocations": [], "on_account": True}


@pytest.mark.parametrize(
    ("rules", "agreed", "code"),
    [
        ({"lookup": "fixed"}, {"minor": 12000}, "amount_fixed"),
        ({"lookup": "fixed"}, {}, ""),
        ({"lookup": "fixed"}, {"minor": 17336, "allocations": []}, ""),
        ({"lookup": "fixed"}, {"minor": 17335, "allocations": []}, "amount_fixed"),
        ({"parts": False}, {"minor": 12000}, "part_not_allowed"),
        ({"part_percent": 50}, {"minor": 6167}, "part_too_small"),
        ({"part_percent": 50}, {"minor": 6168}, ""),
        ({}, {"minor": 29}, "amount_under_least"),
        ({"most": {"GBP": 5000}}, {"minor": 5001}, "amount_over_most"),
        ({}, {"minor": 5000, **ON_ACCOUNT}, "on_account_not_allowed"),
        ({"lookup": "optional"}, {"minor": 999999, **ON_ACCOUNT}, ""),
        ({"lookup": "optional"}, {"minor": 29, **ON_ACCOUNT}, "amount_under_least"),
        ({"lookup": "optional"}, {"minor": 12336, **SPLIT}, "split_too_much"),
        ({}, {"minor": 12000, **SPLIT}, ""),
        ({"lookup": "fixed"}, {"minor": 12000, **SPLIT}, ""),
        ({"split": False}, {"minor": 12000, **SPLIT}, "split_not_allowed"),
        ({"most": {"GBP": 12335}}, {"minor": 6000, **SPLIT}, "amount_over_most"),
    ],
)
async def test_the_rules_hold_where_a_payment_is_agreed(
    database_url: str, sessions: Sessions, rules: dict[str, Any], agreed: dict[str, Any], code: str
) -> None:
    till = Till(database_url, sessions, amounts=rules)
    await till.open()
    new = till.agreed(await till.call(), **agreed)
    if code:
        with pytest.raises(Invalid) as refused:
            await payments.create(till.hub, till.who, new)
        assert refused.value.code == code
        assert await till.rows(PaymentIntent) == []
    else:
        assert (await payments.create(till.hub, till.who, new)).amount == new.amount
    await till.hub.finish()


async def test_on_account_is_taken_posted_and_taken_once(database_url: str, sessions: Sessions) -> None:
    till = Till(database_url, sessions, amounts={"lookup": "optional"})
    await till.open()
    attempt_id = await till.paid(minor=2500, **ON_ACCOUNT)
    assert [row.debt for row in await till.rows(AttemptDebt)] == ["account:cus_1"]
    await till.work()
    (booked,) = till.ledger.booked.values()
    assert (booked.amount, booked.allocations) == (Money(2500, "GBP"), ())
    shown = await till.show(attempt_id)
    assert shown.allocations == []
    assert {one.detail for one in shown.write_backs if one.kind == "accounts"} == {
        "Posted to the account, entry 41"
    }
    again = await till.intent(minor=2600, **ON_ACCOUNT)
    with pytest.raises(Exception, match="may be a second payment"):
        await till.start(again)
    await till.hub.finish()


async def test_the_desk_is_told_the_rules() -> None:
    amounts = {"lookup": "optional", "part_percent": 20, "least": {"GBP": 100}, "most": {"EUR": 9}}
    settings = Settings(business="N", amounts=amounts)  # type: ignore[arg-type]
    told = Board(settings, {}).show().amounts
    assert told.policy == settings.amounts.policy
    assert (told.lookup, told.part_percent) == (Lookup.OPTIONAL, 20)
    assert (told.least[0].money, told.most[0].money) == (Money(100, "GBP"), Money(9, "EUR"))


def test_the_rules_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTDESK_AMOUNTS__LOOKUP", "fixed")
    monkeypatch.setenv("AGENTDESK_AMOUNTS__LEAST__GBP", "250")
    amounts = load().settings.amounts
    assert (amounts.lookup, amounts.least) == (Lookup.FIXED, {"GBP": 250})


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        ({"lookup": "loose"}, "amounts.lookup"),
        ({"least": {"GBP": 0}}, "amounts.least.GBP"),
        ({"least": {"POUND": 1}}, "amounts.least"),
        ({"part_percent": 101}, "amounts.part_percent"),
        ({"least": {"GBP": 2}, "most": {"GBP": 1}}, "the least of GBP is over the most"),
    ],
)
def test_rules_that_make_no_sense_are_named(amounts: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load(amounts=amounts)
