"""Pictures of the payments page: the log, what needs a person, and what a supervisor does."""

from agentdesk.desk.screens.payments.expire import ExpireLink
from agentdesk.desk.screens.payments.refund_outcome import GaveEdit, OutcomePresses
from agentdesk.desk.screens.payments.refund_panel import RefundForm
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.choices import OptionRow
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.people import Role
from agentdesk.domain.refund import RefundState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.i18n import _
from agentdesk.wire.payment_log import PaymentLogPage
from agentdesk.wire.payments import CheckOut, PaymentDetail
from agentdesk.wire.work import WorkKind
from tests.desk import log_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.staging import enter, settle


async def payments(hub: FakeHub, window: Window) -> None:
    """A supervisor reads the payment log."""
    hub.person = samples.person(Role.SUPERVISOR).model_copy(update={"name": "Ruth Adeyemi"})
    hub.log = log_samples.log_page()
    await enter(window)


async def payments_under_way(hub: FakeHub, window: Window) -> None:
    """The log while cards are keyed, a link is open, a charge is on its way; part of one went back."""
    await payments(hub, window)
    page = log_samples.log_page()
    nothing = {"card": None, "write_backs": [None] * 3}
    changes = (
        {"state": AttemptState.OPEN} | nothing,
        {"state": AttemptState.SENDING, "write_backs": [None] * 3},
        {"state": AttemptState.OPEN} | nothing,
        {"state": None, "route": None} | nothing,
        {"state": AttemptState.APPROVED, "refunded": samples.gbp(1000)},
    )
    rows = [row.model_copy(update=change) for row, change in zip(page.rows, changes, strict=False)]
    hub.log = page.model_copy(update={"rows": rows + page.rows[len(changes) :]})
    window.shell.pages[_("Payments")]._model.refresh()
    await settle()


async def payment_open(hub: FakeHub, window: Window) -> None:
    """One payment in the drawer."""
    detail = log_samples.story()
    hub.details[detail.payment.intent_id] = detail
    await payments(hub, window)
    view = window.shell.pages[_("Payments")]
    view.table.select(1)
    view._model.open(view._model.table.row(1))
    await settle()


async def payment_parked(hub: FakeHub, window: Window) -> None:
    """What the accounts refused."""
    words = "The October period is closed. Nobody needs to pay again; post it in November or open the period."
    detail = log_samples.story(
        samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.PARKED, words),
        samples.write_back(WriteBackKind.CUSTOMER_RECORD, detail="Note added to the record"),
    )
    await payment_open(hub, window)
    hub.details[detail.payment.intent_id] = detail
    view = window.shell.pages[_("Payments")]
    view._model.refresh()
    await settle()
    view.drawer._tabs._tabs[_("Written back")].click()
    await settle()


async def needs_person(hub: FakeHub, window: Window) -> None:
    """What waits for a supervisor."""
    hub.waiting = log_samples.work_list()
    detail = log_samples.undecided_story()
    hub.details[detail.payment.intent_id] = detail
    hub.take(detail.payment)
    await payments(hub, window)
    window.session.clock.set_by(log_samples.LATER)
    window.shell.pages[_("Payments")].show_work(True)
    await settle()


async def needs_decision(hub: FakeHub, window: Window) -> None:
    """One of them, open."""
    await needs_person(hub, window)
    view = window.shell.pages[_("Payments")]
    place = next(i for i in range(5) if view._work.table.row(i).kind is WorkKind.UNKNOWN)
    view.work_table.select(place)
    view.work_table.chosen.emit(view._work.table.row(place))
    await settle()


async def decide(hub: FakeHub, window: Window) -> None:
    """The panel as it opens."""
    await needs_decision(hub, window)
    window.shell.pages[_("Payments")].drawer.decide()
    await settle(0.3)


async def decide_other_amount(hub: FakeHub, window: Window) -> None:
    """The provider shows another amount than was agreed."""
    says = "The provider says £100.00, this payment is £210.00."
    story = log_samples.undecided_story(alarm=says, alarm_open=True)
    await needs_person(hub, window)
    hub.details[story.payment.intent_id] = story
    hub.take(story.payment)
    view = window.shell.pages[_("Payments")]
    place = next(i for i in range(5) if view._work.table.row(i).kind is WorkKind.UNKNOWN)
    view.work_table.select(place)
    view.work_table.chosen.emit(view._work.table.row(place))
    await settle()
    view.drawer.decide()
    await settle(0.3)
    panel = view.drawer._panel
    panel.findChildren(OptionRow)[1].setChecked(True)
    panel._charged.set_value(samples.gbp(10000).money)
    panel._seen.set_text("£100.00, succeeded 10:30")
    panel._reference.set_text("pi_8K2")
    panel._reason.set_text("Amara is told tomorrow")
    await settle(0.3)


async def expire_link(hub: FakeHub, window: Window) -> None:
    """An agent's link is open, and a supervisor is asked once more."""
    story = log_samples.story()
    linked = samples.linked()
    payment = story.payment.model_copy(update={"attempts": [linked], "state": linked.state})
    await _open(hub, window, story.model_copy(update={"payment": payment}))
    window.shell.pages[_("Payments")].drawer.findChild(ExpireLink)._ask()
    await settle()


