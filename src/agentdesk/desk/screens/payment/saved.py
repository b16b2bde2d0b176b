"""Saved cards in the payment that shows: reading out and charging one, and the consent to keep one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from agentdesk.desk.command import Command
from agentdesk.desk.draft import Draft
from agentdesk.desk.screens.payment.cards import SAVED, cards, why_off
from agentdesk.domain.capture import CaptureState
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.saved_card import SavedCardState
from agentdesk.i18n import _
from agentdesk.wire.payments import Attempt
from agentdesk.wire.readiness import RouteInfo
from agentdesk.wire.saved_cards import Consent, SavedCardRules

if TYPE_CHECKING:
    from agentdesk.desk.screens.payment.view_model import PaymentViewModel

_IN_TIME = (CaptureState.COLLECTING, CaptureState.COLLECTED)
#: A consent that still counts for something.
_STANDS = (SavedCardState.AGREED, SavedCardState.KEEPING, SavedCardState.KEPT)


@dataclass(frozen=True)
class Option:
    """A saved card to pick; `off` is why it cannot be."""

    card_id: str
    label: str
    detail: str
    off: str


class Saved(QObject):
    """The form of one payment or attempt: which card is read out. Nothing is sent before it is charged."""

    def __init__(self, model: PaymentViewModel) -> None:
        super().__init__(model)
        self._model = model
        self._asked_for: object = None
        self._picked: str | None = None
        self._reading: str | None = None
        tasks = model.session.tasks
        self.charge_command = Command(tasks, self._charge, model)
        self.agree_command = Command(tasks, self._agree, model)
        self.take_back_command = Command(tasks, self._take_back, model)
        model.session.draft_changed.connect(self.follow)

    # ---------------------------------------------------------------- which card
    @property
    def options(self) -> list[Option]:
        """Every saved card of the customer, the newest first."""
        session = self._model.session
        return [
            Option(
                one.card_id,
                one.label,
                _("Saved with {name}").format(name=one.agreed_by),
                why_off(session, one).rstrip("."),
            )
            for one in cards(session)
        ]

    @property
    def option(self) -> Option | None:
        """The card that is picked, else the newest that can be charged."""
        able = {one.card_id: one for one in self.options if not one.off}
        return able.get(self._picked or "") or next(iter(able.values()), None)

    @property
    def amount(self) -> Money | None:
        """What it would be charged."""
        payment = self._model.payment
        return payment.amount.money if payment else self._model.form.amount

    @property
    def route(self) -> RouteInfo | None:
        """The way to pay; None where it is not spoken of: no card is saved for this customer."""
        return next((one for one in self._model.form.routes if one.route == SAVED), None)

    @property
    def why_not(self) -> str:
        """Why no saved card can be charged; empty where one can."""
        model, route = self._model, self.route
        if route is None:
            return _("No card is saved for this customer")
        if route.off_reason:
            return route.off_reason.rstrip(".")
        if why := model.form.why_no_line:
            return why
        return model.form.why_not if model.attempt is None else model.why_no_further()

    @property
    def asking(self) -> bool:
        """Whether the form shows: what is read out before it is charged."""
        return self._asked_for == self._subject and not self.why_not

    def ask(self) -> None:
        """Show the form; nothing is charged by it."""
        if not self.why_not:
            self._asked_for, self._picked = self._subject, None
            self._changed()

    def back(self) -> None:
        """Leave the form; nothing was charged."""
        self._asked_for = None
        self._changed()

    def pick(self, card_id: str) -> None:
        """Take this card."""
        self._picked = card_id
        self._changed()

    def charge(self) -> None:
        """Charge the card that was read out; once."""
        option = self.option
        if self.asking and option is not None:
            self._model.error = None
            self.charge_command.start(option.card_id)

    # ---------------------------------------------------------------- the consent
    @property
    def rules(self) -> SavedCardRules | None:
        """The firm's rules; None where no card is kept."""
        readiness = self._model.session.readiness
        return readiness.saved_cards if readiness else None

    @property
    def consent(self) -> Consent | None:
        """The consent of the card entry that shows, as long as it counts."""
        attempt = self._model.attempt
        given = attempt.consent if attempt else None
        return given if given is not None and given.state in _STANDS else None

    @property
    def can_read(self) -> bool:
        """Whether the caller of this card entry may be asked to have the card kept."""
        return self._live is not None and self.rules is not None and self.consent is None

    @property
    def can_take_back(self) -> bool:
        """Whether a consent can be taken back before the card is submitted."""
        return self._live is not None and self.consent is not None

    @property
    def reading(self) -> bool:
        """Whether the words are being read to the caller."""
        live = self._live
        return self.can_read and live is not None and self._reading == live.attempt_id

    def read(self) -> None:
        """Show the words to read out."""
        live = self._live
        if self.can_read and live is not None:
            self._reading = live.attempt_id
            self._changed()

    def not_agreed(self) -> None:
        """The caller does not want it: nothing is kept."""
        self._reading = None
        self._changed()

    def agreed(self) -> None:
        """The caller agreed to the words that were read out."""
        live, rules, lost = self._live, self.rules, self._model.session.connection.is_lost
        if self.reading and live is not None and rules is not None and not lost:
            self._model.error = None
            self.agree_command.start(live.attempt_id, rules.wording)

    def take_back(self) -> None:
        """The caller does not want the card kept after all."""
        live, lost = self._live, self._model.session.connection.is_lost
        if self.can_take_back and live is not None and not lost:
            self._model.error = None
            self.take_back_command.start(live.attempt_id)

    # ---------------------------------------------------------------- what the script reads out
    def follow(self) -> None:
        """Tell what is read out now: a card before it is charged, or the words of the consent."""
        session, option = self._model.session, self.option if self.asking else None
        before, amount = session.draft, self.amount
        card = option.label.partition(",")[0] if option else ""  # nobody reads the expiry aloud
        if before is None:
            if not (card or self.reading) or amount is None:
                return
            before = Draft(amount, self.numbers)
        draft = replace(before, card=card, consent=self.reading)
        if draft != session.draft:
            session.set_draft(draft)

    @property
    def numbers(self) -> list[str]:
        """The numbers of the invoices that are paid."""
        payment = self._model.payment
        return [part.number for part in payment.allocations] if payment else self._model.form.numbers

    def _changed(self) -> None:
        self.follow()
        self._model.changed.emit()

    @property
    def _live(self) -> Attempt | None:
        """The attempt that shows, while its card is being keyed."""
        model, attempt = self._model, self._model.attempt
        open_entry = (
            attempt is not None and attempt.state is AttemptState.OPEN and attempt.capture is not None
        )
        if not open_entry or attempt is None or attempt.capture is None or model.submit_command.is_running:
            return None
        submitted = attempt.attempt_id in model.session.submitted
        return attempt if attempt.capture.state in _IN_TIME and not submitted else None

    @property
    def _subject(self) -> object:
        model = self._model
        call, attempt = model.session.call, model.attempt
        return call.call_id if call else None, attempt.attempt_id if attempt else None

    async def _charge(self, card_id: str) -> None:
        await self._model.start_try(await self._model.agree(), SAVED, saved_card=card_id)
        self._asked_for = None  # it is under way, or stopped: another press is another decision

    async def _agree(self, attempt_id: str, wording: str) -> None:
        session = self._model.session
        session.take_payment(await session.client.agree_to_save(attempt_id, wording))
        self._reading = None

    async def _take_back(self, attempt_id: str) -> None:
        session = self._model.session
        session.take_payment(await session.client.take_consent_back(attempt_id))
