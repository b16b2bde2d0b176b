"""Signing in: what is typed, what the hub answers, and whether all is ready for a shift."""

from PySide6.QtCore import QObject, QTimer, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.screens.readiness.lines import Line, diagnosis, lines
from agentdesk.desk.session import Session
from agentdesk.desk.settings import Settings
from agentdesk.domain.errors import AgentDeskError, TooMany
from agentdesk.wire.people import SetUp, SignIn
from agentdesk.wire.readiness import Readiness

ASK_EACH_MS = 5000
SHORTEST_PASSWORD = 12
#: By then the form is on the screen; what is needed to ask the hub is imported with the first question.
_PAINTED_MS = 50


class SignInViewModel(QObject):
    """Signs in, or makes the first administrator where the hub has none. The password is never kept."""

    changed = Signal()

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self.session, self.settings = session, settings
        self.readiness: Readiness | None = None
        self.hub_error: AgentDeskError | None = None
        self.error: AgentDeskError | None = None
        self.needs_set_up = False
        self.wait_s = 0
        self.look = Command(session.tasks, self._look, self)
        self.enter = Command(session.tasks, self._enter, self)
        self._again = _timer(self, ASK_EACH_MS, self.look.start)
        self._countdown = _timer(self, 1000, self._count_down)
        self.look.done.connect(lambda _: self._hub_answers(None))
        self.look.failed.connect(self._hub_answers)
        self.enter.failed.connect(self._refused)

    @property
    def hub(self) -> str:
        """The hub's address without what people do not read."""
        return self.session.client.url.partition("://")[2].rstrip("/")

    @property
    def problem(self) -> str:
        """Why nobody is signed in, in words; the seconds to wait go down."""
        if self.wait_s:
            return TooMany("sign_in_slow_down", seconds=self.wait_s).text
        return self.error.text if self.error else ""

    def start(self) -> None:
        """Look at the hub soon and from time to time."""
        QTimer.singleShot(_PAINTED_MS, self, self.look.start)
        self._again.start()

    def submit(self, username: str, password: str, name: str = "") -> None:
        """Sign in; `name` is for the first administrator only."""
        if self.wait_s or not username.strip() or not password:
            return
        self.error = None
        self.changed.emit()
        self.enter.start(username.strip(), password, name.strip())

    @property
    def lines(self) -> list[Line]:
        """Every lamp; none before the hub was asked."""
        if self.readiness is None and self.hub_error is None:
            return []
        return lines(self.readiness, self.hub_error, self.session.clock)

    @property
    def is_test(self) -> bool:
        """Whether no real money can move; False while the hub has not told."""
        return self.readiness is not None and self.readiness.test_mode

    @property
    def diagnosis(self) -> str:
        """What IT needs to know, as plain text."""
        return diagnosis(self.session.client.url, self.readiness, self.lines, self.session.clock)

    def look_now(self) -> None:
        """Have the outside systems asked again, now."""
        self.look.restart(True)

    async def _look(self, fresh: bool = False) -> None:
        self.needs_set_up = await self.session.client.needs_set_up()
        client, clock = self.session.client, self.session.clock
        asked_at = clock.own()
        self.readiness = await client.readiness()
        clock.set_by(self.readiness.now, asked_at)
        if fresh:
            self.readiness = await client.readiness(fresh=True)

    async def _enter(self, username: str, password: str, name: str) -> None:
        self.settings.username = username
        if self.needs_set_up:
            await self.session.set_up(SetUp(username=username, name=name or username, password=password))
        else:
            await self.session.sign_in(SignIn(username=username, password=password))

    def _hub_answers(self, error: AgentDeskError | None) -> None:
        self.hub_error = error
        self.changed.emit()

    def _refused(self, error: AgentDeskError) -> None:
        self.error = error
        if isinstance(error, TooMany):
            self.wait_s = int(error.params.get("seconds", 1))
            self._countdown.start()
        self.changed.emit()

    def _count_down(self) -> None:
        self.wait_s -= 1
        if self.wait_s <= 0:
            self.wait_s, self.error = 0, None
            self._countdown.stop()
        self.changed.emit()


def _timer(owner: QObject, each_ms: int, act) -> QTimer:  # type: ignore[no-untyped-def]
    timer = QTimer(owner)
    timer.setInterval(each_ms)
    timer.timeout.connect(act)
    return timer
