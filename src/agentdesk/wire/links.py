"""Payment links as the desk sees them."""

from pydantic import Field

from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.wire.model import Instant, Wire


class LinkOut(Wire):
    """The payment link of an attempt. Its address is never told: whoever has it can pay.

    `sent_to` is a masked number, an email address, or empty where it is shown as a QR code; `sent_at` is
    then when it was first shown. Only a text is told as delivered. `problem` says in words why it did not
    arrive; it can be sent again.
    """

    state: LinkState
    way: LinkWay = LinkWay.TEXT
    sent_to: str
    sent_at: Instant | None
    delivered_at: Instant | None
    problem: str | None
    expires_at: Instant


class Resend(Wire):
    """Send a link again; `key` is made by the desk: one press, one more message."""

    key: str = Field(min_length=16, max_length=64)
