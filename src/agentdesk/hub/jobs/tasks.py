"""Every job: its name is Job's value, its work is a function of the part it belongs to."""

from procrastinate import Blueprint, JobContext, RetryStrategy

from agentdesk.hub import calls, capture_evidence, captures, outcomes, secure_line, write_backs
from agentdesk.hub.context import Hub

blueprint = Blueprint()
NAMESPACE = "hub"
#: For what a job did not expect, a database that restarts among it: each plans its own expected retries.
_AGAIN = RetryStrategy(max_attempts=50, linear_wait=10)


def _hub(context: JobContext) -> Hub:
    hub = context.additional_context["hub"]
    assert isinstance(hub, Hub)
    return hub


@blueprint.task(name="match_call", pass_context=True, retry=_AGAIN)
async def match_call(context: JobContext, call_id: str) -> None:
    """Do the screen pop of a call whose hub died before it could."""
    await calls.match(_hub(context), call_id)


@blueprint.task(name="check_capture", pass_context=True, retry=_AGAIN)
async def check_capture(context: JobContext, attempt_id: str) -> None:
    """End a step of a card session that the provider never answered."""
    await capture_evidence.check_deadline(_hub(context), attempt_id)


@blueprint.task(name="cancel_capture", pass_context=True, retry=_AGAIN)
async def cancel_capture(context: JobContext, attempt_id: str) -> None:
    """Close a card session at the provider."""
    await captures.cancel_at_provider(_hub(context), attempt_id)


@blueprint.task(name="resume_recorder", pass_context=True, retry=_AGAIN)
async def resume_recorder(context: JobContext, attempt_id: str, tries: int) -> None:
    """Switch the recorder on again."""
    await secure_line.resume_recorder(_hub(context), attempt_id, tries)


@blueprint.task(name="ask_processor", pass_context=True, retry=_AGAIN)
async def ask_processor(context: JobContext, attempt_id: str) -> None:
    """Look up what became of a charge."""
    await outcomes.ask_processor(_hub(context), attempt_id)


@blueprint.task(name="write_back", pass_context=True, retry=_AGAIN)
async def write_back(context: JobContext, write_back_id: str) -> None:
    """Write to the accounts, the customer records or the customer."""
    await write_backs.perform(_hub(context), write_back_id)
