"""Pictures of a supervisor who is called to a call, on both sides."""

from agentdesk.desk.window import Window
from agentdesk.domain.people import Role
from agentdesk.i18n import _
from agentdesk.wire.calls import Help
from agentdesk.wire.work import WorkItem, WorkKind, WorkList
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.staging import enter, settle


def asked(reason: str = "", coming: str | None = None) -> Help:
    """A supervisor was called at 10:41."""
    at = samples.at(10, 41, 30) if coming else None
    return Help(asked_at=samples.at(10, 41), reason=reason, coming=coming, coming_at=at)


def called(
    agent: str = "Tom Ellis", reason: str = "", coming: str | None = None, coming_id: str | None = None
) -> WorkItem:
    """An agent calls for a supervisor."""
    call_id = f"call_of_{agent.partition(' ')[0].lower()}"
    return WorkItem(
        key=f"help:{call_id}",
        kind=WorkKind.HELP,
        since=samples.at(10, 40),
        detail=reason or "No reason was given.",
        customer_name="Bola Adekunle",
        agent_name=agent,
        payment=None,
        write_back=None,
        call_id=call_id,
        help=Help(asked_at=samples.at(10, 40), reason=reason, coming=coming, coming_id=coming_id),
    )


def unrecorded() -> WorkItem:
    """A call is not recorded any more."""
    words = (
        "The recorder did not start again after card entry: what is said since then is not recorded. No "
        "money moved by this, and no card data is in the recording. If the call goes on, start the recorder "
        "by hand in the phone system."
    )
    return WorkItem(
        key="unrecorded:call_of_tom",
        kind=WorkKind.UNRECORDED,
        since=samples.at(10, 38),
        detail=words,
        customer_name="Bola Adekunle",
        agent_name="Tom Ellis",
        payment=None,
        write_back=None,
        call_id="call_of_tom",
    )


def waiting(*items: WorkItem) -> WorkList:
    """All that needs a person."""
    return WorkList(rows=list(items), count=len(items), as_of=samples.NOW)


async def help_asked(hub: FakeHub, window: Window) -> None:
    """A supervisor was called, and nobody comes yet."""
    hub.calls["call_1"] = samples.call(help=asked())
    await enter(window)


async def help_coming(hub: FakeHub, window: Window) -> None:
    """A supervisor is coming."""
    hub.calls["call_1"] = samples.call(help=asked("They want to close the account", "Ruth Adeyemi"))
    await enter(window)


async def help_called(hub: FakeHub, window: Window) -> None:
    """A supervisor sees two agents who call, and goes to one of them."""
    hub.person = samples.person(Role.SUPERVISOR)
    mine = called(
        "Ana Reis", "They are angry about the October bill", coming="Me", coming_id=hub.person.user_id
    )
    hub.waiting = waiting(called(), mine)
    await enter(window)
    window.shell.pages[_("Payments")].show_work(True)


async def unrecorded_call(hub: FakeHub, window: Window) -> None:
    """The recorder did not start again: the agent's side."""
    hub.calls["call_1"] = samples.call(recording=False)
    await enter(window)


async def unrecorded_open(hub: FakeHub, window: Window) -> None:
    """The same, before a supervisor."""
    hub.person = samples.person(Role.SUPERVISOR)
    hub.waiting = waiting(unrecorded(), called())
    await enter(window)
    view = window.shell.pages[_("Payments")]
    view.show_work(True)
    await settle()
    view.work_table.select(0)
    view.work_table.chosen.emit(view._work.table.row(0))
    await settle()


HELP_STAGES = (help_asked, help_coming, help_called, unrecorded_call, unrecorded_open)
