"""Pictures of rehearsals: the list, a call that is one, the score, a trainer's page, a live hub."""

from agentdesk.desk.window import Window
from agentdesk.domain.exercises import ExerciseCode
from agentdesk.domain.people import Role
from tests.desk import rehearsal_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.rehearsal_samples import scored
from tests.desk.staging import enter, settle


async def rehearse(hub: FakeHub, window: Window) -> None:
    """The exercises, two of them done before."""
    done = scored(exercise=ExerciseCode.PLAIN), scored("waited", exercise=ExerciseCode.LOST_ANSWER)
    hub.room = rehearsal_samples.room(*done)
    await enter(window)
    window.shell.rehearse()
    await settle(0.3)


async def rehearsing(hub: FakeHub, window: Window) -> None:
    """An answer is lost, and the caller offers another card."""
    current = rehearsal_samples.rehearsal(line=1)
    hub.room = rehearsal_samples.room(current=current)
    payment = hub.take(samples.payment(samples.unknown()))
    hub.calls["call_1"] = samples.call(queue="Drill", payment_intent_ids=[payment.intent_id])
    await enter(window)
    await settle(0.3)


async def rehearsal_scored(hub: FakeHub, window: Window) -> None:
    """Two of three right."""
    hub.room = rehearsal_samples.room(current=rehearsal_samples.rehearsal())
    await enter(window)
    await settle(0.2)
    hub.room = rehearsal_samples.room(scored("waited"))
    window.shell._rehearse.refresh()
    await settle(0.3)


async def rehearsals_of_all(hub: FakeHub, window: Window) -> None:
    """What a trainer sees below the list."""
    hub.person = samples.person(Role.SUPERVISOR)
    hub.room = rehearsal_samples.room()
    hub.everybody = [
        scored("waited", "charged_once"),
        scored(exercise=ExerciseCode.PLAIN, person="Tom Ellis", rehearsal_id="reh_2"),
    ]
    await enter(window)
    window.shell.rehearse()
    await settle(0.3)


async def rehearse_live(hub: FakeHub, window: Window) -> None:
    """A hub where money is real."""
    hub.lamps = samples.readiness().model_copy(update={"test_mode": False})
    await enter(window)
    window.shell.rehearse()
    await settle(0.3)


REHEARSE_STAGES = (rehearse, rehearsing, rehearsal_scored, rehearsals_of_all, rehearse_live)
