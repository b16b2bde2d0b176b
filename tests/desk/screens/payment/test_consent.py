"""Keeping the card that is being keyed: only with the caller's yes, noted once."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.call.steps import Step
from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.desk.screens.customer.view import CustomerView
from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.consent import SaveCard
from agentdesk.desk.screens.payment.saved_form import ChargingBody, SavedForm
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.choices import OptionRow
from agentdesk.desk.widgets.outcome import WriteBackRow
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.saved_card import SavedCardState
from tests.desk import card_samples, samples
from tests.desk.screens.payment.acting import ActingHub, capture, ready
from tests.desk.screens.payment.playing import DONE, LIVE, WAITING, asked, attempts, lose, take, tell
from tests.desk.screens.payment.test_view import press

CTRL = Qt.KeyboardModifier.ControlModifier
OPEN = AttemptState.OPEN


@pytest.fixture
def hub(hub: ActingHub) -> ActingHub:
    """Return a hub that saves cards, with two of Amara's; the second is out of date."""
    card_samples.allow(hub)
    hub.customers["cus_1"] = samples.customer(saved_cards=card_samples.several())
    return hub


def keyed(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, **changes: object) -> None:
    """Let the whole card be in."""
    take(model, hub, qtbot)
    tell(model, hub, qtbot, OPEN, **({"capture": ready()} | changes))


