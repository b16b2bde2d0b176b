"""Pictures of who is calling: the caller check open, passed and not passed, the way they prefer."""

from agentdesk.desk.window import Window
from agentdesk.domain.call import CheckResult
from agentdesk.wire.calls import NewCallerCheck
from tests.desk import caller_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.staging import enter


async def check_open(hub: FakeHub, window: Window) -> None:
    """One of two right answers was given."""
    hub.lamps = caller_samples.with_check(hub.lamps)
    hub.calls["call_1"] = samples.call()
    await enter(window)
    window.shell.call.check._model.tick("post_code")


async def check_passed(hub: FakeHub, window: Window) -> None:
    """The caller is proven, and prefers the keypad."""
    hub.customers["cus_1"] = samples.customer(preferred_route="keypad")
    await _ended(hub, window, CheckResult.PASSED, "post_code", "birth_date")


async def check_failed(hub: FakeHub, window: Window) -> None:
    """Only a link is left."""
    await _ended(hub, window, CheckResult.FAILED, "post_code")


async def _ended(hub: FakeHub, window: Window, result: CheckResult, *passed: str) -> None:
    hub.lamps = caller_samples.with_check(hub.lamps)
    new = NewCallerCheck(customer_id="cus_1", result=result, passed=list(passed))
    hub.calls["call_1"] = samples.call(caller_check=caller_samples.checked(new))
    await enter(window)


CALLER_STAGES = (check_open, check_passed, check_failed)
