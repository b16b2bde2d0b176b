"""The sign-in screen: who it is at the left, whether all is ready at the right."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent

import agentdesk
from agentdesk.desk import times
from agentdesk.desk.keys import Keys
from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.readiness.lines import Remedy
from agentdesk.desk.screens.readiness.view import KEYS, TEST_MODE, TEST_WORDS, copy, rows
from agentdesk.desk.screens.sign_in.view_model import SHORTEST_PASSWORD, SignInViewModel
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Item, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.widgets.shapes import Mark
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.errors import AgentDeskError, Unavailable
from agentdesk.i18n import _
from agentdesk.wire.readiness import Readiness

_FORM, _LAMPS = 400, 480


class SignInView(Row):
    """Sign in, or set up a new hub."""

    def __init__(self, model: SignInViewModel, last_word: str = "", why: str = "") -> None:
        self._model, self._last_word, self._why = model, last_word, why
        self._title = Text("", "heading")
        self._business = Text("", "body", "text_2")
        self._name = LineEdit(_("Your name"), large=True)
        self._named = Column(self._name, 12)
        self._user = LineEdit(_("User name"), large=True)
        self._password = LineEdit(_("Password"), secret=True, large=True)
        self._enter = Button("", "primary", key="Enter", large=True, fires=False)
        self._problem = Paragraph("", role="danger")
        self._right, self._checked = Column(), Paragraph()
        self._shown: object = None
        self._said: AgentDeskError | None = None
        form = Column(*self._form(), width=_FORM, margins=(16, 0, 0, 0))
        left = scrolling(Column(..., Row(..., form, ...), ..., self._foot()))
        right = scrolling(Column(24, ..., Row(..., self._right, ...), ..., 24))
        super().__init__(
            (Column((left, 1), look=Look("surface")), 1),
            (Column((right, 1), look=Look("sunken", sides="l")), 1),
            fill=True,
        )
        keys = Keys()
        for remedy, do in ((Remedy.LOOK, model.look_now), (Remedy.COPY, self._copy)):
            keys.add(self, *KEYS[remedy], do)
        model.setParent(self)  # it stops asking the hub when the screen goes
        self._user.set_text(model.settings.username)
        for field in (self._name, self._user, self._password):
            field.accepted.connect(self._submit)
        self._enter.clicked.connect(self._submit)
        model.changed.connect(self._show)
        model.enter.running.connect(self._show_busy)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep a margin around the lamps where the text is large."""
        half = event.size().width() // 2
        self._right.setFixedWidth(min(theme.px(_LAMPS), half - 2 * theme.px("x6")))

    def start(self) -> None:
        """Look at the hub, and type where something is missing."""
        self._model.start()
        if self._why:
            announce(self, f"{_('You were signed out')}. {self._why}", assertive=True)
        field = self._password if self._user.text() else self._user
        field.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _form(self) -> list[Item]:
        return [
            Row(Mark(40), ...),
            20,
            self._title,
            4,
            self._business,
            24,
            *self._left(),
            self._named,
            self._user,
            12,
            self._password,
            20,
            self._enter,
            12,
            self._problem,
        ]

    def _left(self) -> list[Item]:
        """Say why somebody was signed out, and what became of a card entry that this has closed."""
        why, word = self._why, self._last_word
        left: list[Item] = [Banner("warning", "clock", _("You were signed out"), why), 20] if why else []
        return left + ([Banner("info", "lock-simple", _("Card entry was closed"), word), 20] if word else [])

    def _foot(self) -> Row:
        version = Text(_("Version {version}").format(version=agentdesk.__version__), "caption", "text_3")
        where = Text(self._model.hub, "caption", "text_3")
        return Row(..., Row(version, ..., where, width=_FORM), ..., height=64)

    def _submit(self) -> None:
        if self._model.needs_set_up and len(self._password.text()) < SHORTEST_PASSWORD:
            self._password.set_error(_("Use {count} characters or more.").format(count=SHORTEST_PASSWORD))
            return
        self._model.submit(self._user.text(), self._password.text(), self._name.text())

    def _show(self) -> None:
        model = self._model
        new = model.needs_set_up
        self._title.setText(_("Set up Agent Desk") if new else _("Sign in to Agent Desk"))
        if new and self._named.isHidden():
            self._named.show()
            self._name.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self._named.setVisible(new)
        self._password.edit.setPlaceholderText(
            _("{count} characters or more").format(count=SHORTEST_PASSWORD) if new else ""
        )
        self._enter.setText(_("Make the first administrator") if new else _("Sign in"))
        business = model.readiness.business if model.readiness else ""
        self._business.setText(_("This hub is new: you become its administrator.") if new else business)
        self._show_problem()
        right = (model.lines, model.hub_error and model.hub_error.code, model.is_test)
        if right != self._shown:
            self._shown = right
            self._right.set_items(self._lamps())
        if model.readiness and not model.hub_error:
            self._checked.setText(_checked(model.readiness))

    def _show_problem(self) -> None:
        model = self._model
        if model.wait_s:
            self._enter.set_off(model.problem)
        else:
            self._enter.set_on()
        self._problem.setText(model.problem)
        if model.error is not self._said:
            self._said = model.error
            if model.error:
                announce(self._problem, model.problem, assertive=True)
                self._password.edit.selectAll()

    def _show_busy(self, running: bool) -> None:
        words = _("Setting up") if self._model.needs_set_up else _("Signing in")
        self._enter.set_busy(words if running else None)

    def _lamps(self) -> list[Item]:
        model = self._model
        self._checked = Paragraph()
        trouble = _trouble(model.hub, model.hub_error) if model.hub_error else None
        checked = Column(4, self._checked)
        if trouble:
            checked.hide()
        test = Banner("warning", "warning-fill", TEST_MODE, TEST_WORDS) if model.is_test else None
        return [
            trouble,
            20 if trouble else None,
            Text(_("Before your shift"), "heading"),
            checked,
            16 if test else None,
            test,
            16,
            rows(model.lines, {Remedy.LOOK: model.look_now, Remedy.COPY: self._copy}),
        ]

    def _copy(self) -> None:
        copy(self._model.diagnosis, self)


def _checked(readiness: Readiness) -> str:
    return _("Checked at {second}, again when you sign in").format(second=times.second(readiness.now))


def _trouble(hub: str, error: AgentDeskError) -> Banner:
    if not isinstance(error, Unavailable):
        return Banner("danger", "warning-fill", _("{hub} answers with an error").format(hub=hub), error.text)
    text = _("Nobody can sign in until it answers. Payments already sent are followed by it. Trying again.")
    return Banner("danger", "wifi-slash", _("{hub} does not answer").format(hub=hub), text)
