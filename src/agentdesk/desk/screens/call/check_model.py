"""The caller check: what to ask, what was right so far, how it ended. Answers are typed nowhere."""

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.proof import asked
from agentdesk.desk.session import Session
from agentdesk.domain.call import CallState, CheckResult
from agentdesk.domain.errors import AgentDeskError
from agentdesk.wire.calls import Call, CallerCheck, NewCallerCheck
from agentdesk.wire.readiness import CallerCheckInfo


class CheckModel(QObject):
    """Follows the call's queue and customer; another customer is another check."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.ticked: list[str] = []
        self.error: AgentDeskError | None = None
        self._again = False
        self._about: tuple[str, str | None] | None = None
        self.send = Command(session.tasks, self._send, self)
        self.send.done.connect(lambda _: self._sent(None))
        self.send.failed.connect(self._sent)
        session.call_changed.connect(self._follow)
        session.readiness_changed.connect(self.changed)
        self._follow(session.call)

    @property
    def policy(self) -> CallerCheckInfo | None:
        """What this call's queue asks; None where there is nothing to check, or nobody is chosen."""
        call = self.session.call
        if call is None or call.customer_id is None or call.state is CallState.ENDED:
            return None
        return asked(self.session)

    @property
    def check(self) -> CallerCheck | None:
        """How the check ended; None while it is open."""
        return self.session.call.caller_check if self.session.call and not self._again else None

    @property
    def wanted(self) -> list[str]:
        """The words of what the caller is still to be asked for: as many as are missing, in their order."""
        policy = self.policy
        if policy is None or self.check is not None:
            return []
        left = [one.words for one in policy.items if one.code not in self.ticked]
        return left[: policy.must_pass - len(self.ticked)]

    @property
    def right(self) -> str:
        """What was right, in words."""
        items = {one.code: one.words for one in self.policy.items} if self.policy else {}
        return ", ".join(items.get(code, code) for code in self.check.passed) if self.check else ""

    def tick(self, code: str) -> None:
        """Note that an item was right, or take that back; enough of them are a passed check."""
        policy = self.policy
        if policy is None or self.check is not None or self.send.is_running:
            self.changed.emit()  # the box that was pressed goes back
            return
        self.ticked = [one for one in self.ticked if one != code] + ([code] * (code not in self.ticked))
        if len(self.ticked) >= policy.must_pass:
            self._start(CheckResult.PASSED)
        self.changed.emit()

    def fail(self) -> None:
        """Note that the caller could not prove who they are."""
        if self.policy is not None and self.check is None:
            self._start(CheckResult.FAILED)

    def again(self) -> None:
        """Ask again; what was noted counts until the new result is in."""
        self._again, self.ticked = True, []
        self.changed.emit()

    def _start(self, result: CheckResult) -> None:
        call = self.session.call
        if call is not None and call.customer_id is not None:
            self.error = None
            new = NewCallerCheck(customer_id=call.customer_id, result=result, passed=self.ticked)
            self.send.start(call.call_id, new)

    async def _send(self, call_id: str, new: NewCallerCheck) -> None:
        self.session.take_call(await self.session.client.check_caller(call_id, new))

    def _sent(self, error: AgentDeskError | None) -> None:
        self.error, self.ticked = error, []
        self._again = self._again and error is not None
        self.changed.emit()

    def _follow(self, call: Call | None) -> None:
        about = (call.call_id, call.customer_id) if call else None
        if about != self._about:
            self._about, self._again, self.ticked, self.error = about, False, [], None
        self.changed.emit()
