"""Pictures of who is calling: the caller check open, passed and not passed, the way they prefer."""

from agentdesk.desk.screens.rehearse.view import RehearseView
from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState, CheckResult
from agentdesk.wire.calls import NewCallerCheck
from tests.desk import caller_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.staging import enter, settle


async def greeting(hub: FakeHub, window: Window) -> None:
    """The first words, before any check; one is needed for a card."""
    hub.lamps = caller_samples.with_check(hub.lamps, caller_samples.check_policy(required=True))
    hub.calls["call_1"] = samples.call()
    await enter(window)


async def check_required(hub: FakeHub, window: Window) -> None:
    """Nothing but a link may be sent before it is passed."""
    await greeting(hub, window)
    window.shell.call._model.go_on()
    await settle()


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


async def link_unproven(hub: FakeHub, window: Window) -> None:
    """Where the link goes that is left: to the file, though another phone rings."""
    hub.lamps = caller_samples.with_check(hub.lamps)
    new = NewCallerCheck(customer_id="cus_1", result=CheckResult.FAILED, passed=[])
    call = samples.call(number="+447700900999", caller_check=caller_samples.checked(new))
    hub.calls["call_1"] = call
    await enter(window)
    window.shell.centre["payment"]._model.link.ask()
    await settle()


async def link_withheld(hub: FakeHub, window: Window) -> None:
    """The numbers on file are offered where the caller's is not known."""
    phones = ["+442079460958", "+447700900123"]
    hub.customers["cus_1"] = samples.customer(phones=phones, email=None)
    hub.calls["call_1"] = samples.call(number=None)
    await enter(window)
    model = window.shell.centre["payment"]._model
    model.form.choose_route("link")
    model.link.ask()
    await settle()


async def dropped(hub: FakeHub, window: Window) -> None:
    """The caller hung up before the first try: a link is left."""
    hub.calls["call_1"] = samples.call()
    await enter(window)
    over = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.at(10, 41))
    window.session.take_call(over)
    await settle()


async def dropped_form(hub: FakeHub, window: Window) -> None:
    """What to pay, after the caller hung up."""
    await dropped(hub, window)
    window.shell.centre["payment"]._model.in_call.link_after()
    window.shell.centre["payment"]._model.link.back()
    await settle()


async def ringing_elsewhere(hub: FakeHub, window: Window) -> None:
    """A call rings while the agent looks at the exercises."""
    await enter(window)
    window.shell.show_page(RehearseView.title)
    hub.calls["call_1"] = samples.ringing()
    window.session.take_call(samples.ringing())
    await settle()


async def next_on_the_line(hub: FakeHub, window: Window) -> None:
    """The phone system connected the next call during the wrap-up."""
    hub.calls["call_1"] = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.at(10, 41))
    await enter(window)
    window.shell.current_centre.form.note.edit.setPlainText("Wants a paper bill.")
    matches = [samples.match(2, "Chidi Okafor")]
    window.session.take_call(samples.call(call_id="call_2", started_at=samples.NOW, matches=matches))
    await settle()


async def to_wrap_up(hub: FakeHub, window: Window) -> None:
    """The agent went to the next call; the one before is not finished."""
    await next_on_the_line(hub, window)
    window.session.go_to("call_2")
    await settle()


async def _ended(hub: FakeHub, window: Window, result: CheckResult, *passed: str) -> None:
    hub.lamps = caller_samples.with_check(hub.lamps)
    new = NewCallerCheck(customer_id="cus_1", result=result, passed=list(passed))
    hub.calls["call_1"] = samples.call(caller_check=caller_samples.checked(new))
    await enter(window)


CALLER_STAGES = (
    greeting,
    check_required,
    check_open,
    check_passed,
    check_failed,
    link_unproven,
    link_withheld,
    dropped,
    dropped_form,
    ringing_elsewhere,
    next_on_the_line,
    to_wrap_up,
)
