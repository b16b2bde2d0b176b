"""What a caller is asked, how that ended, and where no link is left for them; for tests and pictures."""

from agentdesk.wire.calls import CallerCheck, NewCallerCheck
from agentdesk.wire.readiness import CallerCheckInfo, CheckItem, Readiness
from tests.desk.samples import at


def check_policy(*, must_pass: int = 2, required: bool = False) -> CallerCheckInfo:
    """Three things to ask a caller for."""
    asked = {"post_code": "Post code", "birth_date": "Date of birth", "last_bill": "Last bill's amount"}
    items = [CheckItem(code=code, words=words) for code, words in asked.items()]
    return CallerCheckInfo(items=items, must_pass=must_pass, required=required)


def with_check(told: Readiness, policy: CallerCheckInfo | None = None) -> Readiness:
    """The same hub, whose callers are checked."""
    policy = policy or check_policy()
    queues = [one.model_copy(update={"caller_check": policy}) for one in told.queues]
    return told.model_copy(update={"queues": queues})


def without_links(told: Readiness) -> Readiness:
    """Return the readiness as a hub tells it where links are not set up: the way is listed, and off."""
    off = {"link": "Payment links are not set up."}
    routes = [one.model_copy(update={"off_reason": off.get(one.route)}) for one in told.routes]
    return told.model_copy(update={"routes": routes})


def checked(new: NewCallerCheck) -> CallerCheck:
    """What the hub keeps of a check."""
    return CallerCheck(result=new.result, passed=new.passed, by="Priya Nair", at=at(10, 40))
