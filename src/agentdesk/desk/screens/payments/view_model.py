"""The payment log: pages by filters, one payment in full, replay and receipts."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.counting import taken
from agentdesk.desk.following import Following
from agentdesk.desk.numbers import tenths
from agentdesk.desk.screens.payments.columns import columns
from agentdesk.desk.screens.payments.decide_view_model import undecided
from agentdesk.desk.screens.payments.filters import Filters
from agentdesk.desk.session import Connection, ConnectionState, Session
from agentdesk.desk.tables.keyset_table import KeysetTable
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.people import Permission
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.i18n import _
from agentdesk.wire.payment_log import PaymentLogPage, PaymentRow, PaymentTotals
from agentdesk.wire.payments import (
    Attempt,
    PaymentDetail,
    PaymentIntent,
    ReceiptIn,
    Stop,
    StopDecision,
    WriteBack,
)
from agentdesk.wire.people import Colleague
from agentdesk.wire.work import CloseAlarm, DoneByHand, WorkItem

OLD_AFTER = timedelta(seconds=15)
_PAGE = 50
_OURS = "hub"


@dataclass(frozen=True)
class Evidence:
    """One statement that can be shown to an auditor; `at` None: nobody has told it."""

    statement: str
    source: str
    at: datetime | None


class PaymentsViewModel(QObject):
    """Asks for pages and details; `changed` is about the list, `detail_changed` about the open payment."""

    changed = Signal()
    detail_changed = Signal()
    receipt_came = Signal(object, str)
    """The PDF's bytes and the payment's short reference."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.filters = Filters()
        self.table = KeysetTable(columns(self.today), lambda row: row.intent_id, self)
        self.totals: PaymentTotals | None = None
        self.error: AgentDeskError | None = None
        self.agents: list[Colleague] = []
        self.row: PaymentRow | None = None
        self.detail: PaymentDetail | None = None
        self.detail_error: AgentDeskError | None = None
        self.action_error: AgentDeskError | None = None
        self.note: WorkItem | None = None
        """The call, or its note, that is open instead of a payment."""
        self.notice = ""
        """What was just done to the open payment."""
        self._generation = 0
        self._receipt_key = new_ulid()
        self._make_commands()
        session.connection_changed.connect(self._reconnect)

    def _make_commands(self) -> None:
        tasks, client = self.session.tasks, self.session.client
        self.load_page = Command(tasks, self._page, self)
        self.load_agents = Command(tasks, client.agents, self)
        self.load_detail = Command(tasks, client.payment, self)
        self.replay = Command(tasks, client.replay_write_back, self)
        self.close_alarm = Command(tasks, self._close_alarm, self)
        self.mark_done = Command(tasks, self._mark_done, self)
        self.decide_stop = Command(tasks, self._decide_stop, self)
        self.expire_link = Command(tasks, client.cancel, self)
        self.see_unrecorded = Command(tasks, client.see_unrecorded, self)
        self.send_receipt = Command(tasks, self._send_receipt, self)
        self.fetch_receipt = Command(tasks, self._fetch_receipt, self)
        self.table.wanted.connect(self._want_page)
        self.table.state_changed.connect(self.changed)
        self.load_page.done.connect(self._take_page)
        self.load_page.failed.connect(self._miss_page)
        self.load_agents.done.connect(self._take_agents)
        self.load_agents.failed.connect(self._miss_agents)
        self.load_detail.done.connect(self._take_detail)
        self.load_detail.failed.connect(self._miss_detail)
        self._following = Following(self.session, lambda: self.detail.payment if self.detail else None, self)
        self._following.came.connect(self._take_followed)
        self.fetch_receipt.done.connect(lambda came: self.receipt_came.emit(*came))
        settling = (self.close_alarm, self.mark_done, self.decide_stop, self.expire_link)
        for action in (self.replay, self.send_receipt, self.see_unrecorded, *settling):
            action.done.connect(self.load_again)
        self.session.work_changed.connect(self._hear)
        alone = (self.replay, self.send_receipt, self.fetch_receipt, self.expire_link, self.see_unrecorded)
        for action in alone:  # of no form that could tell it
            action.failed.connect(self._miss_action)

    # --- the list

    def today(self) -> date:
        """Return this computer's day by the hub's clock."""
        return self.session.clock.today()

    def start(self) -> None:
        """Get what the page shows first."""
        self.table.reload()
        self.load_agents.start()

    def show(self, **wanted: object) -> None:
        """Change filters and show what matches them; the same ones again try what failed."""
        changed = replace(self.filters, **wanted)  # type: ignore[arg-type]
        if changed != self.filters:
            self.filters, self.totals = changed, None
            self.table.reload()
        elif self.table.has_failed:
            self.table.again()

    def clear(self) -> None:
        """Show today's payments of everybody."""
        self.show(**{name: getattr(Filters(), name) for name in Filters.__dataclass_fields__})

    def refresh(self) -> None:
        """Get the newest payments; what is shown stays until they have come."""
        self.table.reload(keep=True)
        if not self.agents:
            self.load_agents.start()
        if self.row is not None:
            self.load_detail.restart(self.row.intent_id)

    def refresh_if_old(self) -> None:
        """Get the newest payments when the totals are old and nothing else is under way."""
        connected = self.session.connection.state is ConnectionState.LIVE
        idle = not self.table.is_waiting and not self.table.has_failed
        age = self.session.clock.now() - self.totals.as_of if self.totals else timedelta(0)
        if connected and idle and age > OLD_AFTER:
            self.table.reload(keep=True)

    def agent_name(self) -> str:
        """Return whose payments are shown."""
        named = {one.user_id: one.name for one in self.agents}
        return named.get(self.filters.agent or "", _("All agents"))

    def routes(self) -> dict[str, str]:
        """Return the ways to pay, by their wire value."""
        readiness = self.session.readiness
        return {one.route: one.title for one in readiness.routes} if readiness else {}

    # --- one payment

    def open(self, row: PaymentRow) -> None:
        """Show a payment's story."""
        if self.row is None or self.row.intent_id != row.intent_id:
            self.detail, self.detail_error, self.action_error, self.notice = None, None, None, ""
        self.note = None
        self.row = row
        self.detail_changed.emit()
        self.load_detail.restart(row.intent_id)

    def open_work(self, item: WorkItem) -> None:
        """Show what waits: its payment, or the note of its call."""
        if item.payment is not None:
            self.open(item.payment)
        else:
            self.close()
            self.note = item
            self.detail_changed.emit()

    def say(self, words: str) -> None:
        """Tell in the drawer what was just done, and get the payment's newest form."""
        self.notice = words
        self.load_again(None)

    @property
    def may_decide(self) -> bool:
        """Whether outcomes may be decided and alarms closed."""
        return self.session.may(Permission.DECIDE_OUTCOME)

    @property
    def undecided(self) -> Attempt | None:
        """The open payment's attempt that waits for this person's decision."""
        attempt = undecided(self.detail.payment) if self.detail and self.may_decide else None
        check = attempt.check if attempt else None
        early = check is not None and not (
            check.person_from and check.person_from <= self.session.clock.now()
        )
        return None if early else attempt

    @property
    def asked_stop(self) -> Stop | None:
        """What a supervisor was asked to let go on, of the open payment; None where nothing waits."""
        stop = self.detail.payment.stop if self.detail else None
        if stop is None or stop.asked_at is None or stop.allowed is not None or not stop.can_ask:
            return None
        return stop if self.session.may(Permission.ALLOW_DUPLICATE) else None

    @property
    def is_own(self) -> bool:
        """Whether the open payment is this person's: somebody else has to allow it."""
        me = self.session.person
        return self.detail is not None and me is not None and self.detail.payment.agent == me.user_id

    def close(self) -> None:
        """Show no payment."""
        self.load_detail.cancel()
        self.note, self.notice = None, ""
        self.row = self.detail = self.detail_error = self.action_error = None
        self.detail_changed.emit()

    def step(self, by: int) -> PaymentRow | None:
        """Return the row above or below the open one; None at the ends."""
        place = self.table.place(self.row.intent_id) if self.row else None
        if place is None or not 0 <= place + by < self.table.rowCount():
            return None
        return self.table.row(place + by)  # type: ignore[no-any-return]

    def get_receipt(self) -> None:
        """Get the open payment's receipt; `receipt_came` follows."""
        self.fetch_receipt.start()

    @property
    def may_replay(self) -> bool:
        """Whether parked write-backs may be tried again."""
        return self.session.may(Permission.REPLAY_WRITE_BACK)

    @property
    def has_receipt(self) -> bool:
        """Whether the open payment was approved, so that it has a receipt."""
        return self.detail is not None and self.detail.payment.state is AttemptState.APPROVED

    @property
    def was_receipted(self) -> bool:
        """Whether a receipt was asked for already."""
        owed = self.detail.payment.write_backs if self.detail else []
        return any(one.kind is WriteBackKind.RECEIPT for one in owed)

    # --- inside

    def _reconnect(self, connection: Connection) -> None:
        if connection.state is ConnectionState.LIVE and self.table.has_failed:
            self.table.again()

    async def _page(self, generation: int, cursor: str | None) -> tuple[int, PaymentLogPage]:
        query = self.filters.query(self.today())
        return generation, await self.session.client.payment_log(**query, cursor=cursor, limit=_PAGE)

    def _want_page(self, generation: int, cursor: str | None) -> None:
        self._generation = generation
        self.error = None
        self.load_page.restart(generation, cursor)

    def _take_page(self, came: tuple[int, PaymentLogPage]) -> None:
        generation, page = came
        if page.totals is not None:
            self.totals = page.totals
        self.table.take(generation, page)

    def _miss_page(self, error: AgentDeskError) -> None:
        self.error = error
        self.table.fail(self._generation)

    def _take_agents(self, agents: list[Colleague]) -> None:
        self.agents = agents
        self.changed.emit()

    def _miss_agents(self, _error: AgentDeskError) -> None:
        self.agents = []  # the next refresh asks again; the log itself says when the hub is away

    def _take_detail(self, detail: PaymentDetail) -> None:
        if self.row is None or detail.payment.intent_id != self.row.intent_id:
            return
        self.detail, self.detail_error = detail, None
        self._keep_row(detail.payment)
        self.detail_changed.emit()

    def _take_followed(self, detail: PaymentDetail) -> None:
        if detail != self.detail:  # else what shows, and the keyboard in it, stays
            self._take_detail(detail)

    def _miss_detail(self, error: AgentDeskError) -> None:
        self.detail_error = error
        self.detail_changed.emit()

    def _hear(self) -> None:
        if self.row is not None:
            self.load_detail.restart(self.row.intent_id)

    def load_again(self, answer: object = None) -> None:
        """Get the open payment as it is after an action."""
        self.action_error = None
        if self.note is not None and isinstance(answer, WriteBack):
            self.note = self.note.model_copy(update={"write_back": answer})
            self.detail_changed.emit()
        if self.row is not None:
            self.load_detail.restart(self.row.intent_id)

    def _miss_action(self, error: AgentDeskError) -> None:
        self.action_error = error
        self.detail_changed.emit()

    def _keep_row(self, payment: PaymentIntent) -> None:
        assert self.row is not None, "a row is kept while its payment is open"
        states = {one.kind: one.state for one in payment.write_backs}
        undone = [one for refund in payment.refunds for one in refund.write_backs]
        states |= {one.kind: one.state for one in undone if one.state is not WriteBackState.DONE}
        newer = {"state": payment.state, "amount": taken(payment), "refunded": payment.refunded}
        newer["write_backs"] = [states.get(kind) for kind in WriteBackKind]
        self.row = self.row.model_copy(update=newer)
        self.table.update_row(self.row)

    async def _send_receipt(self, email: str) -> PaymentIntent:
        assert self.row is not None, "a receipt is of the open payment"
        wish = ReceiptIn(email=email, key=self._receipt_key)
        payment = await self.session.client.send_receipt(self.row.intent_id, wish)
        self._receipt_key = new_ulid()  # the next press is a new wish; one that failed may have been kept
        return payment

    async def _close_alarm(self, alarmed: Attempt, reason: str) -> PaymentIntent:
        why = CloseAlarm(reason=reason, seen=alarmed.alarm or "")
        return await self.session.client.close_alarm(alarmed.attempt_id, why)

    async def _decide_stop(self, stop_id: str, allow: bool, reason: str) -> PaymentIntent:
        return await self.session.client.decide_stop(stop_id, StopDecision(allow=allow, reason=reason))

    async def _mark_done(self, write_back_id: str, reference: str, reason: str) -> WriteBack:
        done = DoneByHand(reference=reference, reason=reason)
        return await self.session.client.mark_done(write_back_id, done)

    async def _fetch_receipt(self) -> tuple[bytes, str]:
        row = self.row
        assert row is not None, "a receipt is of the open payment"
        return await self.session.client.receipt_pdf(row.intent_id), row.short_reference


