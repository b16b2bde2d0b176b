"""What the payment region decides, in every state and on every bad path."""

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CaptureState, CardField
from agentdesk.domain.errors import Invalid, Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.captures import FieldState, ReadBack
from agentdesk.wire.events import CallChanged
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import WriteBack
from tests.desk import samples
from tests.desk.payment_stages import declined_attempt
from tests.desk.screens.payment.acting import ActingHub, capture, closed, ready
from tests.desk.screens.payment.playing import asked, hang_up, lose, take, tell

DONE, LIVE, READY, WAITING = FieldState.DONE, FieldState.LIVE, FieldState.READY, FieldState.WAITING
FAILED = FieldState.FAILED


# ---------------------------------------------------------------- the card
def test_fields_are_asked_for_in_order_and_one_at_a_time(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    assert model.next_field.field is CardField.NUMBER
    tell(model, hub, qtbot, AttemptState.OPEN, capture=capture(LIVE, READY, WAITING))
    assert (model.next_field, model.live_field.field) == (None, CardField.NUMBER)
    tell(model, hub, qtbot, AttemptState.OPEN, capture=capture(FAILED, READY, WAITING))
    assert model.next_field.field is CardField.NUMBER
    tell(model, hub, qtbot, AttemptState.OPEN, capture=capture(DONE, READY, WAITING))
    assert model.next_field.field is CardField.EXPIRY


def test_asking_twice_asks_once(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    take(model, hub, qtbot)
    held = hub.hold("request_field")
    model.ask(CardField.NUMBER)
    model.ask(CardField.NUMBER)
    held.set()
    qtbot.waitUntil(lambda: not model.field_command.is_running)
    assert hub.count("request_field") == 1


def test_submit_is_possible_only_with_every_field_and_once(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    model.submit()
    assert hub.count("submit") == 0
    assert actions(model).main.off == "Needs all 3 fields"
    tell(model, hub, qtbot, AttemptState.OPEN, capture=ready())
    held = hub.hold("submit")
    model.submit()
    model.submit()
    assert actions(model).main.busy == "Submitting"
    held.set()
    qtbot.waitUntil(lambda: not model.submit_command.is_running)
    assert hub.count("submit") == 1


def test_what_was_ticked_goes_with_the_submit(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.OPEN, capture=ready())
    model.set_read_back(ReadBack.AMOUNT, True)
    model.set_read_back(ReadBack.CARD, True)
    model.ask(CardField.NUMBER)
    qtbot.waitUntil(lambda: not model.field_command.is_running)
    tell(model, hub, qtbot, AttemptState.OPEN, capture=ready())
    model.submit()
    qtbot.waitUntil(lambda: hub.count("submit") == 1)
    [(_, ticked)] = [args for name, args in hub.asked if name == "submit"]
    assert list(ticked) == [ReadBack.AMOUNT]  # another card may have been keyed after the other tick


def test_cancel_waits_for_the_card_entry_to_close(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    model.cancel()
    qtbot.waitUntil(lambda: hub.count("cancel") == 1)
    cancelling = capture(DONE, READY, WAITING, state=CaptureState.CANCELLING)
    tell(model, hub, qtbot, AttemptState.OPEN, capture=cancelling)
    assert (model.place, actions(model).main) == (Place.CANCELLING, None)
    tell(model, hub, qtbot, AttemptState.NOT_SENT, capture=closed(), not_sent_reason="You cancelled it.")
    assert model.place is Place.NOT_SENT
    assert (actions(model).main.words, actions(model).main.key) == ("Try again", "F4")


# ---------------------------------------------------------------- what became of it
def test_approval_suggests_the_wrap_up_and_finishes(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.APPROVED)
    assert model.wrap_up.disposition == "part_payment"
    assert model.wrap_up.note == (
        "Took £123.36 by card on the keypad for NW-20931 and NW-21407. "
        "Visa ending 4242, approved, code 019283. Reference 01JD-7Q4M."
    )
    assert (actions(model).main.name, actions(model).main.key) == ("finish", "Ctrl Enter")


def test_what_the_agent_wrote_stays(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    model.wrap_up.note = "Moves in May"
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.APPROVED)
    assert model.wrap_up.note == "Moves in May"


def test_note_of_a_refusal_gives_way_to_that_of_the_approval(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.DECLINED)
    model.leave()
    assert "declined, nothing was charged" in model.wrap_up.note
    assert model.session.wrapping_up
    tell(model, hub, qtbot, AttemptState.APPROVED, late_success=True)
    assert model.wrap_up.note.startswith("Took £123.36")
    assert model.was_doubted


def test_the_prepared_part_of_a_note_follows_the_money_and_what_was_added_stays(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.UNKNOWN)
    model.leave()
    assert "The bank has not answered" in model.wrap_up.note
    model.wrap_up.type_note(f"{model.wrap_up.note} He rings back at four.")
    tell(model, hub, qtbot, AttemptState.APPROVED, late_success=True)
    assert model.wrap_up.note == (
        "Took £123.36 by card on the keypad for NW-20931 and NW-21407. "
        "Visa ending 4242, approved, code 019283. Reference 01JD-7Q4M. He rings back at four."
    )


@pytest.mark.parametrize(
    ("charged", "currency", "reason", "words"),
    [
        (10000, "GBP", "part_payment", "Took £100.00 by card. £123.36 was agreed: £23.36 stays owed."),
        (15000, "GBP", "", "Took £150.00 by card. £123.36 was agreed: £26.64 stays on the account as credit"),
        (10000, "EUR", "", "Took €100.00 by card. £123.36 was agreed. A person posts €100.00 or gives it"),
    ],
)
def test_the_note_of_another_amount_says_what_was_agreed_and_what_became_of_the_rest(
    model: PaymentViewModel,
    hub: ActingHub,
    qtbot: QtBot,
    charged: int,
    currency: str,
    reason: str,
    words: str,
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.APPROVED, charged=Amount(minor=charged, currency=currency))
    for one in words.split(" by card. "):
        assert one in model.wrap_up.note
    assert model.wrap_up.disposition == reason or not reason


def test_a_debt_of_which_less_was_taken_is_a_part_payment(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.customers["cus_1"] = samples.customer(open_items=samples.customer().open_items[:2])
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.APPROVED, charged=samples.gbp(10000))
    assert model.wrap_up.disposition == "part_payment"


def test_a_refusal_in_the_wrap_up_is_noted_while_the_line_is_open(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.UNKNOWN)
    model.leave()
    tell(model, hub, qtbot, AttemptState.DECLINED)
    assert model.session.line_is_open
    assert "declined, nothing was charged" in model.wrap_up.note
    assert "The bank has not answered" not in model.wrap_up.note


@pytest.mark.parametrize("state", [AttemptState.UNKNOWN, AttemptState.PENDING])
def test_while_it_is_checked_nothing_invites_a_second_charge(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, state: AttemptState
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, state, sent_at=samples.at(10, 43, 29), check=samples.unknown().check)
    assert model.place is Place.CHECKING
    assert [press.kind for press in actions(model).presses] == ["secondary"]
    model.again()
    model.in_call.another()
    model.take()
    assert (hub.count("start_attempt"), hub.count("create_payment")) == (1, 1)


def test_late_approval_after_doubt_says_so(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.UNKNOWN)
    tell(model, hub, qtbot, AttemptState.APPROVED)
    assert model.place is Place.APPROVED
    assert model.was_doubted


def test_refused_card_is_not_offered_again_unless_the_bank_allows(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.DECLINED)
    assert not model.may_retry_card
    assert actions(model).main.words == "Try another card"
    tell(model, hub, qtbot, AttemptState.DECLINED, same_card=True)
    assert actions(model).main.words == "Key the card again"


def test_out_of_attempts_offers_no_further_one(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    take(model, hub, qtbot)
    payment = next(iter(hub.payments.values()))
    tries = [declined_attempt(attempt_id=f"att_{i}", number=i) for i in (1, 2, 3)]
    hub.tell(payment, attempts=tries)
    qtbot.waitUntil(lambda: model.place is Place.DECLINED)
    assert model.why_not_again == "All attempts of this payment are used"
    assert [(press.name, press.kind) for press in actions(model).presses] == [("leave", "secondary")]
    model.again()
    assert hub.count("start_attempt") == 1


def test_hanging_up_before_submitting_leaves_the_wrap_up_and_a_link(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    hang_up(model, hub, qtbot)
    tell(
        model,
        hub,
        qtbot,
        AttemptState.NOT_SENT,
        capture=closed(),
        not_sent_reason="The caller hung up before you submitted.",
    )
    assert model.why_not_again == "The call has ended"
    assert [press.name for press in actions(model).presses] == ["link", "finish"]
    assert "Not sent, nothing was charged" in model.wrap_up.note


def test_hanging_up_after_submitting_goes_on_checking(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    hang_up(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.UNKNOWN)
    assert model.place is Place.CHECKING
    assert [(press.name, press.kind) for press in actions(model).presses] == [("finish", "secondary")]


def test_lost_connection_makes_a_live_payment_unknown_never_failed(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.OPEN, capture=ready())
    hub.fail("submit", Unavailable("hub_unreachable"))
    model.submit()
    qtbot.waitUntil(lambda: model.error is not None)
    lose(model, hub, qtbot)
    assert (model.place, model.may_have_been_submitted) == (Place.OUT_OF_SIGHT, True)
    assert actions(model).presses == ()


def test_late_success_with_a_live_card_entry_offers_to_cancel_it(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    payment = next(iter(hub.payments.values()))
    first = samples.approved(late_success=True)
    second = samples.attempt(attempt_id="att_2", number=2, capture=capture(LIVE, WAITING, WAITING))
    hub.tell(payment, attempts=[first, second])
    qtbot.waitUntil(lambda: model.place is Place.APPROVED)
    assert [press.name for press in actions(model).presses] == ["cancel"]
    model.cancel()
    qtbot.waitUntil(lambda: asked(hub, "cancel") == [("att_2",)])


def test_receipt_is_sent_to_another_address(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.APPROVED)
    model.send_receipt("ada@example.com")
    qtbot.waitUntil(lambda: hub.count("send_receipt") == 1)
    first = asked(hub, "send_receipt")[0][1]
    assert (first.email, first.key) == ("ada@example.com", None)


def test_receipt_that_was_sent_is_sent_again_under_a_key_of_its_own(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.APPROVED)
    payment = next(iter(hub.payments.values()))
    done = samples.write_back(WriteBackKind.RECEIPT, WriteBackState.DONE)
    hub.tell(payment, receipt_email="ada@example.com", write_backs=[done])
    qtbot.waitUntil(lambda: bool(model.payment and model.payment.receipt_email == "ada@example.com"))
    for count in (1, 2):
        model.send_receipt("ada@example.com")
        qtbot.waitUntil(lambda count=count: hub.count("send_receipt") == count)
        qtbot.waitUntil(lambda: not model.receipt_command.is_running)
    keys = [one[1].key for one in asked(hub, "send_receipt")]
    assert None not in keys
    assert len(set(keys)) == 2


@pytest.mark.parametrize("first", [WriteBackState.DONE, WriteBackState.PARKED])
def test_receipt_that_goes_back_to_the_first_address_is_another_wish(
    first: WriteBackState, model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.APPROVED)
    sent: list[WriteBack] = []
    for to, state in (("ada@example.com", first), ("bob@example.com", WriteBackState.DONE)):
        sent.append(samples.write_back(WriteBackKind.RECEIPT, state))
        (payment,) = hub.payments.values()
        newer = hub.tell(payment, receipt_email=to, write_backs=list(sent))
        qtbot.waitUntil(lambda newer=newer: model.payment == newer)
    model.send_receipt("ada@example.com")
    qtbot.waitUntil(lambda: hub.count("send_receipt") == 1)
    assert asked(hub, "send_receipt")[0][1].key


def test_receipt_that_is_on_its_way_is_not_asked_for_again(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.APPROVED)
    states = (WriteBackState.DONE, WriteBackState.QUEUED)
    owed = [samples.write_back(WriteBackKind.RECEIPT, state) for state in states]
    (payment,) = hub.payments.values()
    newer = hub.tell(payment, receipt_email="ada@example.com", write_backs=owed)
    qtbot.waitUntil(lambda: model.payment == newer)
    kept = []
    model.receipt_command.done.connect(kept.append)
    model.send_receipt("ada@example.com")
    qtbot.waitUntil(lambda: bool(kept))
    assert hub.count("send_receipt") == 0


def test_error_of_one_state_does_not_follow_into_the_next(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    hub.fail("request_field", Invalid("field_invalid", field="x", reason="y"))
    model.ask(CardField.NUMBER)
    qtbot.waitUntil(lambda: model.error is not None)
    tell(model, hub, qtbot, AttemptState.APPROVED)
    assert model.error is None


def test_a_payment_without_its_call_can_only_be_closed(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.push(CallChanged(call=samples.call(state=CallState.ENDED)))
    qtbot.waitUntil(lambda: model.session.call is None)
    parked = samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.PARKED, "The period is closed.")
    model.session.open_payment(samples.payment(samples.approved(), write_backs=[parked]))
    assert [press.name for press in actions(model).presses] == ["leave"]
    model.leave()
    assert model.session.payment is None


def test_another_call_of_the_same_customer_is_another_payment(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    """What was made for the first call, but not started, is not paid on the second."""
    hub.fail("start_attempt", Unavailable("hub_unreachable"))
    model.take()
    qtbot.waitUntil(lambda: model.error is not None)
    made, first = model.form.intent, model.form.new_intent()
    assert made is not None
    hub.push(CallChanged(call=samples.call(call_id="call_2", started_at=samples.at(10, 41))))
    hub.push(CallChanged(call=samples.call(state=CallState.ENDED)))
    qtbot.waitUntil(lambda: model.session.call is not None and model.session.call.call_id == "call_2")
    second = model.form.new_intent()
    assert model.form.intent is None
    assert (second.call_id, second.key == first.key) == ("call_2", False)
    assert model.session.draft is not None


def test_another_customer_is_not_shown_what_was_tried_for_the_one_before(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.NOT_SENT)
    assert model.place is Place.NOT_SENT
    hub.customers["cus_2"] = samples.customer(customer_id="cus_2", name="Peter Osei")
    hub.push(CallChanged(call=samples.call(customer_id="cus_2")))
    qtbot.waitUntil(lambda: model.place is Place.CHOOSE)
    assert model.form.why_not == ""
