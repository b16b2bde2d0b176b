"""The payment link: a page of the provider's on which the customer pays by themselves."""

from enum import StrEnum


class LinkState(StrEnum):
    """Where the page is. Whether it was paid is the attempt's state, not the link's."""

    OPENING = "opening"  # asked for; nobody has its address yet
    OPEN = "open"  # its address is known, and may be in the customer's hands
    CLOSING = "closing"  # we want it closed; until the provider confirms, it may be paid
    CLOSED = "closed"


class LinkWay(StrEnum):
    """How the page's address reaches the customer."""

    TEXT = "text"
    EMAIL = "email"
    QR = "qr"  # shown on the agent's screen to a customer who stands before it


class LinkEvent(StrEnum):
    """What can happen to a link."""

    OPENED = "opened"
    FAILED = "failed"  # the provider will not make it
    CLOSE = "close"  # a person or a payment elsewhere wants it closed
    ENDED = "ended"  # the provider says that the page is no longer open: paid or expired


_S, _E = LinkState, LinkEvent

STEPS: dict[tuple[LinkState, LinkEvent], LinkState] = {
    (_S.OPENING, _E.OPENED): _S.OPEN,
    (_S.OPENING, _E.FAILED): _S.CLOSED,
    (_S.OPENING, _E.CLOSE): _S.CLOSING,
    (_S.OPEN, _E.CLOSE): _S.CLOSING,
    (_S.OPEN, _E.ENDED): _S.CLOSED,
    (_S.CLOSING, _E.ENDED): _S.CLOSED,
    (_S.CLOSING, _E.FAILED): _S.CLOSED,
}

#: While a link is in one of these, the customer may have its address and pay.
LIVE = frozenset({_S.OPEN, _S.CLOSING})


def next_state(state: LinkState, event: LinkEvent) -> LinkState | None:
    """Return the state the event leads to; None where it changes nothing."""
    return STEPS.get((state, event))
