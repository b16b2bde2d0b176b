"""Making a payment plan: what is agreed, why it cannot be, that the caller said yes, and doing it once."""

from dataclasses import replace
from datetime import date

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.hub_errors import may_be_done
from agentdesk.desk.proof import why_only_to_file
from agentdesk.desk.screens.payment.cards import cards, why_off
from agentdesk.desk.screens.payment.form import Form
from agentdesk.desk.screens.plan.standing import line, standing_of
from agentdesk.desk.screens.plan.terms import Terms, usual_first_day
from agentdesk.desk.screens.wrap_up.view_model import PROMISE, WrapUpViewModel
from agentdesk.desk.session import Session
from agentdesk.domain.contact import is_email
from agentdesk.domain.errors import AgentDeskError, Invalid
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.people import Permission
from agentdesk.domain.plan import Rhythm
from agentdesk.i18n import _
from agentdesk.wire.customers import OpenItem
from agentdesk.wire.model import Amount
from agentdesk.wire.plans import NewPlan, PaymentPlan, PlanRules

_REASON = "payment_plan"
_USUAL_COUNT = 3


class PlanMaking(QObject):
    """The form of one plan; `changed` when it opens, closes, or what it says changes.

    What changes the terms takes the caller's yes back and makes a new key: another plan is meant.
    """

    changed = Signal()
    made = Signal(object)
    """PaymentPlan that was just agreed."""

    def __init__(self, session: Session, form: Form, wrap_up: WrapUpViewModel) -> None:
        super().__init__()
        self.session, self._form, self._wrap_up = session, form, wrap_up
        self.terms: Terms | None = None
        """What is being agreed; None while the form is closed."""
        self.agreed = False
        self.receipt = ""
        """Where the receipts go, as it was typed; empty: nowhere."""
        self.error: AgentDeskError | None = None
        self._key, self._for, self._wording = "", ("", ""), ""
        self.send = Command(session.tasks, self._send, self)
        self.send.done.connect(self._take)
        self.send.failed.connect(self._miss)
        self.look = Command(session.tasks, session.look, self)
        for signal in (session.call_changed, session.customer_changed):
            signal.connect(self._follow)
        session.readiness_changed.connect(self._take_rules)
        for other in (session.payment_changed, session.connection_changed):
            other.connect(self.changed)

    # --- whether one can be made

    @property
    def rules(self) -> PlanRules | None:
        """The firm's rules; None where no plan is made."""
        return self.session.readiness.plans if self.session.readiness else None

    @property
    def why_not(self) -> str:
        """Why no plan can be made; empty where one can."""
        session = self.session
        if self.rules is None:
            return _("Payment plans are switched off here")
        if not session.may(Permission.TAKE_PAYMENT):
            return _("Your role does not take payments")
        if session.call is None:
            return _("A plan is made on a call")
        if why := session.connection.why_not or self._form.why_no_line:
            return why
        if session.live_attempt is not None:
            return _("A card entry is open")
        return self._why_not_for_customer()

    def _why_not_for_customer(self) -> str:
        session, choice = self.session, self._form.choice
        if self._is_lost:
            return ""  # what stands by now may be what was sent: the same key tells
        if session.customer is None or choice is None:
            return _("Choose the customer first")
        if (stands := standing_of(session)) is not None:
            return _("A plan stands already, {short_reference}").format(
                short_reference=stands.short_reference
            )
        if not cards(session):
            return _("Save a card with a payment first")
        if why := why_only_to_file(session) or self._why_no_card():
            return why.rstrip(".")
        return "" if self.payable else _("Nothing can be paid now")

    def _why_no_card(self) -> str:
        reasons = [why_off(self.session, one) for one in cards(self.session)]
        return "" if "" in reasons else reasons[0]

    # --- what it is about

    @property
    def payable(self) -> list[OpenItem]:
        """The invoices it can be about, oldest due first; none of which a payment is still being posted."""
        payable = self._form.choice.payable if self._form.choice else []
        return [one for one in payable if one.posting is None]

    @property
    def today(self) -> date:
        """This computer's day by the hub's clock."""
        return self.session.clock.today()

    @property
    def broken(self) -> Invalid | None:
        """Which of the firm's rules the terms break; None where none."""
        rules, terms = self.rules, self.terms
        return terms.problem(rules.policy, self.today) if rules and terms else None

    @property
    def unready(self) -> str:
        """Why the caller cannot be asked yet; empty where they can."""
        if self.terms is None or self.why_not:
            return self.why_not
        if self.terms.missing:
            return self.terms.missing
        return _("Not by the rules here") if self.broken else ""

    @property
    def problem(self) -> str:
        """Why it cannot be sent; empty where it can."""
        if why := self.unready:
            return why
        if self.receipt and not is_email(self.receipt):
            return _("That is not an email address")
        return "" if self.agreed else _("Ask the caller first")

    # --- doing

    def open(self) -> None:
        """Open the form with what is chosen to be paid now."""
        if self.terms is not None or self.why_not:
            return
        chosen = self._form.choice.chosen if self._form.choice else []
        items = tuple(one for one in self.payable if one.invoice_id in chosen)
        able = [one for one in cards(self.session) if not why_off(self.session, one)]
        count = min(_USUAL_COUNT, self.rules.most if self.rules else _USUAL_COUNT)
        first = usual_first_day(self.today, Rhythm.MONTHLY)
        self._for, self._wording = self._subject, self.rules.wording if self.rules else ""
        on_file = (self.session.customer.email if self.session.customer else None) or ""
        self.receipt = on_file if is_email(on_file) else ""  # the hub takes no other
        self._put(Terms(items, able[0], count, Rhythm.MONTHLY, first, self._currency))

    def close(self) -> None:
        """Close the form; nothing is agreed."""
        self.terms, self.error, self.agreed = None, None, False
        self.changed.emit()

    def put(self, terms: Terms) -> None:
        """Agree on something else."""
        if self.terms is not None and terms != self.terms:
            self._put(terms)

    def choose_rhythm(self, rhythm: Rhythm) -> None:
        """Take the payments this far apart; the first day goes along unless somebody chose it."""
        terms = self.terms
        if terms is not None:
            usual = terms.first_on == usual_first_day(self.today, terms.rhythm)
            first = usual_first_day(self.today, rhythm) if usual else terms.first_on
            self.put(replace(terms, rhythm=rhythm, first_on=first))

    def type_receipt(self, text: str) -> None:
        """Send the receipts there; nothing typed sends none."""
        if text.strip() != self.receipt:
            self.receipt, self._key = text.strip(), new_ulid()
            self.changed.emit()

    def agree(self, yes: bool) -> None:
        """Note whether the caller agreed to what was read out."""
        self.agreed = yes and not self.unready
        self.changed.emit()

    def make(self) -> None:
        """Make the plan, once."""
        if self.terms is not None and not self.problem:
            self.error = None
            self.send.start(self.terms)

    # --- inside

    def _put(self, terms: Terms) -> None:
        self.terms, self.agreed, self.error, self._key = terms, False, None, new_ulid()
        self.changed.emit()

    @property
    def _is_lost(self) -> bool:
        """Whether nobody knows yet what became of what was sent."""
        return self.error is not None and may_be_done(self.error)

    @property
    def _currency(self) -> str:
        return self._form.choice.currency if self._form.choice else ""

    @property
    def _subject(self) -> tuple[str, str]:
        call = self.session.call
        return (call.call_id if call else "", self.session.customer_id or "")

    async def _send(self, terms: Terms) -> PaymentPlan:
        call_id, customer_id = self._for
        assert terms.card and terms.count and terms.first_on, "`problem` says so"
        new = NewPlan(
            key=self._key,
            call_id=call_id,
            saved_card=terms.card.card_id,
            invoices=[one.invoice_id for one in terms.items],
            total=Amount.of(terms.total),
            count=terms.count,
            first_on=terms.first_on,
            rhythm=terms.rhythm,
            wording=self._wording,
            receipt_email=self.receipt or None,
        )
        return await self.session.client.make_plan(customer_id, new)

    def _take(self, plan: PaymentPlan) -> None:
        if self._subject == self._for:  # else another call shows by now
            reason = _REASON if _REASON in self._wrap_up.dispositions else ""
            note = _("Payment plan agreed: {line} Reference {short_reference}.").format(
                line=line(plan, self.today), short_reference=plan.short_reference
            )
            self._wrap_up.suggest(reason, note, PROMISE)
            self.session.load_customer.restart(True)
        self.close()
        self.made.emit(plan)

    def _miss(self, error: AgentDeskError) -> None:
        if not may_be_done(error):
            self._key = new_ulid()  # the hub said no: the next press is a new decision
            self.session.load_customer.restart(True)  # what it was about may be another by now
            self.look.restart()  # and so may the rules
        if self.terms is not None:
            self.error = error
        self.changed.emit()

    def _follow(self, _new: object = None) -> None:
        """Close the form when another call or customer shows; go by what the invoices owe now."""
        if self.terms is not None and self._subject != self._for:
            self.close()
        elif self.terms is not None and not (self._is_lost or self.send.is_running):
            self._keep_up(self.terms)
        self.changed.emit()

    def _take_rules(self) -> None:
        """Ask the caller anew where the words to read out are others now."""
        wording = self.rules.wording if self.rules else ""
        waits = self._is_lost or self.send.is_running
        if self.terms is not None and wording != self._wording and not waits:
            error, self._wording = self.error, wording
            self._put(self.terms)
            self.error = error
        self.changed.emit()

    def _keep_up(self, terms: Terms) -> None:
        if self.session.customer is None:
            return
        chosen = {one.invoice_id for one in terms.items}
        items = tuple(one for one in self.payable if one.invoice_id in chosen)
        mine = terms.card.card_id if terms.card else ""
        able = [one for one in cards(self.session) if not why_off(self.session, one)]
        card = next((one for one in able if one.card_id == mine), None)
        if (items, card) != (terms.items, terms.card):
            error = self.error
            self._put(replace(terms, items=items, card=card))
            self.error = error