def test_the_words_are_read_out_and_the_yes_is_noted_once(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    call = CallViewModel(model.session, lambda: False)
    keyed(model, hub, qtbot)
    assert actions(model).keyed["F2"].name == "read"
    model.saved.read()
    assert (call.step, call.script.say) == (Step.CONSENT, card_samples.RULES.words)
    assert "F2" not in actions(model).keyed, "the key that asked is nobody's yes"
    assert actions(model).keyed["F3"].name == "agreed"
    model.saved.agreed()
    model.saved.agreed()
    qtbot.waitUntil(lambda: not model.saved.agree_command.is_running)
    assert asked(hub, "agree_to_save") == [("att_1", "2026-11")]
    tell(model, hub, qtbot, OPEN, capture=ready(), consent=card_samples.consent())
    assert "F2" not in actions(model).keyed
    assert call.step is Step.READY


def test_it_can_be_asked_while_the_card_is_still_being_keyed(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    keyed(model, hub, qtbot, capture=capture(DONE, LIVE, WAITING))
    assert model.saved.can_read


def test_a_caller_who_says_no_is_asked_nothing_of_the_hub(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    call = CallViewModel(model.session, lambda: False)
    keyed(model, hub, qtbot)
    model.saved.read()
    model.saved.not_agreed()
    assert (call.step, model.saved.reading) == (Step.READY, False)
    assert asked(hub, "agree_to_save") == []


def test_a_yes_without_the_words_read_is_none(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    keyed(model, hub, qtbot)
    model.saved.agreed()
    assert asked(hub, "agree_to_save") == []


def test_a_consent_is_taken_back(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    keyed(model, hub, qtbot, consent=card_samples.consent())
    model.saved.take_back()
    qtbot.waitUntil(lambda: not model.saved.take_back_command.is_running)
    assert asked(hub, "take_consent_back") == [("att_1",)]
    over = card_samples.consent(SavedCardState.NOT_KEPT, why="The customer withdrew it.")
    tell(model, hub, qtbot, OPEN, capture=ready(), consent=over)
    assert model.saved.can_read


def test_once_it_is_submitted_nobody_is_asked(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    keyed(model, hub, qtbot)
    held = hub.hold("submit")
    model.submit()
    assert not model.saved.can_read
    held.set()
    qtbot.waitUntil(lambda: not model.submit_command.is_running)
    assert not model.saved.can_read


def test_where_no_card_is_kept_nobody_is_asked(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    keyed(model, hub, qtbot)
    told = model.session.readiness
    assert told is not None
    model.session._set_readiness(told.model_copy(update={"saved_cards": None}))
    assert not model.saved.can_read
    model.saved.read()
    assert not model.saved.reading


def test_other_words_at_the_hub_are_told(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    keyed(model, hub, qtbot)
    hub.fail("agree_to_save", Conflict("consent_changed", wording="2026-12"))
    model.saved.read()
    model.saved.agreed()
    qtbot.waitUntil(lambda: model.error is not None)
    assert model.error is not None
    assert "version 2026-12" in model.error.text
    assert model.saved.consent is None


def test_without_a_connection_no_consent_is_noted(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    keyed(model, hub, qtbot)
    model.saved.read()
    lose(model, hub, qtbot)
    model.saved.agreed()
    assert asked(hub, "agree_to_save") == []


def test_silence_leaves_the_question_open(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    keyed(model, hub, qtbot)
    hub.fail("agree_to_save", Unavailable("hub_unreachable"))
    model.saved.read()
    model.saved.agreed()
    qtbot.waitUntil(lambda: model.error is not None)
    assert model.saved.reading


# ---------------------------------------------------------------- on the screen


def title(view: PaymentView) -> str:
    part = view.findChild(SaveCard)
    assert part is not None
    named = [one for one in part.findChildren(object) if hasattr(one, "accessibleDescription")]
    return next((one.accessibleName() for one in named if one.accessibleDescription()), "")


def test_by_keyboard_alone_the_card_is_saved(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    model = view._model
    keyed(model, hub, qtbot)
    assert title(view) == "Save this card for next time?"
    press(view, Qt.Key.Key_F2)
    assert title(view) == "Read the script to the caller"
    press(view, Qt.Key.Key_F2)
    assert hub.count("agree_to_save") == 0
    press(view, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: hub.count("agree_to_save") == 1)
    tell(model, hub, qtbot, OPEN, capture=ready(), consent=card_samples.consent())
    assert title(view) == "This card is saved once it is paid"
    press(view, Qt.Key.Key_F3)
    assert hub.count("agree_to_save") == 1


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (SavedCardState.KEPT, "Saved card: Done"),
        (SavedCardState.KEEPING, "Saved card: Queued"),
        (SavedCardState.NOT_KEPT, "Saved card: Not saved"),
    ],
)
def test_after_the_approval_it_says_what_became_of_it(
    view: PaymentView, hub: ActingHub, qtbot: QtBot, state: SavedCardState, said: str
) -> None:
    model = view._model
    keyed(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.APPROVED, consent=card_samples.consent(state, why="Refused."))
    qtbot.waitUntil(lambda: model.place is Place.APPROVED)
    assert said in [one.accessibleName() for one in view.findChildren(WriteBackRow)]


def test_by_keyboard_alone_a_saved_card_pays(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    press(view, Qt.Key.Key_3, CTRL)
    press(view, Qt.Key.Key_F4)
    assert isinstance(view._body, SavedForm)
    rows = {one.accessibleName(): one for one in view._body.findChildren(OptionRow)}
    assert rows["Visa ending 4242, 08/28"].isChecked()
    off = rows["Mastercard ending 5100, 10/26"]
    assert (off.isEnabled(), off.accessibleDescription()) == (False, "It expired 10/26.")
    press(view, Qt.Key.Key_F4)
    assert attempts(hub) == [], "the key that opened it charges nothing"
    press(view, Qt.Key.Key_F10)
    press(view, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: isinstance(view._body, ChargingBody))
    assert len(attempts(hub)) == 1


def test_a_number_key_picks_the_card(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    model = view._model
    hub.customers["cus_1"] = samples.customer(saved_cards=card_samples.several("card_1", "card_3"))
    model.session.load_customer.restart(True)
    qtbot.waitUntil(lambda: len(model.saved.options) == 2 and not model.saved.options[1].off)
    model.saved.ask()
    press(view, Qt.Key.Key_2, CTRL)
    assert model.saved.option is not None
    assert model.saved.option.card_id == "card_3"


# ---------------------------------------------------------------- beside the customer's name
def named(region: CustomerView, name: str) -> Button:
    return next(one for one in region.findChildren(Button) if one.accessibleName() == name)


def test_a_card_is_removed_after_one_more_question(
    window: Window, view: PaymentView, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    hub = window.session.client
    assert window.shell is not None and isinstance(hub, ActingHub)
    region = window.shell.customer
    named(region, "Remove the saved Visa ending 4242, 08/28").click()
    assert hub.count("withdraw_card") == 0
    assert region._cards is not None and region._cards.keep is not None
    assert region._cards.keep.hasFocus(), "Enter keeps it"
    question = "Remove the saved Visa ending 4242, 08/28? It is gone at once and cannot be charged any more."
    assert (question, True) in said
    hub.customers["cus_1"] = samples.customer(saved_cards=card_samples.several("card_2"))
    named(region, "Remove the saved Visa ending 4242, 08/28 now").click()
    qtbot.waitUntil(lambda: hub.count("withdraw_card") == 1)
    gone = "Visa ending 4242, 08/28"
    qtbot.waitUntil(
        lambda: all(gone not in one.accessibleName() for one in window.shell.customer.findChildren(Button))
    )
    qtbot.waitUntil(lambda: ("The saved card is removed", False) in said)
    assert [words for words, _loud in said].count(question) == 1


def test_keeping_it_removes_nothing(window: Window, view: PaymentView, hub: ActingHub) -> None:
    assert window.shell is not None
    region = window.shell.customer
    named(region, "Remove the saved Visa ending 4242, 08/28").click()
    assert region._cards is not None and region._cards.keep is not None
    region._cards.keep.click()
    assert region._cards.keep is None
    assert hub.count("withdraw_card") == 0


def test_a_removal_that_fails_says_so(
    window: Window, view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    assert window.shell is not None
    model = window.shell.customer._model
    hub.fail("withdraw_card", Unavailable("hub_unreachable"))
    model.ask_to_remove("card_1")
    model.remove_card()
    qtbot.waitUntil(lambda: model.remove_error is not None)
    assert model.removing is None
