"""Who plays callers in tests of rehearsals: notes whom it was asked for, and rings nobody by itself."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from agentdesk.adapters.base import CallEvidence, VendorError
from agentdesk.adapters.rehearsals import PlaceCall
from agentdesk.domain.call import CallState
from agentdesk.domain.exercises import ExerciseCode
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.rehearsal import QUEUE
from agentdesk.hub import calls, rehearsals
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.wire.calls import WrapUp
from agentdesk.wire.rehearsals import NewRehearsal, Rehearsal
from tests.hub.outside import Records
from tests.hub.till import Till


class Players:
    """RehearsalPort."""

    name = "players"

    def __init__(self) -> None:
        self.known: list[str] = [Records.number]
        self.placed: list[PlaceCall] = []
        self.hung_up: list[str] = []
        self.fails: VendorError | None = None
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def numbers(self) -> list[str]:
        """Return who can be played."""
        return self.known

    async def place(self, call: PlaceCall) -> str:
        """Place a call, and then perhaps lose the answer."""
        self.placed.append(call)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        if self.fails is not None:
            error, self.fails = self.fails, None
            raise error
        return f"CA-{call.key}"

    async def hang_up(self, call_ref: str) -> None:
        """Hang up."""
        if self.fails is not None:
            raise self.fails
        self.hung_up.append(call_ref)


def rehearsing(till: Till) -> Players:
    """Give the till's hub somebody who plays callers."""
    players = Players()
    till.hub = Hub(
        till.hub.settings.model_copy(update={"rehearsal": "players"}),
        till.hub.sessions,
        replace(till.hub.vendors, rehearsal=players),
    )
    return players


def wish(exercise: ExerciseCode = ExerciseCode.PLAIN, key: str = "") -> NewRehearsal:
    """Return the press that starts an exercise."""
    return NewRehearsal(key=key or new_ulid(), exercise=exercise)


async def put_through(till: Till, rehearsal: Rehearsal, who: Who | None = None) -> str:
    """Let the phone system tell of the caller, as the sandbox does; return the call."""
    who, ref = who or till.who, f"CA-{rehearsal.rehearsal_id}"
    async with till.hub.sessions.begin() as session:
        told = CallEvidence(ref, CallState.CONNECTED, new_ulid(), Records.number)
        evidence = replace(told, queue=QUEUE, agent=who.username)
        call_id = await calls.apply(till.hub, session, evidence)
    assert call_id
    await calls.match(till.hub, call_id)
    return call_id


async def started(
    till: Till, exercise: ExerciseCode = ExerciseCode.PLAIN, who: Who | None = None
) -> tuple[Rehearsal, str]:
    """Return a rehearsal that goes on, and its call."""
    made = await rehearsals.start(till.hub, who or till.who, wish(exercise))
    return made, await put_through(till, made, who)


async def finish(till: Till, call_id: str) -> dict[str, bool]:
    """Wrap the call up; return the score of the last rehearsal."""
    await calls.wrap_up(till.hub, till.who, call_id, WrapUp(disposition="enquiry"))
    async with till.hub.sessions.begin() as session:
        newest = (await rehearsals.results(session))[0]
    assert newest.score is not None
    return {one.rule: one.passed for one in newest.score}


async def goes_on(till: Till) -> Rehearsal | None:
    """Return the agent's rehearsal that goes on."""
    return (await rehearsals.listing(till.hub, till.who)).current


async def off(till: Till, code: ExerciseCode) -> str | None:
    """Return why the agent cannot start an exercise."""
    listed = await rehearsals.listing(till.hub, till.who)
    return next(one.off_code for one in listed.exercises if one.exercise is code)
