"""Whether the caller has proven who they are, as far as their queue asks, and what may not be done before."""

from enum import StrEnum

from agentdesk.desk.session import Session
from agentdesk.domain.call import CheckResult
from agentdesk.i18n import _, ngettext
from agentdesk.wire.readiness import CallerCheckInfo


class Proof(StrEnum):
    """How far the caller check is."""

    NOT_ASKED = "not_asked"  # this queue does not check its callers
    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"


def asked(session: Session) -> CallerCheckInfo | None:
    """Return what this call's queue asks a caller for; None where there is nothing to check."""
    return session.queue.caller_check if session.call and session.queue else None


def proof(session: Session) -> Proof:
    """Say how far the caller of this call has proven who they are."""
    check = session.call.caller_check if session.call else None
    if check is None:
        return Proof.NOT_ASKED if asked(session) is None else Proof.OPEN
    return Proof.PASSED if check.result is CheckResult.PASSED else Proof.FAILED


def only_to_file(session: Session) -> bool:
    """Say whether the hub takes nothing from this caller but a link to the contact details on file."""
    found, policy = proof(session), asked(session)
    return found is Proof.FAILED or (found is Proof.OPEN and policy is not None and policy.required)


def why_only_to_file(session: Session) -> str:
    """Return the reason in a sentence; empty where a card may be taken."""
    if not only_to_file(session):
        return ""
    policy = asked(session)
    if proof(session) is Proof.FAILED or policy is None:
        return _("The caller did not pass the caller check. Send a link to the details on file.")
    return ngettext(
        "Do the caller check first: {count} right answer is needed.",
        "Do the caller check first: {count} right answers are needed.",
        policy.must_pass,
    ).format(count=policy.must_pass)
