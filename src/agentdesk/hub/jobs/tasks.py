"""Every job: its name is Job's value, its work is a function of the part it belongs to."""

from collections.abc import Awaitable, Callable

from procrastinate import JobContext

from agentdesk.hub import (
    calls,
    capture_evidence,
    captures,
    link_messages,
    links,
    outcomes,
    refund_outcomes,
    saved_card_jobs,
    secure_line,
    write_backs,
)
from agentdesk.hub.context import Hub
from agentdesk.hub.jobs import sweeps
from agentdesk.hub.jobs.defer import Job


def _hub(context: JobContext) -> Hub:
    hub = context.additional_context["hub"]
    assert isinstance(hub, Hub)
    return hub


async def match_call(context: JobContext, call_id: str) -> None:
    """Do the screen pop of a call whose hub died before it could."""
    await calls.match(_hub(context), call_id)


async def check_capture(context: JobContext, attempt_id: str) -> None:
    """End a step of a card session that the provider never answered."""
    await capture_evidence.check_deadline(_hub(context), attempt_id)


async def cancel_capture(context: JobContext, attempt_id: str) -> None:
    """Close a card session at the provider."""
    await captures.cancel_at_provider(_hub(context), attempt_id)


async def resume_recorder(context: JobContext, attempt_id: str, tries: int = 0) -> None:
    """Switch the recorder on again."""
    await secure_line.resume_recorder(_hub(context), attempt_id, tries)


async def ask_processor(context: JobContext, attempt_id: str) -> None:
    """Look up what became of a charge."""
    await outcomes.ask_processor(_hub(context), attempt_id)


async def ask_refund(context: JobContext, refund_id: str) -> None:
    """Look up what became of a refund."""
    await refund_outcomes.ask(_hub(context), refund_id)


async def open_link(context: JobContext, attempt_id: str, tries: int = 0) -> None:
    """Have the provider make the page of a payment link."""
    await links.open_page(_hub(context), attempt_id, tries)


async def send_link(context: JobContext, attempt_id: str, tries: int = 0) -> None:
    """Text or mail a payment link to the customer."""
    await link_messages.send(_hub(context), attempt_id, tries)


async def look_at_link(context: JobContext, attempt_id: str, look: int = 0, tries: int = 0) -> None:
    """Ask how a payment link ended; `look` 0: asked between the regular looks."""
    await links.look(_hub(context), attempt_id, look, tries)


async def close_link(context: JobContext, attempt_id: str, tries: int = 0) -> None:
    """Have the provider close the page of a payment link."""
    await links.close_page(_hub(context), attempt_id, tries)


async def keep_card(context: JobContext, card_id: str, tries: int = 0) -> None:
    """Have the processor keep a card."""
    await saved_card_jobs.keep(_hub(context), card_id, tries)


async def let_card_go(context: JobContext, card_id: str, tries: int = 0) -> None:
    """Have the processor let a card go."""
    await saved_card_jobs.let_go(_hub(context), card_id, tries)


async def look_at_card(context: JobContext, card_id: str) -> None:
    """Ask whether a saved card is still kept."""
    await saved_card_jobs.look(_hub(context), card_id)


async def write_back(context: JobContext, write_back_id: str) -> None:
    """Write to the accounts, the customer records or the customer."""
    await write_backs.perform(_hub(context), write_back_id)


async def sweep(context: JobContext, timestamp: int) -> None:
    """Follow again what was forgotten; `timestamp` is the minute it is for."""
    await sweeps.sweep(_hub(context))


async def clean(context: JobContext, timestamp: int) -> None:
    """Drop what nobody needs any more; `timestamp` is the minute it is for."""
    await sweeps.clean(_hub(context), context.app)


WORK: dict[Job, Callable[..., Awaitable[None]]] = {
    Job.MATCH_CALL: match_call,
    Job.CHECK_CAPTURE: check_capture,
    Job.CANCEL_CAPTURE: cancel_capture,
    Job.RESUME_RECORDER: resume_recorder,
    Job.ASK_PROCESSOR: ask_processor,
    Job.ASK_REFUND: ask_refund,
    Job.OPEN_LINK: open_link,
    Job.SEND_LINK: send_link,
    Job.LOOK_AT_LINK: look_at_link,
    Job.CLOSE_LINK: close_link,
    Job.KEEP_CARD: keep_card,
    Job.LET_CARD_GO: let_card_go,
    Job.LOOK_AT_CARD: look_at_card,
    Job.WRITE_BACK: write_back,
    Job.SWEEP: sweep,
    Job.CLEAN: clean,
}
#: When the periodic ones run. Of all replicas one defers each, one at a time runs, and none pile up.
PERIODIC = {Job.SWEEP: "* * * * *", Job.CLEAN: "17 * * * *"}
