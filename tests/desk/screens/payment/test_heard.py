"""What the payment region says aloud, so that who does not see it knows as much."""

from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.outcome import OutcomeBody
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import Place
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.widgets.outcome import OutcomeBlock
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.tones import Remedy, Trouble
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.captures import FieldState, FindingOut
from agentdesk.wire.events import CustomerChanged
from tests.desk import samples
from tests.desk.payment_stages import declined_attempt
from tests.desk.screens.payment.acting import ActingHub, keyed, ready
from tests.desk.screens.payment.playing import sent, tell
from tests.desk.screens.payment.test_view import press, secured

Said = list[tuple[str, bool]]
DONE, LIVE, READY, WAITING = FieldState.DONE, FieldState.LIVE, FieldState.READY, FieldState.WAITING
FAILED = FieldState.FAILED


def heard(said: Said, words: str) -> int:
    """Return how many lines have these words."""
    return sum(words in line for line, _ in said)


def approved(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    """Take the payment up to the bank's yes."""
    secured(view, hub, qtbot)
    tell(view._model, hub, qtbot, AttemptState.APPROVED)
    qtbot.waitUntil(lambda: isinstance(view._body, OutcomeBody))


def test_what_has_to_be_posted_by_a_person_is_said_once(
    view: PaymentView, hub: ActingHub, qtbot: QtBot, said: Said
) -> None:
    approved(view, hub, qtbot)
    backs = [samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.PARKED, "The period is closed.")]
    payment = hub.tell(view._model.payment, write_backs=backs)
    qtbot.waitUntil(lambda: heard(said, "Taken, not yet in the accounts. £123.36 was charged.") == 1)
    hub.tell(payment, write_backs=[*backs, samples.write_back(WriteBackKind.RECEIPT, WriteBackState.DONE)])
    qtbot.waitUntil(lambda: heard(said, "Receipt: done") == 1)
    assert heard(said, "Taken, not yet in the accounts") == 1


def test_a_text_that_does_not_reach_the_phone_is_said(
    view: PaymentView, hub: ActingHub, qtbot: QtBot, said: Said
) -> None:
    model = view._model
    press(view, Qt.Key.Key_F7)
    press(view, Qt.Key.Key_F7)
    sent(model, qtbot)
    usual = {"route": "link", "capture": None}
    tell(model, hub, qtbot, AttemptState.OPEN, link=samples.link(delivered_at=None), **usual)
    qtbot.waitUntil(lambda: model.link.out is not None and model.link.out.sent_at is not None)
    assert heard(said, "The text reached the phone") == 0
    why = "The network says that this number cannot get texts."
    tell(model, hub, qtbot, AttemptState.OPEN, link=samples.link(delivered_at=None, problem=why), **usual)
    qtbot.waitUntil(lambda: heard(said, why) == 1)
    assert (why, True) in said
    tell(model, hub, qtbot, AttemptState.OPEN, link=samples.link(), **usual)
    qtbot.waitUntil(lambda: ("The text reached the phone: ok", False) in said)
    assert heard(said, "Paid by the customer") == 0


def test_a_card_like_one_that_was_refused_is_said(
    view: PaymentView, hub: ActingHub, qtbot: QtBot, said: Said
) -> None:
    secured(view, hub, qtbot)
    card = samples.attempt().card
    first = declined_attempt(attempt_id="att_1", card=card)
    again = samples.attempt(attempt_id="att_2", number=2, card=card, capture=ready())
    hub.tell(view._model.payment, attempts=[first, again])
    qtbot.waitUntil(lambda: view._model.keying.refused_before is not None)
    qtbot.waitUntil(lambda: heard(said, "The bank has just said no to a card like this one.") == 1)


def test_what_the_tone_doctor_advises_is_said(
    view: PaymentView, hub: ActingHub, qtbot: QtBot, said: Said
) -> None:
    secured(view, hub, qtbot)
    finding = FindingOut(trouble=Trouble.BROKE_OFF, remedy=Remedy.SLOWLY, keys=11, expected=16)
    hub.tell_attempt(samples.attempt(capture=keyed(FAILED, WAITING, WAITING, finding=finding, tries=2)))
    qtbot.waitUntil(lambda: heard(said, "F9 asks slowly") == 1)


def test_that_the_figures_of_the_form_are_old_is_said(
    view: PaymentView, hub: ActingHub, qtbot: QtBot, said: Said
) -> None:
    read_at = samples.NOW - timedelta(minutes=30)
    hub.customers["cus_1"] = samples.customer(stale=["accounts"], account_as_of=read_at)
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: heard(said, "The accounts do not answer. You may take payments") == 1)
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: hub.count("customer") == 3)
    assert heard(said, "The accounts do not answer. You may take payments") == 1


def test_why_the_bank_said_no_stands_in_the_block(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    secured(view, hub, qtbot)
    tell(view._model, hub, qtbot, AttemptState.DECLINED)
    qtbot.waitUntil(lambda: view._model.place is Place.DECLINED and isinstance(view._body, OutcomeBody))
    block = view.findChild(OutcomeBlock)
    assert block.accessibleDescription().startswith("Card refused, ask for another. The bank said no to ")


def test_an_address_that_was_not_taken_stays_to_be_sent_again(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    approved(view, hub, qtbot)
    hub.fail("send_receipt", Unavailable("hub_unreachable"))
    go = hub.hold("send_receipt")
    press(view, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    _field(view).set_text("new@example.com")
    press(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: hub.count("send_receipt") == 1)
    press(view, Qt.Key.Key_Return)
    go.set()
    qtbot.waitUntil(lambda: view._model.error is not None)
    assert _field(view).text() == "new@example.com"
    press(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not _fields(view))
    assert [args[1].email for name, args in hub.asked if name == "send_receipt"] == ["new@example.com"] * 2


def _field(view: QWidget) -> LineEdit:
    (field,) = _fields(view)
    return field


def _fields(view: QWidget) -> list[LineEdit]:
    found = view.findChildren(LineEdit)
    return [one for one in found if one.isVisible() and one.edit.accessibleName() == "Email for the receipt"]


def test_a_receipt_that_was_not_taken_says_what_the_agent_can_do(
    view: PaymentView, hub: ActingHub, qtbot: QtBot, said: Said
) -> None:
    approved(view, hub, qtbot)
    backs = [samples.write_back(WriteBackKind.RECEIPT, WriteBackState.PARKED, "No such address.")]
    hub.tell(view._model.payment, write_backs=backs)
    words = "nobody needs to pay again. Alt R sends the receipt to another address, or a supervisor will."
    qtbot.waitUntil(lambda: heard(said, f"£123.36 was charged; {words}") == 1)
