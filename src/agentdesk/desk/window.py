"""The window: signing in or the desk, the person's menu, and closing without losing a payment."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QActionGroup, QCloseEvent
from PySide6.QtWidgets import QMenu, QStackedLayout, QStyle, QWidget

import agentdesk
from agentdesk.desk import times
from agentdesk.desk.away import Away
from agentdesk.desk.command import Command
from agentdesk.desk.leaving import Leaving, Watching, sending, session_words, what_is_open
from agentdesk.desk.screens.command_box.view_model import SETTINGS, Action
from agentdesk.desk.screens.sign_in.view import SignInView
from agentdesk.desk.screens.sign_in.view_model import SignInViewModel
from agentdesk.desk.session import Session
from agentdesk.desk.settings import TEXT_SIZES, THEMES, Settings
from agentdesk.desk.theme import theme, wear_sheet
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.focus import has_gone, move_focus
from agentdesk.domain.capture import CloseCause
from agentdesk.domain.errors import AgentDeskError
from agentdesk.i18n import LANGUAGES, _, language
from agentdesk.wire.payments import Attempt
from agentdesk.wire.people import Person
from agentdesk.wire.readiness import Readiness

if TYPE_CHECKING:
    from agentdesk.desk.shell import Shell

SMALLEST = (1280, 720)
FIRST = (1440, 900)
#: What is asked before a card entry is thrown away, and the button that does it.
_LEAVE_WORDS = {
    CloseCause.DESK_CLOSED: (_("Cancel this payment and close?"), _("Cancel and close")),
    CloseCause.SIGNED_OUT: (_("Cancel this payment and sign out?"), _("Cancel and sign out")),
}
#: What is asked where only a call or a charge is not over.
_OPEN_WORDS = {
    CloseCause.DESK_CLOSED: (_("Close before this is finished?"), _("Close")),
    CloseCause.SIGNED_OUT: (_("Sign out before this is finished?"), _("Sign out")),
}
_CLOSES_LATER = _(
    "The server does not answer. The card entry is closed as soon as it does; this stays open until then."
)
_LAST_WORD_MS = 1500
_LESS_MOTION = _("Less motion")
_THEME_WORDS = {
    "system": _("As the computer"),
    "light": _("Light"),
    "dark": _("Dark"),
    "high_contrast": _("High contrast"),
}


class Window(QWidget):
    """The one window of the desk. Signal `closed()`: it may end now."""

    closed = Signal()

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self.session, self.settings = session, settings
        self.shell: Shell | None = None
        self.sign_in: SignInView | None = None
        self._may_close = False
        self._leaves: CloseCause | None = None
        self._waits_to_close = False
        """Whether leaving was agreed to and waits for a connection."""
        self._says_not_closed = False
        self._last_word = ""
        """What the sign-in screen still has to say of a card entry that was closed."""
        self._why_out = ""
        """Why the session ended by itself, for the sign-in screen."""
        self._sign_out = Command(session.tasks, session.sign_out, self)
        self.leaving, self.away = Leaving(session), Away(self)
        self.leaving.setParent(self)
        Watching(session, self)
        self._listen()
        self._layout = QStackedLayout(self)
        self.setWindowTitle("Agent Desk")
        session.readiness_changed.connect(self._name_mode)
        self.setMinimumSize(*SMALLEST)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, False)
        self._place()
        session.person_changed.connect(self._show_person)
        self._show_person(session.person)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close, unless something is not finished: then ask in the action bar first."""
        if self._may_close or not self._unfinished:
            self.settings.geometry = self.saveGeometry()
            event.accept()
            self.closed.emit()
            return
        event.ignore()
        self._ask_to_leave(CloseCause.DESK_CLOSED)

    def focusNextPrevChild(self, following: bool) -> bool:
        """Let Tab go in the order of reading; Qt asks for the next part too where the present one goes."""
        now = self.focusWidget()
        if self.shell is not None and now is not None and has_gone(now):
            self.shell.hold_focus()
            return True
        return move_focus(self, following)

    def show_account_menu(self, button: QWidget) -> None:
        """Open the menu of looks, text size and signing out, under the button."""
        menu = QMenu(self)
        menu.setAccessibleName(_("Looks, text size, sign out"))
        wear_sheet(menu)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)  # the corners are round
        self._add_choices(
            menu, _("Looks"), THEMES, self.settings.theme, _THEME_WORDS.__getitem__, self._choose_theme
        )
        menu.addSeparator()
        self._add_choices(
            menu, _("Text size"), TEXT_SIZES, theme.text_scale, lambda size: f"{size:.0%}", self._choose_size
        )
        menu.addSeparator()
        still = menu.addAction(_LESS_MOTION)
        still.setCheckable(True)
        still.setChecked(theme.reduced_motion)
        still.triggered.connect(self._choose_motion)
        menu.addSeparator()
        self._add_choices(
            menu,
            _("Language, from the next start"),
            LANGUAGES,
            self.settings.language or language(),
            LANGUAGES.__getitem__,
            self._choose_language,
        )
        menu.addSeparator()
        sign_out = menu.addAction(_("&Sign out"))
        sign_out.triggered.connect(self.sign_out)
        menu.addSeparator()
        menu.addAction(_("Version {version}").format(version=agentdesk.__version__)).setEnabled(False)
        menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    def sign_out(self) -> None:
        """Sign out; where something is not finished, ask in the action bar first."""
        if not self._unfinished:
            self._sign_out.start()
        else:
            self._ask_to_leave(CloseCause.SIGNED_OUT)

    # --- inside

    @property
    def _unfinished(self) -> str:
        """What leaving now means for the money and the call; empty where nothing is open."""
        return what_is_open(self.session)

    def _actions(self) -> list[Action]:
        """Return what the person's menu does, by name."""
        looks = [
            Action(
                _("Looks: {looks}").format(looks=_THEME_WORDS[name]),
                lambda name=name: self._choose_theme(name),
                SETTINGS,
                icon="palette",
            )
            for name in THEMES
            if name != self.settings.theme
        ]
        sizes = [
            Action(
                _("Text size {size:.0%}").format(size=size),
                partial(self._choose_size, size),
                SETTINGS,
                icon="text-aa",
            )
            for size in TEXT_SIZES
            if size != theme.text_scale
        ]
        spoken = [
            Action(
                _("Language: {language}").format(language=name),
                partial(self._choose_language, code),
                SETTINGS,
                icon="translate",
            )
            for code, name in LANGUAGES.items()
            if code != language()
        ]
        ending = Action(_("Sign out"), self.sign_out, SETTINGS, icon="sign-out")
        return [*looks, *sizes, self._motion(), *spoken, ending]

    def _motion(self) -> Action:
        name = _("More motion") if theme.reduced_motion else _LESS_MOTION
        return Action(name, partial(self._choose_motion, not theme.reduced_motion), SETTINGS, icon="palette")

    def _listen(self) -> None:
        self.session.dropped.connect(self._say_why)
        self.leaving.over.connect(self._left)
        self.leaving.closed.connect(self._say_closed)
        self.leaving.failed.connect(self._say_not_cancelled)
        self.session.payment_changed.connect(self._look_whether_closed)
        self.away.locked.connect(lambda: self._go_away(CloseCause.SCREEN_LOCKED))
        self.away.slept.connect(lambda: self._go_away(CloseCause.ASLEEP))

    def _place(self) -> None:
        """Open where it was left; whole in the middle of a screen where Qt cannot: the first time, and where
        that screen is gone and those that are there are much smaller.
        """
        self.resize(*FIRST)
        if self.restoreGeometry(self.settings.geometry):
            return
        room = self.screen().availableGeometry()
        title = self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight, None, self)
        edge = self.style().pixelMetric(QStyle.PixelMetric.PM_MdiSubWindowFrameWidth, None, self)
        most = room.adjusted(edge, title + edge, -edge, -edge)
        if QSize(*SMALLEST).boundedTo(most.size()) == QSize(*SMALLEST):
            self.resize(QSize(*FIRST).boundedTo(most.size()))
            self.move(most.center() - self.rect().center() - QPoint(0, title))

    def _show_person(self, person: Person | None) -> None:
        for old in (self.shell, self.sign_in):
            if old is not None:
                self._layout.removeWidget(old)
                old.hide()
                old.deleteLater()
        self.shell = self.sign_in = None
        self._leaves, self._waits_to_close, self._says_not_closed = None, False, False
        if person is None:
            model = SignInViewModel(self.session, self.settings)
            self.sign_in = SignInView(model, self._last_word, self._why_out)
            self._last_word = self._why_out = ""
            self._layout.addWidget(self.sign_in)
            self.sign_in.start()
        else:
            from agentdesk.desk.shell import Shell  # nobody waits for every screen before the sign-in shows

            self.shell = Shell(self.session, self._actions)
            self.shell.account.connect(self.show_account_menu)
            for region in self.shell.centre.values():
                if region.action_bar is not None:
                    region.action_bar.confirmed.connect(self._leave)
                    region.action_bar.kept.connect(self._stay_open)
            self._layout.addWidget(self.shell)

    def _name_mode(self, readiness: Readiness) -> None:
        """Say in the title, and so among the computer's windows, too, that nothing here is real."""
        mode = _("Agent Desk, test mode: no real money")
        self.setWindowTitle(mode if readiness.test_mode else "Agent Desk")

    def _add_choices(self, menu, title, choices, current, words, choose) -> None:  # type: ignore[no-untyped-def]
        menu.addAction(title).setEnabled(False)
        group = QActionGroup(menu)
        for choice in choices:
            action = menu.addAction(words(choice))
            action.setCheckable(True)
            action.setChecked(choice == current)
            action.triggered.connect(lambda _=False, choice=choice: choose(choice))
            group.addAction(action)

    def _choose_theme(self, name: str) -> None:
        self.settings.theme = name
        theme.choose(name)

    def _choose_language(self, code: str) -> None:
        self.settings.language = code
        announce(self, _("{language} from the next start").format(language=LANGUAGES[code]))

    def _choose_motion(self, less: bool) -> None:
        self.settings.less_motion = less
        theme.set_reduced_motion(less)

    def _choose_size(self, scale: float) -> None:
        self.settings.text_size = scale
        theme.set_text_scale(scale)

    def _ask_to_leave(self, cause: CloseCause) -> None:
        assert self.shell is not None, "something is only open while somebody is signed in"
        self.shell.show_page(_("Desk"))
        if self.shell.current_centre.action_bar is None:  # between calls: what is on its way has one
            self.session.open_payment(sending(self.session))
        actions = self.shell.current_centre.action_bar
        assert actions is not None, "a live payment is shown in a region with an action bar"
        actions.kept.emit()  # a question that stood there is answered: its "do it" must not be done by ours
        self._leaves = cause
        live = self.session.live_attempt is not None
        question, go = (_LEAVE_WORDS if live else _OPEN_WORDS)[cause]
        actions.confirm(question, self._unfinished, _("Keep going"), go)

    def _leave(self) -> None:
        if self._leaves is not None:  # not the question whether to cancel and go on
            cause, self._leaves = self._leaves, None
            if self.session.live_attempt is not None:
                self.leaving.leave(cause)
            elif cause is CloseCause.SIGNED_OUT:
                self._sign_out.start()
            else:
                self._close_now()

    def _stay_open(self) -> None:
        self._leaves = None

    def _go_away(self, cause: CloseCause) -> None:
        if self.session.live_attempt is not None:
            self.leaving.leave(cause)

    def _left(self, cause: CloseCause) -> None:
        if self._waits_to_close:
            self._waits_to_close = False
            if cause in _OPEN_WORDS and self._unfinished:  # the answer was given a while ago
                QTimer.singleShot(0, self, partial(self._ask_to_leave, cause))  # in what shows by then
                return
        if cause is CloseCause.SIGNED_OUT:
            self._sign_out.start()
        elif cause is CloseCause.DESK_CLOSED:
            QTimer.singleShot(_LAST_WORD_MS, self, self._close_now)  # it can be read until then

    def _look_whether_closed(self, _payment: object) -> None:
        if self._says_not_closed and self.session.live_attempt is None and self.shell is not None:
            self._says_not_closed = False
            self.shell.show_closing("", "")

    def _say_closed(self, attempt: Attempt) -> None:
        words = _("{not_sent_reason} {attempt} Nothing was charged.").format(
            not_sent_reason=attempt.not_sent_reason, attempt=session_words(attempt)
        )
        if attempt.capture and attempt.capture.close_cause is CloseCause.SIGNED_OUT:
            self._last_word = words
        announce(self, words, assertive=True)
        shown = self.session.payment
        here = shown is not None and any(one.attempt_id == attempt.attempt_id for one in shown.attempts)
        self._says_not_closed = False
        if self.shell is not None:
            self.shell.show_closing(_("Card entry was closed"), "" if here else words)

    def _say_why(self, ended: datetime | None) -> None:
        self._why_out = _(
            "The session was ended. What was sent is followed up; sign in again to go on where you were."
        )
        if ended is not None:
            self._why_out = _(
                "Your session ended at {minute}, as each does after its hours. What was sent is followed up; "
                "sign in again to go on where you were."
            ).format(minute=times.minute(ended))

    def _say_not_cancelled(self, error: AgentDeskError) -> None:
        announce(self, error.text, assertive=True)
        if self.shell is not None:
            self._waits_to_close, self._says_not_closed = error.code == "hub_unreachable", True
            words = _CLOSES_LATER if self._waits_to_close else error.text
            self.shell.show_closing(_("Card entry is not closed"), words)

    def _close_now(self) -> None:
        self._may_close = True
        self.close()
