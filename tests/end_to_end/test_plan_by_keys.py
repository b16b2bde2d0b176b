"""A payment plan on the real desk by keys: agreed from a kept card, seen at the next look, and paused."""

from agentdesk.cli.demo import evidence
from agentdesk.cli.demo.journey import Journey
from agentdesk.cli.demo.world import World
from agentdesk.domain.plan import PlanState
from tests.end_to_end.desk_by_keys import Play, answered, finish, push, reads, type_in
from tests.end_to_end.test_callers_wishes import FATIMA, _pays_and_has_it_kept
from tests.until import until

WHY = "The caller has lost their work"


def test_a_plan_is_agreed_from_a_kept_card_and_paused(journey: Journey, play: Play, untouched: World) -> None:
    async def playing() -> None:
        await journey.sign_in()
        await _pays_and_has_it_kept(journey)
        await finish(journey)
        await answered(journey, FATIMA)
        before = evidence.charges(untouched)
        await _agrees(journey)
        await _pauses(journey)
        assert evidence.charges(untouched) == before

    play(playing())
    until(lambda: len(evidence.notes(untouched, "PLN-")) >= 1)


async def _agrees(journey: Journey) -> None:
    await reads(journey, "Not all today? In parts, from a saved card.")
    await journey.press("Alt+P")
    await reads(journey, "Which invoices", "Read out and ask")
    await push(journey, "The caller agreed")
    await journey.picture("plan form")
    await journey.press("Ctrl+Return")
    await reads(journey, "The plan is agreed", "0 of 3 paid")
    await journey.until(lambda: journey.session.customer.plan, "the plan of the customer")
    await reads(journey, "A payment plan takes this")
    await journey.picture("plan stands")


async def _pauses(journey: Journey) -> None:
    await journey.press("Alt+P")
    await reads(journey, "Payments of this plan")
    await push(journey, "Pause")
    type_in(WHY)
    await push(journey, "Pause it")
    await reads(journey, "Paused: nothing is taken", WHY)
    await journey.picture("plan paused")
    plan = journey.session.customer.plan
    await journey.until(lambda: journey.session.customer.plan.state is PlanState.PAUSED, "the paused plan")
    assert plan is not None and WHY in (journey.session.customer.plan.why or "")