async def alarm_open(hub: FakeHub, window: Window) -> None:
    """An alarm that waits to be settled."""
    await needs_decision(hub, window)
    view = window.shell.pages[_("Payments")]
    item = next(one for one in hub.waiting.rows if one.kind is WorkKind.ALARM)
    hub.take(
        samples.payment(
            samples.approved(alarm=item.detail, alarm_open=True), intent_id=item.payment.intent_id
        )
    )
    view.work_table.select(view._work.table.place(item.key))
    await settle()


async def decide_other_currency(hub: FakeHub, window: Window) -> None:
    """The provider shows another currency than was agreed."""
    await decide_other_amount(hub, window)
    panel = window.shell.pages[_("Payments")].drawer._panel
    panel._charged.set_value(Money(10000, "EUR"))
    panel._seen.set_text("€100.00, succeeded 10:30")
    await settle(0.3)


async def decide_charged(hub: FakeHub, window: Window) -> None:
    """Ready to be recorded."""
    await decide(hub, window)
    panel = window.shell.pages[_("Payments")].drawer._panel
    panel._group.buttons()[1].setChecked(True)
    panel._seen.set_text("£210.00, succeeded 10:30:13")
    panel._reference.set_text("pi_3PqR8K2")
    panel._reason.set_text("The caller waits for an answer")
    await settle()


async def done_by_hand(hub: FakeHub, window: Window) -> None:
    """A parked write-back is marked as done."""
    await payment_parked(hub, window)
    view = window.shell.pages[_("Payments")]
    view.drawer._ask_done(view._model.detail.payment.write_backs[0])


async def refund_form(hub: FakeHub, window: Window) -> None:
    """A supervisor gives a part back; an earlier one is listed."""
    detail = log_samples.refunded_story(log_samples.refund(RefundState.DONE, 2000))
    await _open(hub, window, detail)
    drawer = window.shell.pages[_("Payments")].drawer
    drawer._refunds.open()
    form = drawer.findChild(RefundForm)
    form.amount.set_value(samples.gbp(5000).money)
    form.reason.set_text("Billed twice")
    await settle()


async def refund_list(hub: FakeHub, window: Window) -> None:
    """Refunds in every state."""
    refund, of = log_samples.refund, RefundState
    closed = "the card is closed or out of date"
    await _open(
        hub,
        window,
        log_samples.refunded_story(
            refund(of.NOT_SENT, 100, why="the payment provider does not answer"),
            refund(of.FAILED, 200, reversed=True, why=closed),
            refund(of.DONE, 2000),
            refund(of.PENDING, 3000),
            refund(of.UNKNOWN, 5000),
        ),
    )
    window.shell.pages[_("Payments")].drawer._tabs.choose(_("Refunds"))
    await settle()


async def refund_unknown(hub: FakeHub, window: Window) -> None:
    """A refund that no look-up could tell of: a supervisor decides it."""
    check = CheckOut(since=samples.at(10, 0), asked=6, next_at=None, person_from=samples.at(10, 5))
    refund = log_samples.refund(RefundState.UNKNOWN, check=check, sent_at=samples.at(10, 0))
    await _open(hub, window, log_samples.refunded_story(refund))
    window.shell.pages[_("Payments")].drawer._tabs.choose(_("Refunds"))
    await settle()


async def refund_went_back(hub: FakeHub, window: Window) -> None:
    """What they saw of it."""
    await refund_unknown(hub, window)
    presses = window.shell.pages[_("Payments")].drawer.findChild(OutcomePresses)
    presses.findChildren(Button)[-1].click()
    await settle()


async def refund_other_amount(hub: FakeHub, window: Window) -> None:
    """Less went back than was asked for, as the provider shows it."""
    check = CheckOut(since=samples.at(10, 0), asked=6, next_at=None, person_from=samples.at(10, 5))
    says = "The provider says £40.00, this refund is £50.00."
    refund = log_samples.refund(RefundState.UNKNOWN, check=check, sent_at=samples.at(10, 0), alarm=says)
    await _open(hub, window, log_samples.refunded_story(refund))
    drawer = window.shell.pages[_("Payments")].drawer
    drawer._tabs.choose(_("Refunds"))
    await settle()
    drawer.findChild(OutcomePresses).findChildren(Button)[-1].click()
    await settle()
    drawer.findChild(GaveEdit).amount.set_value(samples.gbp(4000).money)
    await settle()


async def _open(hub: FakeHub, window: Window, detail: PaymentDetail) -> None:
    hub.details[detail.payment.intent_id] = detail
    hub.take(detail.payment)
    await payments(hub, window)
    view = window.shell.pages[_("Payments")]
    view.table.select(1)
    view._model.open(view._model.table.row(1))
    await settle()


async def payments_lost(hub: FakeHub, window: Window) -> None:
    """The log does not come."""
    hub.fail("payment_log", Unavailable("hub_unreachable"), always=True)
    await payments(hub, window)


async def payments_empty(hub: FakeHub, window: Window) -> None:
    """Nothing matches."""
    await payments(hub, window)
    hub.log = PaymentLogPage(rows=[], cursor=None, totals=log_samples.no_totals())
    view = window.shell.pages[_("Payments")]
    view._model.show(agent="usr_9", state=AttemptState.DECLINED)
    view.filter_bar._ask_amount()
    await settle()


LOG_STAGES = (
    payments, payments_under_way, payment_open, payment_parked, payments_lost, payments_empty,
    needs_person, needs_decision, decide, decide_charged, decide_other_amount, decide_other_currency,
    alarm_open, done_by_hand, refund_form, refund_list, refund_unknown, refund_went_back,
    refund_other_amount, expire_link,
)  # fmt: skip
