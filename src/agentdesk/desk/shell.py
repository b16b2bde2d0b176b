"""The signed-in desk: top bar, three regions, pages, status bar, and the keys that work everywhere."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QStackedWidget, QWidget

from agentdesk.desk import times
from agentdesk.desk.agreements import Agreements
from agentdesk.desk.command import Command
from agentdesk.desk.ended import EndedBanner
from agentdesk.desk.help_overlay import HelpOverlay
from agentdesk.desk.journey import JOURNEY, JOURNEY_KEY, JourneyOverlay
from agentdesk.desk.keys import Keys
from agentdesk.desk.lamps import doing, show_lamps
from agentdesk.desk.reach import by_key, by_words
from agentdesk.desk.region import Region
from agentdesk.desk.regions import WIDE, Regions
from agentdesk.desk.renewing import RenewModel, RenewPlace
from agentdesk.desk.screens.by_hand.view import ByHandPlace
from agentdesk.desk.screens.by_hand.view_model import ByHandViewModel
from agentdesk.desk.screens.call.view import CallView
from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.desk.screens.command_box.view import CommandBox
from agentdesk.desk.screens.command_box.view_model import GO, Action, CommandBoxViewModel, Opening
from agentdesk.desk.screens.customer.past import PastViewModel
from agentdesk.desk.screens.customer.past_view import PastPlace
from agentdesk.desk.screens.customer.view import CustomerView
from agentdesk.desk.screens.customer.view_model import CustomerViewModel
from agentdesk.desk.screens.help.asking import AskingBar, AskingModel
from agentdesk.desk.screens.help.coming import ComingBar, ComingModel
from agentdesk.desk.screens.incoming.view import IncomingBanner
from agentdesk.desk.screens.incoming.view_model import IncomingViewModel
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.screens.payments.view import PaymentsView
from agentdesk.desk.screens.payments.view_model import PaymentsViewModel
from agentdesk.desk.screens.payments.work_view_model import WorkViewModel
from agentdesk.desk.screens.readiness.view import ALL_KEY, ReadinessPlace
from agentdesk.desk.screens.readiness.view import KEYS as REMEDY_KEYS
from agentdesk.desk.screens.readiness.view_model import ReadinessViewModel
from agentdesk.desk.screens.refunds.view import RefundsView
from agentdesk.desk.screens.refunds.view_model import RefundsViewModel
from agentdesk.desk.screens.rehearse.banner import RehearsalBanner
from agentdesk.desk.screens.rehearse.view import RehearseView
from agentdesk.desk.screens.rehearse.view_model import RehearseViewModel
from agentdesk.desk.screens.waiting.view import WaitingView
from agentdesk.desk.screens.waiting.view_model import WaitingViewModel
from agentdesk.desk.screens.wrap_up.view import WrapUpView
from agentdesk.desk.screens.wrap_up.view_model import WrapUpViewModel
from agentdesk.desk.session import Connection, ConnectionState, Session
from agentdesk.desk.session_end import SessionEnd
from agentdesk.desk.show import Show
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column
from agentdesk.desk.widgets.drawer import DrawerGround
from agentdesk.desk.widgets.focus import is_typing
from agentdesk.desk.widgets.frame import StatusBar, TopBar
from agentdesk.desk.widgets.inputs import refusals
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.widgets.overlay import Overlay
from agentdesk.desk.widgets.shapes import initials
from agentdesk.domain.error_words import TEXT
from agentdesk.domain.people import Permission
from agentdesk.i18n import _
from agentdesk.wire.customers import Customer
from agentdesk.wire.payments import PaymentIntent

_LOST = TEXT["hub_unreachable"]


class Shell(Column):
    """One window for one person. Signal `account(button)`: the person's menu is asked for.

    `more` gives what the window itself can do, for the command box.
    A new screen is one line in `_build_screens`.
    """

    account = Signal(object)

    def __init__(self, session: Session, more: Callable[[], list[Action]] = list) -> None:
        super().__init__()
        self.session, self.keys, self._more = session, Keys(), more
        self._note_refusal = Command(session.tasks, session.client.note_refusal, self)
        self._was_lost = False
        self._follow()
        self._build_screens()
        self._build_bars()
        self._build_desk()
        self.add(RehearsalBanner(self._rehearse, self, self.keys))
        renew = RenewModel(session)
        self.renew = RenewPlace(renew, self)
        self.add(SessionEnd(session, self, renew, self.keys))
        self.add(self.top_bar)
        self.add(self._incoming)
        self._below_bar.add((self._pages, 1))
        self.add((self._below_bar, 1))
        self.add(self.status_bar)
        self._add_keys()
        self._listen()

    def _follow(self) -> None:
        """Hear of changes before any screen does: one that goes away shows them no more."""
        session, show = self.session, Show(self._refresh, self)
        for changed in (session.call_changed, session.ringing_changed, session.readiness_changed):
            changed.connect(show.ask)
        for changed in (session.payment_changed, session.shown_payment_changed):
            changed.connect(show.ask)

    def _build_screens(self) -> None:
        self._customers = CustomerViewModel(self.session)
        self.customer = CustomerView(self._customers, self.keys)
        past, wrap_up = PastViewModel(self.session), WrapUpViewModel(self.session)
        self.past = PastPlace(past, self)
        self._customers.payment_wanted.connect(past.open)
        payment = PaymentViewModel(self.session, wrap_up)
        payment.stopping.look_wanted.connect(past.open)
        self.call = CallView(CallViewModel(self.session, lambda: not payment.link.why_not), self.keys)
        self._opening = Opening(self._show_payment, past.open, lambda: payment.in_call.why_not_switch)
        agreed = self.agreed = Agreements(self.session, payment.form, wrap_up, past.open, self)
        self.customer.plan_wanted.connect(agreed.plans.show)
        ready = ReadinessViewModel(self.session)
        self.readiness = ReadinessPlace(ready, self)
        between, by_hand = WaitingViewModel(self.session), ByHandViewModel(self.session)
        self.centre: dict[str, Region] = {
            "waiting": WaitingView(between, ready, self.readiness.do, by_hand, self.keys),
            "payment": PaymentView(payment, agreed.promise.model, agreed.plans, self.keys),
            "wrap_up": WrapUpView(payment, agreed.promise.model, self.keys),
        }
        self._by_hand = ByHandPlace(by_hand, self, self.keys)
        self.pages: dict[str, QWidget] = {}
        self._below_bar = DrawerGround()
        if self.session.may(Permission.SEE_PAYMENT_LOG):
            work = WorkViewModel(self.session)
            payments = PaymentsView(PaymentsViewModel(self.session), work, self.keys)
            coming = ComingBar(ComingModel(work))
            payments.help_chosen.connect(coming.focus_on)
            payments.plan_chosen.connect(agreed.plans.model.open)
            self.pages[_("Payments")], self._below_bar = payments, DrawerGround(coming)
            work.changed.connect(lambda: self.top_bar.set_count(_("Payments"), work.count))
        elif self.session.may(Permission.REFUND):
            self.pages[_("Refunds")] = RefundsView(RefundsViewModel(self.session), self.keys)
        self._rehearse = RehearseViewModel(self.session)
        self.pages[RehearseView.title] = RehearseView(self._rehearse)

    def _build_bars(self) -> None:
        person = self.session.person
        assert person is not None, "the shell is for somebody signed in"
        self.top_bar = TopBar([_("Desk"), *self.pages], person.name, initials(person.name))
        self.status_bar = StatusBar()

    def _build_desk(self) -> None:
        self._stack = QStackedWidget()
        for region in self.centre.values():
            self._stack.addWidget(region)
        self._lost = Banner("danger", "wifi-slash", _("Connection lost"), _(_LOST), flush=20)
        self._lost.hide()
        self._closed = Banner("info", "lock-simple", _("Card entry was closed"), "", _("Close"), flush=20)
        self._closed.hide()
        self._closed.pressed.connect(self._closed.hide)
        asking = AskingBar(AskingModel(self.session), self.keys, self)
        middle = Column(self._lost, self._closed, asking, EndedBanner(self.session), (self._stack, 1))
        self._desk = Regions(self.customer, middle, self.call, self._knows_nobody)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._desk)
        for page in self.pages.values():
            self._pages.addWidget(page)
        self._incoming = IncomingBanner(IncomingViewModel(self.session), self, self.keys, self._is_waiting)
        self._incoming.connected.connect(self._bring)
        self.show_page(_("Payments") if _("Payments") in self.pages else _("Desk"))

    def _add_keys(self) -> None:
        add = self.keys.add
        add(self, _("Find or do anything"), "Ctrl K", self.open_command_box, minor=True)
        add(self, _("Find a customer"), "Ctrl F", self.find_customer, minor=True)
        self.agreed.add_keys(self.keys, self._desk)
        add(self._desk, _("Next region"), "F6", partial(self.move_region, 1))
        add(self._desk, _("Region before"), "Shift F6", partial(self.move_region, -1), minor=True)
        add(self, _("Rehearse with a pretended caller"), "Ctrl R", self.rehearse, minor=True)
        add(self, _("Is everything ready?"), ALL_KEY, self.readiness.open, minor=True)
        for remedy, do in self.readiness.do.items():
            add(self, *REMEDY_KEYS[remedy], do, minor=True)
        add(self, _("Looks, text size, sign out"), "F12", self._ask_for_menu, minor=True)
        add(self, _("What can I do here"), "F1", self.show_help, minor=True)
        add(self, JOURNEY, JOURNEY_KEY, self.show_journey, minor=True)

    def _listen(self) -> None:
        session = self.session
        self.top_bar.page.connect(self.show_page)
        self.top_bar.find.connect(self.open_command_box)
        self.top_bar.account.connect(self._ask_for_menu)
        session.connection_changed.connect(self._show_connection)
        session.clock.ticked.connect(self._tick)
        refusals.happened.connect(self._note_refusal.start)
        self._rehearse.begun.connect(lambda: self.show_page(_("Desk")))
        self._rehearse.scored.connect(self.rehearse)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow_focus)
        session.customer_changed.connect(self._name_customer)
        self._desk.wanted.connect(self._go_into)
        self._show_connection(session.connection)
        self._refresh()
        self._mark(self.current_centre)

    # --- places

    @property
    def current_centre(self) -> Region:
        """The region in the middle now."""
        region = self._stack.currentWidget()
        assert isinstance(region, Region)
        return region

    @property
    def regions(self) -> list[Region]:
        """The three regions, in the order of F6."""
        return [self.customer, self.current_centre, self.call]

    def show_page(self, name: str) -> None:
        """Show the desk or another page."""
        self.top_bar.set_page(name)
        self._pages.setCurrentWidget(self.pages.get(name, self._desk))
        self._incoming.refresh()
        self.keys.changed.emit()

    def move_region(self, step: int) -> None:
        """Put the keyboard into the next region, or the one before."""
        regions = self.regions
        place = regions.index(self._marked) if self._marked in regions else 1
        self._go_into(regions[(place + step) % len(regions)])

    def hold_focus(self) -> None:
        """Keep the keyboard in what is worked on when the part that had it goes away."""
        page = self._pages.currentWidget()
        if isinstance(page, PaymentsView | RefundsView | RehearseView):
            page.take_focus()
        else:
            self.current_centre.hold_focus()
            QTimer.singleShot(0, self, self._land_focus)  # what comes instead is there by then

    def show_closing(self, title: str, words: str) -> None:
        """Say what becomes of closing a card entry; without words there is nothing to say."""
        self._closed.set_words(title, words)
        self._closed.setVisible(bool(words))

    def rehearse(self) -> None:
        """Show the exercises."""
        self.show_page(RehearseView.title)
        self.hold_focus()

    def find_customer(self) -> None:
        """Search in the customer region."""
        self.show_page(_("Desk"))
        self._desk.unfold(self.customer)
        self.customer.find()
        self._desk.fold(self._marked)

    def show_help(self) -> None:
        """Show what can be done here, and all keys."""
        shown = self._pages.currentWidget()
        place = shown if isinstance(shown, PaymentsView | RefundsView | RehearseView) else self._marked
        hints = self.call.hints if shown is self._desk else ()
        overlay = HelpOverlay(place.title, place.help_text, self.keys.now(), hints)
        overlay.asked_for_journey.connect(self.show_journey)
        self._leave_on_any_key(overlay)
        overlay.open_over(self.window())

    def show_journey(self) -> None:
        """Show the guide through an agent's whole day."""
        overlay = JourneyOverlay()
        self._leave_on_any_key(overlay)
        overlay.open_over(self.window())

    def open_command_box(self) -> None:
        """Let the agent find anything, or do it, by its name."""
        model = CommandBoxViewModel(self.session, self._customers, self._opening, self._actions())
        box = CommandBox(model)
        self._leave_on_any_key(box)
        box.open_over(self.window())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter do what is offered where a region itself has the keyboard: after a click beside all."""
        enters = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat()
        if enters and isinstance(QApplication.focusWidget(), QScrollArea):
            self.keys.press("Enter")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the words of the top bar where there is little room."""
        self.top_bar.set_narrow(event.size().width() < WIDE)

    # --- inside

    def _actions(self) -> list[Action]:
        """Return what can be done now and where one can go; what is off says why."""
        keyed = by_key([key for key in self.keys.now() if key.name != _("Find or do anything")])
        places = {_("Desk"): self._desk, **self.pages}
        there = [name for name, page in places.items() if page is not self._pages.currentWidget()]
        going = [Action(name, partial(self.show_page, name), GO, icon="arrow-right") for name in there]
        return [*keyed, *by_words(self._below_bar, keyed), *going, *self._more()]

    def _leave_on_any_key(self, overlay: Overlay) -> None:
        """Take what floats away when a key below it does something."""
        for key in self.keys.now():
            if key.action is not None:
                key.action.triggered.connect(overlay.leave)

    def _go_into(self, region: Region) -> None:
        self._desk.unfold(region)
        region.take_focus()
        self._mark(region)
        announce(region, region.title)

    def _ask_for_menu(self) -> None:
        self.account.emit(self.top_bar.person)

    def _knows_nobody(self) -> bool:
        return self.session.call is not None and self.session.customer_id is None

    def _name_customer(self, customer: Customer | None) -> None:
        self._desk.name_customer(customer.name if customer else "")
        self._desk.fold(self._marked)

    def _refresh(self) -> None:
        before, had = self._stack.currentWidget(), QApplication.focusWidget()
        self._stack.setCurrentWidget(self.centre[self._wanted()])
        if before is not self._stack.currentWidget():
            if had is not None and before.isAncestorOf(had):
                self.hold_focus()  # Qt would choose by the order in which the parts were made
            self._mark(self.current_centre)
        readiness = self.session.readiness
        self.top_bar.set_test_mode(readiness is not None and readiness.test_mode)
        self.top_bar.set_state(*doing(self.session))
        show_lamps(self.status_bar, self.session)
        self._incoming.refresh()
        self.keys.changed.emit()

    def _show_payment(self, payment: PaymentIntent) -> None:
        self.show_page(_("Desk"))
        self.session.open_payment(payment)

    def _is_waiting(self) -> bool:
        return self._pages.currentWidget() is self._desk and self.current_centre is self.centre["waiting"]

    def _bring(self) -> None:
        """Show the page of a call that has come; what somebody types elsewhere must not land on it."""
        now, typing = QApplication.focusWidget(), is_typing()
        self.show_page(_("Desk"))
        if typing and not self.customer.isAncestorOf(now):
            self.call.hold_focus()

    def _wanted(self) -> str:
        call = self.session.call
        if self.session.payment is None and call is None:
            return "waiting"
        wrapping_up = self.session.wrapping_up
        if wrapping_up is None:
            wrapping_up = call is not None and not self.session.line_is_open and not self.session.payment
        return "wrap_up" if wrapping_up else "payment"

    def _show_connection(self, connection: Connection) -> None:
        self._lost.setVisible(connection.is_lost)
        if connection.is_lost:
            title = _("Connection lost at {second}").format(second=times.second(connection.since))
            self._lost.set_words(title, _(_LOST).partition(". ")[2])
            announce(self._lost, f"{title}. {_(_LOST)}", assertive=True)
        elif connection.state is ConnectionState.LIVE and self._was_lost:
            announce(self, _("Connected again"), assertive=True)
        self._was_lost = connection.is_lost
        show_lamps(self.status_bar, self.session)
        self._tick(self.session.clock.now())

    def _tick(self, instant: datetime) -> None:
        self.status_bar.set_clock(times.second(instant))
        self.status_bar.set_fresh(*self.session.live.freshness())

    def _follow_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        for region in self.regions:
            if now is not None and region.isAncestorOf(now):
                self._mark(region)
        if now is None and self.isVisible() and self.window().isActiveWindow():
            self.hold_focus()
        elif now is self.current_centre:
            QTimer.singleShot(0, self, self._land_focus)

    def _land_focus(self) -> None:
        self.current_centre.land_focus()

    def _mark(self, region: Region) -> None:
        self._marked = region
        for one in (self.customer, *self.centre.values(), self.call):
            one.head.set_current(one is region)
        self._desk.fold(region)