def evidence(detail: PaymentDetail) -> list[Evidence]:
    """Return what proves how the card was taken, then what outside systems told, oldest first."""
    counting = _counting(detail.payment)
    told = [Evidence(item.title, source_words(item.source), item.at) for item in detail.timeline]
    outside = [one for item, one in zip(detail.timeline, told, strict=True) if item.source != _OURS]
    return (_secured(counting) if counting else []) + outside


def source_words(source: str) -> str:
    """Return `Stripe webhook` for `stripe webhook`, and nothing for what we did ourselves."""
    return "" if source == _OURS else source[:1].upper() + source[1:]


def parked(detail: PaymentDetail | None) -> int:
    """Return how many write-backs wait for a person."""
    return sum(one.state is WriteBackState.PARKED for one, _ in owed(detail)) if detail else 0


def owed(detail: PaymentDetail) -> list[tuple[WriteBack, str]]:
    """Return every write-back, the payment's own first, with what it is of: `, refund of £5.00`."""
    own = [(one, "") for one in detail.payment.write_backs]
    return own + [
        (one, _(", refund of {amount}").format(amount=refund.amount))
        for refund in detail.payment.refunds
        for one in refund.write_backs
    ]


def _counting(payment: PaymentIntent) -> Attempt | None:
    same = [one for one in payment.attempts if one.state is payment.state]
    return same[-1] if same else None


def _secured(attempt: Attempt) -> list[Evidence]:
    capture = attempt.capture
    if capture is None:
        return []
    asked = [field.asked_at for field in capture.fields if field.asked_at]
    paused = capture.recorder_paused_at
    gap = (
        _("{seconds} s before").format(seconds=tenths((min(asked) - paused).total_seconds()))
        if asked and paused
        else ""
    )
    return [
        Evidence(_("Recorder said paused before digit one"), gap, paused),
        Evidence(_("Tones masked by the provider"), "", capture.tones_masked_at),
        Evidence(_("Card entry closed"), "", capture.closed_at),
        Evidence(_("Recorder on again"), "", capture.recorder_resumed_at),
    ]
