"""What every maker of payment links must do with a page, and know of it afterwards.

A vendor's test module subclasses LinkContract and gives the fixtures `port` (a LinkPort), `customer` (who
opens the page and pays with a card by its name) and `trouble` (arms a fault for the next page).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

import pytest

from agentdesk.adapters.base import OutcomeUnknown, Rejected
from agentdesk.adapters.links import LinkPort, OpenedLink, OpenLink
from agentdesk.domain.ids import new_id, now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent


class Customer(Protocol):
    """Who got the link."""

    def pay(self, link: OpenedLink, card: str, **how: str) -> str:
        """Pay and return what the page says then."""
        ...


Trouble = Callable[..., None]


def a_link(**changes: Any) -> OpenLink:
    """Return a request for a page nobody asked for before."""
    attempt = new_id("att")
    usual = OpenLink(
        attempt_id=attempt,
        idempotency_key=f"{attempt}:link",
        amount=Money(12336, "GBP"),
        description="Northwind Energy PMT-1",
        reference="PMT-1",
        expires_at=now() + timedelta(minutes=45),
        thanks_url="https://hub.example/thank-you",
    )
    return replace(usual, **changes)


@pytest.mark.anyio
class LinkContract:
    """The contract."""

    async def test_is_healthy(self, port: LinkPort) -> None:
        assert (await port.check()).state == "ready"

    async def test_an_open_page_says_nothing_of_money(self, port: LinkPort) -> None:
        link = await port.open(a_link())
        assert list(await port.find(link.session_id)) == []

    async def test_the_same_key_makes_one_page(self, port: LinkPort) -> None:
        wanted = a_link()
        assert await port.open(wanted) == await port.open(wanted)

    async def test_a_paid_page_tells_amount_card_and_whose_it_is(
        self, port: LinkPort, customer: Customer
    ) -> None:
        wanted = a_link()
        link = await port.open(wanted)
        assert customer.pay(link, "visa-approves") == "paid"
        (told,) = await port.find(link.session_id)
        assert (told.event, told.seen_via) == (AttemptEvent.APPROVED, "lookup")
        assert (told.our_ref, told.amount) == (wanted.attempt_id, wanted.amount)
        assert (str(told.card), told.live) == ("Visa ending 4242", False)
        assert told.provider_ids

    async def test_a_refused_card_leaves_the_page_open_and_says_nothing(
        self, port: LinkPort, customer: Customer
    ) -> None:
        """Whoever reads a no here would free the debt while the customer types the next card."""
        link = await port.open(a_link())
        assert customer.pay(link, "visa-declines") == "open"
        assert list(await port.find(link.session_id)) == []
        assert customer.pay(link, "visa-needs-3ds", bank="ignore") == "challenge"
        assert list(await port.find(link.session_id)) == []

    async def test_what_a_bank_thinks_over_is_pending_then_decided(
        self, port: LinkPort, customer: Customer
    ) -> None:
        link = await port.open(a_link())
        assert customer.pay(link, "visa-late") == "processing"
        (told,) = await port.find(link.session_id)
        assert told.event in (AttemptEvent.PENDING, AttemptEvent.APPROVED)

    async def test_an_expired_page_is_closed_for_good(self, port: LinkPort, customer: Customer) -> None:
        wanted = a_link()
        link = await port.open(wanted)
        for look in (port.expire, port.find, port.expire):
            (told,) = await look(link.session_id)
            assert (told.event, told.our_ref) == (AttemptEvent.CLOSED, wanted.attempt_id)
        assert customer.pay(link, "visa-approves") == "expired"

    async def test_a_page_with_a_refused_card_can_be_expired(
        self, port: LinkPort, customer: Customer
    ) -> None:
        link = await port.open(a_link())
        customer.pay(link, "visa-declines")
        (told,) = await port.expire(link.session_id)
        assert told.event is AttemptEvent.CLOSED

    async def test_expiring_a_paid_page_says_that_it_was_paid(
        self, port: LinkPort, customer: Customer
    ) -> None:
        wanted = a_link()
        link = await port.open(wanted)
        customer.pay(link, "visa-approves")
        (told,) = await port.expire(link.session_id)
        assert (told.event, told.amount) == (AttemptEvent.APPROVED, wanted.amount)

    @pytest.mark.parametrize("kind", ["drop_reply_after_executing", "error_500_before"])
    async def test_a_lost_answer_is_unknown_and_the_same_key_gives_the_page(
        self, port: LinkPort, trouble: Trouble, kind: str
    ) -> None:
        wanted = a_link()
        trouble(kind)
        with pytest.raises(OutcomeUnknown):
            await port.open(wanted)
        assert (await port.open(wanted)).url

    async def test_a_page_that_does_not_exist(self, port: LinkPort) -> None:
        for look in (port.find, port.expire):
            with pytest.raises(Rejected):
                await look("cs_nobody")

    async def test_a_page_that_would_end_too_soon_is_refused(self, port: LinkPort) -> None:
        with pytest.raises(Rejected):
            await port.open(a_link(expires_at=now() + timedelta(minutes=5)))
