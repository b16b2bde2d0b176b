"""What the desk makes of a card being keyed: the tone doctor's word, a card refused before, typed digits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import structlog
from PySide6.QtCore import QObject

from agentdesk.desk.command import Command
from agentdesk.desk.screens.payment.form import LINK
from agentdesk.desk.screens.payment.place import Place
from agentdesk.domain.capture import CardField, CloseCause
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.tones import Remedy
from agentdesk.wire.captures import FieldOut, FieldState, FindingOut
from agentdesk.wire.payments import Attempt, CardOut, PaymentIntent

if TYPE_CHECKING:
    from agentdesk.desk.screens.payment.view_model import PaymentViewModel

log = structlog.get_logger(__name__)

#: What a failed field offers beside asking again.
_HARD = (Remedy.SLOWLY, Remedy.OTHER_ROUTE)


class Keying(QObject):
    """Follows the payment that shows while its card is keyed."""

    def __init__(self, model: PaymentViewModel) -> None:
        super().__init__(model)
        self._model = model
        self._link_after: str | None = None
        self._told: object = None
        self._digits = Command(model.session.tasks, self._tell_digits, self)
        self._digits.failed.connect(self._not_told)

    @property
    def failed_field(self) -> FieldOut | None:
        """The field that has to be asked for again."""
        field = self._model.next_field
        return field if field is not None and field.state is FieldState.FAILED else None

    @property
    def finding(self) -> FindingOut | None:
        """What the tone doctor says of it."""
        return self.failed_field.finding if self.failed_field else None

    @property
    def is_hard(self) -> bool:
        """Whether asking again as before is not what the doctor advises."""
        return self.finding is not None and self.finding.remedy in _HARD

    @property
    def can_slow(self) -> bool:
        """Whether asking slowly is still something new."""
        return self.is_hard and self.failed_field is not None and not self.failed_field.slow

    @property
    def can_link(self) -> bool:
        """Whether a link is advised, and one can be sent."""
        model = self._model
        advised = self.finding is not None and self.finding.remedy is Remedy.OTHER_ROUTE
        route = next((one for one in model.form.routes if one.route == LINK), None)
        open_route = route is not None and not route.off_reason
        return advised and open_route and not model.session.connection.is_lost

    @property
    def refused_before(self) -> Attempt | None:
        """The earlier try of this call whose card the bank refused, where this one looks like it."""
        attempt = self._model.attempt
        return refused_before(self._model.session.payments_of_call, attempt) if attempt else None

    def ask_slowly(self) -> None:
        """Ask again and give the caller longer for each key, from now on."""
        if self.can_slow and self.failed_field is not None:
            self._model.ask(self.failed_field.field, slow=True)

    def link_instead(self) -> None:
        """Close the card entry; when the hub has confirmed that, ask where the link goes."""
        attempt = self._model.attempt
        if self.can_link and attempt is not None:
            self._link_after = attempt.attempt_id
            self._model.cancel(CloseCause.LINK)

    def follow(self) -> None:
        """Go on to the link once its card entry is closed."""
        attempt = self._model.attempt
        if (
            attempt is None
            or attempt.attempt_id != self._link_after
            or self._model.place is not Place.NOT_SENT
        ):
            return
        self._link_after = None
        if attempt.capture and attempt.capture.close_cause is CloseCause.LINK:
            self._model.link.ask()

    def note_digits(self) -> None:
        """Tell the hub that digits were typed here: once for each try of a field."""
        live, field = self._model.session.live_attempt, self._model.live_field
        if live is None:
            return
        now = (live.attempt_id, field and field.field, field and field.tries)
        if now != self._told and self._digits.start(live.attempt_id):
            self._told = now

    def _not_told(self, error: AgentDeskError) -> None:
        self._told = None
        log.warning("digits typed during card entry could not be recorded yet", code=error.code)

    async def _tell_digits(self, attempt_id: str) -> None:
        await self._model.session.client.refuse_digits(attempt_id)


def refused_before(payments: Iterable[PaymentIntent], attempt: Attempt) -> Attempt | None:
    """Return the try of these payments whose card the bank refused, where the one keyed now looks like it.

    Brand and last four are all that is known: another card can look the same.
    """
    capture = attempt.capture
    if attempt.state is not AttemptState.OPEN or capture is None:
        return None
    keyed = any(one.field is CardField.NUMBER and one.state is FieldState.DONE for one in capture.fields)
    tries = (one for payment in payments for one in payment.attempts)
    alike = [one for one in tries if _refused(one) and _alike(one.card, attempt.card)]
    return alike[-1] if keyed and alike else None


def _refused(attempt: Attempt) -> bool:
    return attempt.state is AttemptState.DECLINED and not (
        attempt.decline and attempt.decline.retry_same_card
    )


def _alike(one: CardOut | None, other: CardOut | None) -> bool:
    if one is None or other is None or not one.last4:
        return False
    return (one.brand, one.last4) == (other.brand, other.last4)
