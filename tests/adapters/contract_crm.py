"""What every CRM adapter must do, against a system that holds the demo's customers.

A vendor's suite is a subclass, with a fixture `crm` that gives the adapter.
"""

import pytest

from agentdesk.adapters.records import Activity, CrmPort
from agentdesk.domain.ids import new_ulid, now
from agentdesk.wire.customers import HistoryKind

AMARA, AMARA_PHONE = "NE 204 118", "+442079460958"
HOUSEHOLD, HOUSEHOLD_PHONE = ("NE 204 175", "NE 204 183"), "+441914980175"
CLOSED_PHONE = "+441184960191"
NAMESAKES = ("NE 204 217", "NE 204 225")
WITHHELD = "NE 204 241"


async def customer_of(crm: CrmPort, account: str) -> str:
    """Return the id of the customer with the account."""
    (match,) = [match for match in await crm.search(account) if match.account == account]
    return match.customer_id


@pytest.mark.anyio
class CrmContract:
    """Tests of the customer records."""

    async def test_a_number_finds_its_customer(self, crm: CrmPort) -> None:
        (match,) = await crm.find_by_phone(AMARA_PHONE)
        assert (match.name, match.account, match.exact) == ("Amara Okafor", AMARA, True)
        assert match.detail == "Leeds LS6 2AB"

    async def test_two_people_on_one_number_are_both_found(self, crm: CrmPort) -> None:
        found = await crm.find_by_phone(HOUSEHOLD_PHONE)
        assert {match.account for match in found} == set(HOUSEHOLD)
        assert all(match.exact for match in found)

    @pytest.mark.parametrize("number", ["", "anonymous", "+44", "+442079460001", "2079460958"])
    async def test_a_withheld_or_unknown_number_finds_nobody(self, crm: CrmPort, number: str) -> None:
        assert await crm.find_by_phone(number) == []

    async def test_the_same_digits_in_another_country_are_not_an_exact_match(self, crm: CrmPort) -> None:
        # 2079460958 is no subscriber of ours in Ireland, and the prefix differs
        assert not [match for match in await crm.find_by_phone("+3532079460958") if match.exact]

    @pytest.mark.parametrize(
        "text",
        ["Amara Okafor", "okafor amara", "ne204118", "NE 204 118", "ls62ab", "LS6 2AB",
         "amara.okafor@example.com", "NW-20931", "nw20931", "020 7946 0958"],
    )  # fmt: skip
    async def test_a_search_finds_by_name_account_post_code_email_invoice_or_phone(
        self, crm: CrmPort, text: str
    ) -> None:
        assert AMARA in [match.account for match in await crm.search(text)]

    @pytest.mark.parametrize("text", ["", "  ", "%", "%%%", "_", "nobody of that name", "\\"])
    async def test_a_search_for_nothing_finds_nothing(self, crm: CrmPort, text: str) -> None:
        assert await crm.search(text) == []

    async def test_people_of_one_name_are_told_apart(self, crm: CrmPort) -> None:
        found = await crm.search("David Jones")
        assert tuple(match.account for match in found) == NAMESAKES
        assert len({match.detail for match in found}) == 2

    async def test_a_search_keeps_to_its_limit(self, crm: CrmPort) -> None:
        assert len(await crm.search("NE", limit=3)) == 3

    async def test_the_record_says_who_the_customer_is(self, crm: CrmPort) -> None:
        record = await crm.record(await customer_of(crm, AMARA))
        assert record is not None
        assert (record.name, record.account) == ("Amara Okafor", AMARA)
        assert record.phones == (AMARA_PHONE,)
        assert record.email == "amara.okafor@example.com"
        assert record.address == "14 Larch Road, Leeds LS6 2AB"
        assert record.language == "en"
        assert not record.closed

    async def test_a_record_may_have_no_number_and_no_email(self, crm: CrmPort) -> None:
        record = await crm.record(await customer_of(crm, WITHHELD))
        assert record is not None
        assert (record.phones, record.email) == ((), None)

    async def test_a_closed_account_is_found_and_said_to_be_closed(self, crm: CrmPort) -> None:
        (match,) = await crm.find_by_phone(CLOSED_PHONE)
        record = await crm.record(match.customer_id)
        assert record is not None
        assert record.closed

    @pytest.mark.parametrize("unknown", ["99999999", "nobody", ""])
    async def test_an_unknown_customer_has_no_record(self, crm: CrmPort, unknown: str) -> None:
        assert await crm.record(unknown) is None

    async def test_history_is_newest_first_with_bills_payments_returns_and_notes(self, crm: CrmPort) -> None:
        items = await crm.history(await customer_of(crm, AMARA))
        assert [item.at for item in items] == sorted((item.at for item in items), reverse=True)
        told = [(item.kind, item.title, item.amount and item.amount.minor, item.moved) for item in items]
        assert (HistoryKind.PAYMENT, "Card by keypad, Visa 4242", 5840, True) in told
        assert (HistoryKind.RETURNED, "Direct debit returned", 5840, False) in told
        assert (HistoryKind.INVOICE, "Invoice NW-20931 sent", 6210, False) in told
        assert (HistoryKind.NOTE, "Prefers calls after 10:00", None, False) in told
        assert next(item for item in items if item.kind is HistoryKind.NOTE).detail == "by Tom Ellis"

    async def test_history_keeps_to_its_limit(self, crm: CrmPort) -> None:
        customer = await customer_of(crm, AMARA)
        assert await crm.history(customer, limit=4) == list(await crm.history(customer))[:4]

    async def test_an_activity_is_logged_once_for_its_reference(self, crm: CrmPort) -> None:
        customer, reference = await customer_of(crm, NAMESAKES[0]), f"PMT-{new_ulid()}"
        activity = Activity(reference, now(), "Call about a bill", "Paid £10.00 by card, 100% sure\nof it")
        assert await crm.find_activity(customer, reference) is None
        first = await crm.log_activity(customer, activity)
        assert await crm.log_activity(customer, activity) == first
        assert await crm.find_activity(customer, reference) == first
        logged = [item for item in await crm.history(customer) if item.title == "Call about a bill"]
        assert [(item.kind, item.detail) for item in logged] == [
            (HistoryKind.CALL, "Paid £10.00 by card, 100% sure of it")
        ]

    async def test_an_activity_belongs_to_its_customer_and_its_whole_reference(self, crm: CrmPort) -> None:
        customer, other = [await customer_of(crm, account) for account in NAMESAKES]
        reference = f"PMT-{new_ulid()}"
        await crm.log_activity(customer, Activity(reference, now(), "Call", ""))
        assert await crm.find_activity(other, reference) is None
        assert await crm.find_activity(customer, reference[:-1]) is None
        assert await crm.find_activity(customer, "%") is None

    async def test_the_check_says_ready(self, crm: CrmPort) -> None:
        assert (await crm.check()).state in ("ready", "slow")
