"""The payment region: one place for the form, the card entry and the outcome, and the keys of each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.keys import Key, Keys
from agentdesk.desk.region import Region
from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.call_list import CallList
from agentdesk.desk.screens.payment.capturing import CaptureBody, show_bar
from agentdesk.desk.screens.payment.choice import Pick
from agentdesk.desk.screens.payment.choose import ChooseBody, nothing_owed
from agentdesk.desk.screens.payment.digit_guard import DigitGuard, is_covered, say_thrown
from agentdesk.desk.screens.payment.field_keys import FieldKeys
from agentdesk.desk.screens.payment.here import what_now
from agentdesk.desk.screens.payment.link_body import LinkBody
from agentdesk.desk.screens.payment.link_form import LinkForm
from agentdesk.desk.screens.payment.outcome import OutcomeBody
from agentdesk.desk.screens.payment.picks import PickKeys
from agentdesk.desk.screens.payment.place import Place
from agentdesk.desk.screens.payment.press import (
    BACK_KEY,
    CANCEL_KEY,
    ELSEWHERE_KEY,
    LEAVE_KEY,
    RECEIPT_KEY,
    Actions,
    Press,
)
from agentdesk.desk.screens.payment.presses import presses
from agentdesk.desk.screens.payment.qr import QrCode
from agentdesk.desk.screens.payment.routes import NumberKeys
from agentdesk.desk.screens.payment.saved_form import ChargingBody, SavedForm
from agentdesk.desk.screens.payment.stopped import StoppedBody
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.screens.payment.what import WhatToPay
from agentdesk.desk.screens.plan.offer import PlanOffer
from agentdesk.desk.screens.plan.place import PlanPlace
from agentdesk.desk.screens.promise.view import Standing
from agentdesk.desk.screens.promise.view_model import PromiseViewModel
from agentdesk.desk.show import Show
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.box import Column
from agentdesk.desk.widgets.button import Button, IconButton
from agentdesk.desk.widgets.notices import EmptyState, ErrorNote, Loading, PartError
from agentdesk.desk.widgets.secured_bar import SecuredBar
from agentdesk.i18n import _

_KEYS = {"Ctrl Enter": _("Finish"), "F4": _("Take payment"), "F7": _("Send link"), "F10": _("Submit")}
_STOP_KEYS = {"F2": _("Ask a supervisor"), "F3": _("Change the amount")}
_QUIET_KEYS = {
    LEAVE_KEY: _("No payment"),
    CANCEL_KEY: _("Cancel payment"),
    BACK_KEY: _("Back"),
    RECEIPT_KEY: _("Change where the receipt goes"),
    ELSEWHERE_KEY: _("Send it somewhere else"),
}
#: From this width on a promise has its press in the action bar, too.
_WIDE = 680
_CAPTURE = frozenset({Place.SECURING, Place.CAPTURE, Place.CANCELLING, Place.SENDING})
_LINK = frozenset({Place.LINK_FORM, Place.LINK})
_OUTCOME = frozenset({Place.APPROVED, Place.CHECKING, Place.OUT_OF_SIGHT, Place.DECLINED, Place.NOT_SENT})
_PROMISED = frozenset({Place.CHOOSE, Place.APPROVED, Place.DECLINED, Place.NOT_SENT})
Body = (
    ChooseBody
    | StoppedBody
    | CaptureBody
    | LinkForm
    | LinkBody
    | SavedForm
    | ChargingBody
    | OutcomeBody
    | None
)


class PaymentView(Region):
    """Follows the view model; holds no decision."""

    def __init__(
        self, model: PaymentViewModel, promise: PromiseViewModel, plans: PlanPlace, keys: Keys
    ) -> None:
        self._promised = IconButton("calendar-check", _("Promise to pay, Ctrl P"))
        self._planned = IconButton("calendar-plus", _("Payment plan, Alt P"))
        agreed = (self._planned, self._promised)
        for one in agreed:
            one.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the key is nearer, and F6 goes to the form
        super().__init__(_("Payment"), "", *agreed, ground="window", margin=20, actions=True)
        self._model, self._promise, self._plans, self._all_keys = model, promise, plans, keys
        self._promised.clicked.connect(promise.open)
        self._planned.clicked.connect(plans.ask)
        for changes in (promise, plans.making):
            changes.changed.connect(self._show_agreements)
        model.setParent(self)
        self._body: Body = None
        self._is_wide = False
        self._shown: tuple[object, ...] = ()
        self._bar, self._top, self._error = SecuredBar(), Column(), ErrorNote(flush=20)
        self.pinned.set_items([self._bar, Standing(promise), self._top])
        self._buttons: dict[str, Button] = {}
        self._names: tuple[object, ...] = ()
        self._confirming: Callable[[], None] | None = None
        self._error.pressed.connect(plans.show)
        self._add_keys(keys)
        self._qr = QrCode(model, self)
        self._show_agreements()
        self._guard = DigitGuard(model, self._throw_digit_away, self)
        model.changed.connect(self._guard.refresh)
        self._show_later = Show(self._show, self, only_seen=True)
        model.changed.connect(self._show_later.ask)
        model.session.clock.ticked.connect(self._tick)
        assert self.action_bar is not None, "asked for above"
        self.action_bar.confirmed.connect(self._confirmed)
        self.action_bar.kept.connect(self._kept)
        self._show()

    def _add_keys(self, keys: Keys) -> None:
        self._field_keys = FieldKeys(self._model, self, keys)
        self._keys: dict[str, Key] = {}
        for key, name in (_KEYS | _STOP_KEYS | _QUIET_KEYS).items():
            self._keys[key] = keys.add(self, name, key, partial(self._fire, key), minor=key in _QUIET_KEYS)
        self._number_keys = NumberKeys(self._model, self, keys)
        self._pick_keys = PickKeys(self, keys, self._pick, self._split)
        self._list = CallList(self._model.in_call, self, keys)
        self.foot.set_items([self._list, self._error])
        self._look_key = keys.add(self, _("Show what happened to it"), "F5", self._model.stopping.look)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move the press for a promise out of the action bar where that is narrow."""
        super().resizeEvent(event)
        if self._is_wide != (is_wide := event.size().width() >= theme.px(_WIDE)):
            self._is_wide = is_wide
            self._show_later.ask()

    # ---------------------------------------------------------------- showing
    def showEvent(self, event: QShowEvent) -> None:
        """Show what came while another part stood here."""
        super().showEvent(event)
        self._show_later.run()

    def _show(self) -> None:
        model = self._model
        self.help_text = what_now(model.place, line_is_open=model.session.line_is_open)
        self._show_head()
        self._show_agreements()
        self._show_bar(model.session.clock.now())
        identity = self._identity()
        if identity != self._shown:
            self._shown = identity
            self._build()
        elif self._body is not None:
            self._body.refresh()
        in_plan = model.error is not None and model.error.code == "in_plan"
        self._error.set_error(model.error, _("Show the plan") if in_plan else None)
        self._list.refresh()
        self._show_actions(self._actions())

    def _identity(self) -> tuple[object, ...]:
        model, session = self._model, self._model.session
        place, attempt = model.place, model.attempt
        line = (model.session.line_is_open, session.call is None)
        if place is Place.STOPPED:
            return place, model.stopping.payment and model.stopping.payment.intent_id
        if attempt is None:
            rest = model.form.rest
            return place, session.customer_id, _can_choose(model), rest and rest.first.intent_id, *line
        if place in _CAPTURE:
            return "capture", attempt.attempt_id
        return place, attempt.attempt_id, *line

    def _build(self) -> None:
        place = self._model.place
        self.droppable.clear()
        if place is Place.CHOOSE and _can_choose(self._model):
            self._body = ChooseBody(self._model, PlanOffer(self._plans))
            if isinstance(self._body.what, WhatToPay):
                self._body.what.plan_wanted.connect(self._plans.show)
        elif place is Place.STOPPED:
            self._body = StoppedBody(self._model)
        elif place is Place.SAVED_FORM:
            self._body = SavedForm(self._model)
        elif place in _CAPTURE:
            width = self.body.width() if self.body.isVisible() else 0
            in_sight = self._model.capture is not None
            self._body = CaptureBody(self._model, width) if in_sight else ChargingBody(self._model)
        elif place in _LINK:
            self._body = (
                LinkForm(self._model) if place is Place.LINK_FORM else LinkBody(self._model, self._all_keys)
            )
        elif place in _OUTCOME:
            self._body = OutcomeBody(self._model, self._all_keys)
            self._body.promise_wanted.connect(self._promise.open)
        else:
            self._body = None
        pinned = isinstance(self._body, OutcomeBody | LinkBody | StoppedBody)
        self._top.set_items([self._body.head] if pinned else [])
        self.droppable.extend(self._body.droppable if self._body else [])
        for widget in self.droppable:
            widget.setVisible(not self.is_low)
        self.set_body(self._body if self._body is not None else (self._empty(place), 1))

    def _empty(self, place: Place) -> QWidget:
        session = self._model.session
        if place is Place.NOBODY:
            return EmptyState(
                "user-circle", _("Who is calling?"), _("Choose the customer; what they owe shows here.")
            )
        if place is Place.LOADING:
            loading = Loading(_("Reading what is owed"))
            loading.start()
            return Column(loading, ..., margins=20)
        if place is Place.CHOOSE and session.customer is not None:
            read = session.customer.account_as_of or session.customer.record_as_of
            return nothing_owed(session.customer, times.minute(read))
        error = PartError(
            _("What is owed is not known"),
            _("The accounts do not answer. No payment was touched. What was taken before is safe."),
        )
        error.retry.connect(lambda: session.load_customer.restart(True))
        return Column(error, ..., margins=20)

    def _show_head(self) -> None:
        payment, attempt = self._model.payment, self._model.attempt
        stopped = self._model.stopping.payment
        if stopped is not None:
            self.set_note(_("Stopped, {short_reference}").format(short_reference=stopped.short_reference))
            return
        if payment is None or attempt is None:
            self.set_note(_("New, nothing sent yet"))
            return
        routes = {route.route: route.title for route in self._model.form.routes}
        self.set_note(f"{routes.get(attempt.route, attempt.route)}, {payment.short_reference}")

    def _show_agreements(self) -> None:
        in_bar = self._is_wide and self._model.place is Place.CHOOSE
        self._promised.setVisible(self._model.place in _PROMISED and not in_bar)
        self._promised.set_on_unless(self._promise.why_not)
        after = self._model.place in _PROMISED and self._model.place is not Place.CHOOSE
        self._planned.setVisible(after and self._plans.is_offered)
        self._planned.set_on_unless(self._plans.why_not)

    def _show_bar(self, now: datetime) -> None:
        self._bar.setVisible(show_bar(self._bar, self._model, now))

    def _tick(self, now: datetime) -> None:
        if not self.isVisible():
            return
        self._show_bar(now)
        if isinstance(self._body, OutcomeBody | ChooseBody):
            self._body.tick(now)
        elif isinstance(self._body, StoppedBody):
            self._body.tick(now)
            self._show_actions(self._actions())  # a permission ends by itself
        elif isinstance(self._body, CaptureBody | LinkBody):
            self._body.refresh()

    def _throw_digit_away(self) -> None:
        if isinstance(self._body, CaptureBody) and not is_covered(self._body):
            self._body.throw_digit_away()
        else:
            say_thrown(self.window())

    # ---------------------------------------------------------------- pressing
    def _show_actions(self, wanted: Actions) -> None:
        bar = self.action_bar
        assert bar is not None, "asked for above"
        names = (self._shown, [(press.name, press.kind, press.icon) for press in wanted.presses])
        if names != self._names:
            self._names, self._confirming = names, None
            self._buttons = {press.name: self._button(press) for press in wanted.presses}
            left = [self._buttons[press.name] for press in wanted.left]
            bar.set_actions(left, wanted.reason, self._buttons[wanted.main.name] if wanted.main else None)
        bar.set_reason(wanted.reason)
        for press in wanted.presses:
            _dress(self._buttons[press.name], press)
        self._show_keys(wanted)

    def _actions(self) -> Actions:
        """Return what can be pressed; beside the form a promise, too, where it is wide enough."""
        wanted = actions(self._model)
        if isinstance(self._body, ChooseBody):
            receipt = Press("receipt", self._body.receipt.change_words, key=RECEIPT_KEY)
            wanted = replace(wanted, elsewhere=(*wanted.elsewhere, receipt))
        if self._model.place is not Place.CHOOSE or self._model.session.call is None or not self._is_wide:
            return wanted
        promise = Press("promise", _("Promise to pay"), icon="calendar-check", off=self._promise.why_not)
        return replace(wanted, left=(*wanted.left[:-1], promise, *wanted.left[-1:]))

    def _button(self, press: Press) -> Button:
        large, key = press.kind not in ("ghost", "danger"), press.key if press.shows_key else None
        button = Button(press.words, press.kind, icon=press.icon, key=key, large=large, fires=False)
        button.adjustSize()  # a busy button keeps its width, also one that is busy from the start
        button.clicked.connect(lambda: self._press(press.name))
        return button

    def _show_keys(self, wanted: Actions) -> None:
        asking = self.action_bar is not None and self.action_bar.is_asking()
        by_key = wanted.keyed
        for name, key in self._keys.items():
            press = by_key.get(name)
            if press is None or asking:
                key.hide()
            elif press.off or press.busy:
                key.set_off(press.off or _("{busy} now").format(busy=press.busy), press.short or press.words)
            else:
                key.set_on(press.short or press.words)
        if self._model.place is Place.CHECKING and not asking:
            self._keys["F4"].set_off(_("The payment before is being checked"), _("Take payment"))
            if self._model.link.offered:
                self._keys["F7"].set_off(_("The payment before is being checked"), _("Send link"))
        if self._model.place is Place.STOPPED:
            self._look_key.set_on()
        else:
            self._look_key.hide()
        self._number_keys.refresh()
        self._pick_keys.show(None if self._what() is None or asking else self._model.form.choice)
        self._field_keys.refresh(asking)

    def _what(self) -> WhatToPay | None:
        what = self._body.what if isinstance(self._body, ChooseBody) else None
        return what if isinstance(what, WhatToPay) else None

    def _pick(self, pick: Pick) -> None:
        if (what := self._what()) is not None:
            what.pick(pick)

    def _split(self) -> None:
        if (what := self._what()) is not None:
            what.split.begin()

    def _fire(self, key: str, _checked: bool = False) -> None:
        press = self._actions().keyed.get(key)
        if press is not None and not press.off and not press.busy:
            self._press(press.name)

    def _press(self, name: str) -> None:
        mine = {"submit": self._submit, "cancel": self._ask_to_cancel, "expire": self._ask_to_expire}
        mine["promise"] = self._promise.open
        if isinstance(self._body, ChooseBody):
            mine["receipt"] = self._body.receipt.edit
        doing = presses(self._model) | mine
        doing[name]()

    def _submit(self) -> None:
        earlier, bar = self._model.keying.refused_before, self.action_bar
        assert bar is not None, "asked for above"
        if earlier is None or earlier.card is None or not self._model.can_submit:
            self._model.submit()
            return
        self._confirming = self._model.submit
        question = _("Submit {card} again?").format(card=earlier.card.label)
        meaning = _("Its bank has just said no.")
        bar.confirm(question, meaning, _("Another card"), _("Submit again"), go_icon="paper-plane-right")
        self._show_keys(self._actions())

    def _ask_to_cancel(self) -> None:
        assert self.action_bar is not None, "asked for above"
        self._confirming = self._model.cancel
        meaning = _("Nothing was sent. The card entry is thrown away.")
        self.action_bar.confirm(_("Cancel this payment?"), meaning, _("Keep going"), _("Cancel payment"))
        self._show_keys(self._actions())

    def _ask_to_expire(self) -> None:
        assert self.action_bar is not None, "asked for above"
        self._confirming = self._model.link.expire
        meaning = _("The customer can then no longer pay on it.")
        self.action_bar.confirm(_("Expire this link?"), meaning, _("Keep it open"), _("Expire link"))
        self._show_keys(self._actions())

    def _confirmed(self) -> None:
        confirmed, self._confirming = self._confirming, None
        if confirmed is not None:
            confirmed()
        self._show_keys(self._actions())

    def _kept(self) -> None:
        self._confirming = None
        self._show_keys(self._actions())


def _can_choose(model: PaymentViewModel) -> bool:
    """Say whether a payment has anything to be of: an invoice, on account, the rest of a split."""
    choice, rest = model.form.choice, model.form.rest
    return choice is not None and (bool(choice.items) or choice.may_be_on_account or rest is not None)


def _dress(button: Button, press: Press) -> None:
    if (press.busy or None) != (button.words() if button.is_busy() else None):
        button.set_busy(press.busy)
    if button.words() != press.words and not button.is_busy():
        button.setText(press.words)
    button.set_on_unless(press.off)
