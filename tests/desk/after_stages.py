"""Pictures of what comes after a payment: a promise, the wrap-up, a receipt, a refund that waits."""

from datetime import date

from agentdesk.desk.screens.payments.refund_panel import RefundForm
from agentdesk.desk.screens.promise.view import PromiseDrawer
from agentdesk.desk.screens.promise.withdrawal_view import WithdrawalDrawer
from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.people import Role
from agentdesk.domain.promise import PromiseState
from agentdesk.domain.write_back import WriteBackKind
from agentdesk.i18n import _
from tests.desk import log_samples, promise_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.staging import enter, settle


async def promise_form(hub: FakeHub, window: Window) -> None:
    """The caller has named a day."""
    hub.calls["call_1"] = samples.call()
    hub.customers["cus_1"] = samples.customer(
        promise=promise_samples.promise(
            state=PromiseState.BROKEN, due_on=date(2026, 11, 18), paid=samples.gbp(1000)
        )
    )
    await enter(window)
    while window.session.customer is None:
        await settle(0.1)
    window.shell.agreed.promise.ask()
    await settle()
    drawer = window.findChild(PromiseDrawer)
    drawer.amount.edit.setText("62.10")
    drawer.day.set_text("4/12")
    await settle(0.4)


async def withdrawal(hub: FakeHub, window: Window) -> None:
    """A promise that was written down for the wrong customer."""
    hub.calls["call_1"] = samples.call()
    hub.customers["cus_1"] = samples.customer(promise=promise_samples.promise())
    await enter(window)
    while window.session.customer is None:
        await settle(0.1)
    window.shell.agreed.withdrawal.ask()
    window.findChild(WithdrawalDrawer).reason.set_text("It was the neighbour who called")
    await settle(0.4)


async def promise_wrong(hub: FakeHub, window: Window) -> None:
    """A day too far away, more than is owed."""
    await promise_form(hub, window)
    drawer = window.findChild(PromiseDrawer)
    drawer.amount.edit.setText("200")
    drawer.amount._check()
    drawer.day.set_text("4/3")
    await settle(0.4)


async def promised(hub: FakeHub, window: Window) -> None:
    """A promise stands."""
    hub.calls["call_1"] = samples.call()
    hub.customers["cus_1"] = samples.customer(promise=promise_samples.promise())
    await enter(window)


async def wrap_up_over(hub: FakeHub, window: Window) -> None:
    """More than two minutes after the call, and the next one rings."""
    hub.lamps = samples.readiness().model_copy(update={"wrap_up_s": 120})
    hub.calls["call_1"] = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.at(10, 39, 30))
    hub.calls["call_2"] = samples.ringing(call_id="call_2", matches=[samples.match(2, "Chidi Okafor")])
    await enter(window)


async def receipt_preview(hub: FakeHub, window: Window) -> None:
    """What the customer gets."""
    owed = [samples.write_back(kind, detail="Done") for kind in WriteBackKind]
    payment = hub.take(samples.payment(samples.approved(), write_backs=owed))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    await enter(window)
    body = window.shell.centre["payment"]._body
    body._writing._preview()
    await settle(0.4)


async def refunds_found(hub: FakeHub, window: Window) -> None:
    """An agent who may refund has found a payment and gives more back than their limit."""
    hub.person = promise_samples.refunder()
    detail = log_samples.refunded_story()
    hub.details[detail.payment.intent_id] = detail
    found = [row for row in log_samples.log_page().rows if row.intent_id == detail.payment.intent_id]
    hub.log = log_samples.log_page().model_copy(update={"rows": found})
    await enter(window)
    window.shell.show_page(_("Refunds"))
    view = window.shell.pages[_("Refunds")]
    view.search.set_text("123.36")
    view._model.look_for("123.36")
    await settle()
    view._model.open(found[0])
    await settle()
    view.drawer._refunds.open()
    view.drawer.findChild(RefundForm).reason.set_text("Billed twice")
    await settle()


async def refund_waits(hub: FakeHub, window: Window) -> None:
    """A supervisor sees what somebody asked for."""
    hub.person = samples.person(Role.SUPERVISOR).model_copy(update={"user_id": "usr_9"})
    detail = log_samples.refunded_story()
    asked = {"refund_request": promise_samples.refund_request()}
    detail = detail.model_copy(update={"payment": detail.payment.model_copy(update=asked)})
    hub.details[detail.payment.intent_id] = detail
    hub.take(detail.payment)
    hub.log = log_samples.log_page()
    await enter(window)
    view = window.shell.pages[_("Payments")]
    view.table.select(1)
    view._model.open(view._model.table.row(1))
    await settle()
    view.drawer._tabs.choose(_("Refunds"))
    await settle()


AFTER_STAGES = (
    promise_form, withdrawal, promise_wrong, promised, wrap_up_over, receipt_preview, refunds_found,
    refund_waits,
)  # fmt: skip
