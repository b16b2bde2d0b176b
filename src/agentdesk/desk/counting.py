"""Which of the tries of a payment counts, what it took, and the badge of where it stands."""

from collections.abc import Iterable

from agentdesk.domain.capture import LIVE
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import Attempt, PaymentIntent

#: What keeps a payment's call in sight: its card entry is open, or the charge is on its way.
_LIVE = (AttemptState.OPEN, AttemptState.SENDING)
_RANK = {AttemptState.APPROVED: 2, AttemptState.UNKNOWN: 1, AttemptState.PENDING: 1}


def counting(payment: PaymentIntent) -> Attempt | None:
    """Return the attempt that tells the payment's state: the approved one, one at risk, else the last."""
    return max(payment.attempts, key=lambda one: (_RANK.get(one.state, 0), one.number), default=None)


def keyed(payments: Iterable[PaymentIntent]) -> Attempt | None:
    """Return the attempt whose card session is open; None where none is."""
    tries = (attempt for payment in payments for attempt in payment.attempts)
    return next((one for one in tries if _is_keyed(one)), None)


def open_link(payment: PaymentIntent) -> Attempt | None:
    """Return the attempt whose customer has a link that can still be paid; None where none is."""
    return next((one for one in payment.attempts if one.link and one.state is AttemptState.OPEN), None)


def _is_keyed(attempt: Attempt) -> bool:
    capture = attempt.capture
    return attempt.state is AttemptState.OPEN and capture is not None and capture.state in LIVE


def taken(payment: PaymentIntent) -> Amount:
    """Return what was taken, or is to be: what was agreed, unless a supervisor accepted another amount."""
    attempt = counting(payment)
    return attempt.charged or payment.amount if attempt else payment.amount


def rest_words(agreed: Money, took: Money) -> str:
    """Return what becomes of the difference where another amount was taken than was agreed."""
    if took.currency != agreed.currency:
        return _(
            "{agreed} was agreed. A person posts {other} or gives it back; until then nobody pays it again."
        ).format(agreed=agreed, other=took)
    if took < agreed:
        return _("{agreed} was agreed: {rest} stays owed.").format(agreed=agreed, rest=agreed - took)
    return _("{agreed} was agreed: {other} stays on the account as credit, or is refunded.").format(
        agreed=agreed, other=took - agreed
    )


def badge_kind(state: AttemptState | None, *, by_link: bool = False) -> str:
    """Return the kind of badge for where a try stands, the same on every screen; None: none was made."""
    if state is None:
        return "draft"
    if state is AttemptState.OPEN:
        return "link" if by_link else "capturing"
    return state.value


def payment_kind(payment: PaymentIntent) -> str:
    """Return the kind of badge for where a payment stands: of the try that counts."""
    attempt = counting(payment)
    return badge_kind(payment.state, by_link=attempt is not None and attempt.link is not None)


def refund_kind(back: Amount, of: Amount) -> str:
    """Return the kind of badge that says whether all or a part of what was taken went back."""
    return "refunded" if back.minor >= of.minor else "part_refund"


def is_live(payment: PaymentIntent) -> bool:
    """Say whether a card is being taken for it now; a link waits without anybody."""
    return any(one.state in _LIVE and one.link is None for one in payment.attempts)
