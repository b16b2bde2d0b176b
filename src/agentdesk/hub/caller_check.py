"""The caller check: how it ended, and what a caller who is not proven may not do.

What the caller said is never kept, only which items were right.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.call import CallState, CheckResult
from agentdesk.domain.errors import Conflict, Invalid
from agentdesk.domain.ids import now
from agentdesk.hub import audit
from agentdesk.hub.auth import Who
from agentdesk.hub.caller_policy import CallerCheck
from agentdesk.hub.db.customers import CustomerCopy
from agentdesk.hub.db.tables import Attempt, Call, PaymentLink
from agentdesk.i18n import _, pgettext
from agentdesk.wire.calls import NewCallerCheck


def keep(
    session: AsyncSession, policy: CallerCheck | None, who: Who, call: Call, new: NewCallerCheck
) -> None:
    """Keep on the call how its check ended; the last one counts, each is in the audit log.

    Raises Invalid where the policy does not ask this, Conflict where the call or its customer is another.
    """
    if policy is None:
        raise Invalid("check_not_set_up")
    if call.state == CallState.ENDED:
        raise Conflict("call_over")
    if new.customer_id != call.customer_id:
        raise Conflict("customer_not_linked")
    passed = _passed(policy, new)
    detail = {"customer_id": new.customer_id, "passed": passed}
    call.caller_check = {
        "result": new.result.value,
        "passed": passed,
        "by": who.name,
        "at": now().isoformat(),
    }
    audit.append(session, who, "call.check", subject=call.call_id, result=new.result.value, detail=detail)


def _passed(policy: CallerCheck, new: NewCallerCheck) -> list[str]:
    """Return the items that were right, in the policy's order."""
    for code in new.passed:
        if code not in policy.items:
            raise Invalid("check_item_unknown", item=code)
    passed = [code for code in policy.items if code in new.passed]
    if new.result is CheckResult.PASSED and len(passed) < policy.must_pass:
        raise Invalid("check_too_few", count=policy.must_pass)
    return passed


_RESULTS = {
    CheckResult.PASSED: pgettext("a caller check", "passed"),
    CheckResult.FAILED: pgettext("a caller check", "failed"),
}


def words(policy: CallerCheck | None, call: Call) -> str:
    """Return a sentence for the call's note; empty where nothing was to be checked."""
    check = call.caller_check
    if check is None:
        return _("Caller not checked. ") if policy else ""
    right = ", ".join(policy.items.get(code, code) if policy else code for code in check["passed"])
    words = _("Caller check {result}: {items}.") if right else _("Caller check {result}.")
    return words.format(result=_RESULTS[CheckResult(check["result"])], items=right) + " "


async def may_pay(session: AsyncSession, policy: CallerCheck | None, call: Call, attempt_id: str) -> None:
    """Let a try of this call go on. Raises Conflict.

    Of a caller who is not proven no card is taken; they get a link, to what is on file and nowhere else.
    Once the call is over a link goes there or where this payment's went before, never to whom the agent has
    before them by then.
    """
    refusal, is_over = _refusal(policy, call), call.state == CallState.ENDED
    if not refusal and not is_over:
        return
    link = await session.get(PaymentLink, attempt_id)
    if link is None:
        raise Conflict(refusal or "call_over")
    known = await _on_file(session, call.customer_id)
    known |= set() if refusal else await _gone_to(session, call, attempt_id)
    if link.sent_to.lower() not in known:
        raise Conflict("link_only_to_file", contact=link.sent_to or _("a code on the screen"))


def may_agree(policy: CallerCheck | None, call: Call) -> None:
    """Let the caller agree to what their card is charged for later. Raises Conflict."""
    refusal = _refusal(policy, call)
    if refusal:
        raise Conflict(refusal)


def may_show(policy: CallerCheck | None, call: Call) -> None:
    """Let an open link be shown on the agent's screen, where anybody can scan it. Raises Conflict."""
    if _refusal(policy, call):
        raise Conflict("link_only_to_file", contact=_("a code on the screen"))


def _refusal(policy: CallerCheck | None, call: Call) -> str:
    """Return the code of why no card is taken of this caller; empty where one may be."""
    result = call.caller_check["result"] if call.caller_check else None
    if result is None and policy is not None and policy.required:
        return "caller_not_checked"
    return "caller_not_verified" if result == CheckResult.FAILED else ""


async def may_have_receipt(
    session: AsyncSession, policy: CallerCheck | None, call: Call, email: str, before: str | None
) -> None:
    """Let the receipt of a payment made before this call go to an address. Raises Conflict.

    For a caller who is not proven only to one on file, or to the one it went to `before`.
    """
    known = {*await _on_file(session, call.customer_id), (before or "").lower()}
    if _refusal(policy, call) and email.lower() not in known:
        raise Conflict("receipt_only_to_file", email=email)


async def _on_file(session: AsyncSession, customer_id: str | None) -> set[str]:
    """Return the numbers and the address the customer's record had when it was last read."""
    copy = await session.get(CustomerCopy, customer_id)
    if copy is None:
        return set()
    return {contact.lower() for contact in [*copy.record["phones"], copy.record["email"]] if contact}


async def _gone_to(session: AsyncSession, call: Call, attempt_id: str) -> set[str]:
    """Return the number that called, and where links of the same payment went before."""
    attempt = await session.get_one(Attempt, attempt_id)
    before = await session.scalars(
        select(PaymentLink.sent_to)
        .join(Attempt, Attempt.attempt_id == PaymentLink.attempt_id)
        .where(Attempt.intent_id == attempt.intent_id, Attempt.attempt_id != attempt_id)
    )
    return {contact.lower() for contact in [call.number, *before] if contact}
