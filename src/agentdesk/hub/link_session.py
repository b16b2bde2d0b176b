"""The row of a payment link: its lock, its steps, what closes it, and who pressed what about it."""

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.errors import Conflict
from agentdesk.domain.ids import now
from agentdesk.domain.link import LinkEvent, LinkState, next_state
from agentdesk.hub import audit
from agentdesk.hub.auth import Who
from agentdesk.hub.db.query import Locked, lock_attempt
from agentdesk.hub.db.tables import Attempt, AttemptDebt, PaymentLink
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.i18n import _

#: Tries to make a page or to send its address before a person is told.
MAX_TRIES = 6
_LONGEST_WAIT_S = 60
#: The route of attempts whose customer pays on a page of the provider's.
LINK = "link"


async def lock_link(session: AsyncSession, attempt_id: str) -> tuple[Locked, PaymentLink]:
    """Lock a payment, then its link: a payment elsewhere may close it without this payment's lock."""
    payment = await lock_attempt(session, attempt_id)
    link = await session.get_one(PaymentLink, attempt_id, with_for_update=True, populate_existing=True)
    return payment, link


async def lock_own(session: AsyncSession, attempt_id: str) -> tuple[Locked, PaymentLink]:
    """Lock a link for the person whose attempt it is. Raises Conflict where the attempt has none."""
    await lock_attempt(session, attempt_id)
    if await session.get(PaymentLink, attempt_id) is None:
        raise Conflict("step_not_possible", state=_("not by payment link"))
    return await lock_link(session, attempt_id)


def note_press(session: AsyncSession, who: Who, action: str, payment: Locked) -> None:
    """Write what a person did with a link into the audit log."""
    detail = {"attempt_id": payment.attempt.attempt_id}
    audit.append(session, who, action, subject=payment.intent.intent_id, result="done", detail=detail)


def wait_s(tries: int) -> float:
    """Return how long to wait after so many tries that were not answered."""
    return min(_LONGEST_WAIT_S, 2.0 ** (tries + 1))


def move(link: PaymentLink, event: LinkEvent) -> bool:
    """Take a step; False where the table does not have it. A closed link forgets its address."""
    after = next_state(LinkState(link.state), event)
    if after is None:
        return False
    link.state, link.to_send = after, False
    if after is LinkState.CLOSED:
        link.closed_at, link.url = now(), None
    return True


async def close(session: AsyncSession, link: PaymentLink, why: str) -> bool:
    """Want the page closed; until the provider confirms it, the attempt goes on holding its debts.

    One that is still being made is closed by whoever makes it.
    """
    if not move(link, LinkEvent.CLOSE):
        return False
    link.close_reason = why
    if link.session_id is not None:
        await defer(session, Job.CLOSE_LINK, attempt_id=link.attempt_id, tries=0)
    return True


_DEBTS = select(AttemptDebt.debt).where(AttemptDebt.attempt_id == bindparam("attempt_id"))
_OF_SAME_DEBT = (
    select(PaymentLink)
    .where(
        PaymentLink.attempt_id.in_(select(AttemptDebt.attempt_id).where(AttemptDebt.debt.in_(_DEBTS))),
        PaymentLink.attempt_id != bindparam("attempt_id"),
        PaymentLink.state.in_([LinkState.OPENING, LinkState.OPEN]),
    )
    .order_by(PaymentLink.attempt_id)
    .with_for_update()
    .execution_options(populate_existing=True)
)


async def close_others(session: AsyncSession, attempt: Attempt, why: str) -> None:
    """Close every other link to a debt that this try has paid or may yet: nobody may pay it twice.

    Only late word of a charge can find one, for an attempt that holds a debt keeps all others out.
    """
    for link in await session.scalars(_OF_SAME_DEBT, {"attempt_id": attempt.attempt_id}):
        await close(session, link, why)


async def close_unpaid(session: AsyncSession, link: PaymentLink) -> None:
    """Close a link whose debt another try has paid."""
    await close(session, link, _("It was paid another way."))
