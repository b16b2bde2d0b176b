"""Callers who open the link they were texted and pay, with whatever card they hold."""

import contextlib
import re
from collections.abc import Callable

from agentdesk.sandbox.calls import Autopilot, Call, Text
from agentdesk.sandbox.stripe_checkout import Checkout
from agentdesk.sandbox.stripe_errors import StripeError
from agentdesk.sandbox.stripe_script import Customer, pay_as

READS_FOR_S = 3.0
_PAGE = re.compile(r"/c/pay/(\w+)")


def reader(checkout: Checkout) -> Callable[[Text], None]:
    """Return what is told of each text: the last caller from its number pays, if that is their part."""
    box = checkout.account.box

    def read(text: Text) -> None:
        call = _owner(box.telephony.calls(), text.to)
        page = _PAGE.search(text.body)
        if page and call and call.autopilot and call.autopilot.pays_links:
            box.tasks.start(_pay(checkout, page[1], call.autopilot))

    return read


def _owner(calls: list[Call], number: str) -> Call | None:
    return next((call for call in reversed(calls) if call.caller.caller == number), None)


async def _pay(checkout: Checkout, session_id: str, pilot: Autopilot) -> None:
    await checkout.account.clock.sleep(READS_FOR_S)
    with contextlib.suppress(StripeError):  # the page was closed meanwhile, and says so
        pay_as(checkout, session_id, Customer(card=pilot.card))
        pilot.next_card()
