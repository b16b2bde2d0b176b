"""Every exercise on the real parts: done right it scores in full, done wrong it says what was wrong."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from agentdesk.cli.demo import screen
from agentdesk.cli.demo.call import call
from agentdesk.cli.demo.journey import Journey
from agentdesk.cli.demo.world import AGENT, SUPERVISOR, World, new_key
from agentdesk.domain.capture import CaptureState, CardField
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.captures import FieldState
from tests.end_to_end.desk_by_hand import FIELDS, Line, Person, Taking, hire
from tests.end_to_end.desk_by_keys import Play, focused
from tests.until import until

REFUNDER = ("rita.refunds", "Rita Refunds", "agent", 3000)
_LATE_S = 60


class Rehearsing:
    """A person in a rehearsal, at the hub's own routes; the caller does their part by themselves."""

    def __init__(self, person: Person, exercise: str) -> None:
        self.person, self.exercise = person, exercise
        self.made = person.ask("POST", "/v1/rehearsals", {"key": new_key(), "exercise": exercise})
        until(lambda: self.current()["call_id"])
        self.cast = self.made["cast"]
        calls = call("GET", f"{person.world.sandbox.url}/_sim/calls")
        ref = [one["sid"] for one in calls if one["agent"] == person.account[0]][-1]
        self.line = Line(person, self.current()["call_id"], ref)
        until(lambda: self.line.show()["matches"] or self.line.show()["match_problem"])

    def current(self) -> dict[str, Any]:
        """Return the rehearsal that goes on."""
        return dict(self.person.ask("GET", "/v1/rehearsals")["current"])

    def agree(self, minor: int = 0) -> Taking:
        """Agree to pay the bill the caller names, or a part of it."""
        items = self.line.customer()["open_items"]
        bill = next(one for one in items if one["number"] == self.cast["number"])
        amount = {"minor": minor or self.cast["amount"]["minor"], "currency": "GBP"}
        return self.line.agree(amount["minor"], [bill | {"outstanding": amount}])

    def key_card(self, taking: Taking) -> None:
        """Secure the line and ask for every field."""
        assert taking.start()["capture"]["secured_at"], taking.attempt()
        for name in FIELDS:
            taking.ask(name)
            until(lambda name=name: taking.field(name)["state"] == "done")

    def submit(self, taking: Taking, *ends: str) -> None:
        """Let the caller key the card, submit it, and wait for one of these ends."""
        self.key_card(taking)
        taking.submit()
        until(lambda: taking.attempt()["state"] in ends, _LATE_S)

    def find_caller(self) -> None:
        """Put the customer on the call whom the caller says they are."""
        rows = self.person.ask("GET", f"/v1/customers?q={quote(self.cast['account'])}")["rows"]
        found = [one["customer_id"] for one in rows if one["account"] == self.cast["account"]]
        self.choose(found[0])

    def choose(self, customer_id: str | None) -> None:
        """Put a customer on the call, or take them off."""
        path = f"/v1/calls/{self.line.call_id}/customer"
        self.person.ask("PUT", path, {"customer_id": customer_id})

    def finish(self) -> dict[str, bool]:
        """Wrap the call up and return the score."""
        end = {"disposition": "enquiry", "note": "Practised."}
        self.person.ask("POST", f"/v1/calls/{self.line.call_id}/wrap-up", end)
        listed = self.person.ask("GET", "/v1/rehearsals")
        assert listed["current"] is None
        last = next(one["last"] for one in listed["exercises"] if one["exercise"] == self.exercise)
        assert last["rehearsal_id"] == self.made["rehearsal_id"]
        return {one["rule"]: one["passed"] for one in last["score"]}


@pytest.fixture
def trainee(untouched: World) -> Iterator[Person]:
    """An agent without a call."""
    person = Person(untouched, AGENT)
    person.finish_calls()
    yield person
    person.finish_calls()


def _all_right(score: dict[str, bool]) -> bool:
    return bool(score) and all(score.values())


# ---------------------------------------------------------------- each done right
def test_a_plain_payment(trainee: Person) -> None:
    it = Rehearsing(trainee, "plain")
    assert it.line.show()["queue"] == "Drill"
    taking = it.agree()
    it.submit(taking, "approved")
    assert it.current()["line"] == 1
    assert _all_right(it.finish())
    assert [one["status"] for one in taking.charges()] == ["succeeded"]


def test_declined_then_another_card(trainee: Person) -> None:
    it = Rehearsing(trainee, "other_card")
    taking = it.agree()
    it.submit(taking, "declined")
    it.submit(taking, "approved")
    assert _all_right(it.finish())


def test_too_many_digits_slowly_and_then_a_link(trainee: Person) -> None:
    it = Rehearsing(trainee, "bad_line")
    taking = it.agree()
    taking.start()
    taking.ask("number")
    until(lambda: taking.field("number")["state"] == "failed")
    finding = taking.field("number")["finding"]
    assert (finding["trouble"], finding["remedy"]) == ("too_many", "slowly")
    trainee.ask("POST", f"/v1/attempts/{taking.attempt()['attempt_id']}/fields/number?slow=true")
    until(lambda: taking.field("number")["state"] == "failed" and taking.field("number")["tries"] == 2)
    assert taking.field("number")["finding"]["remedy"] == "other_route"
    taking.cancel()
    until(lambda: taking.attempt()["state"] == "not_sent")
    taking.send_link()
    until(lambda: taking.attempt()["state"] == "approved", _LATE_S)
    assert _all_right(it.finish())


def test_the_caller_keys_nothing_and_then_the_card(trainee: Person) -> None:
    it = Rehearsing(trainee, "silent")
    taking = it.agree()
    taking.start()
    taking.ask("number")
    until(lambda: taking.field("number")["state"] == "failed", _LATE_S)
    assert taking.field("number")["problem"] == "timed_out"
    assert it.current()["line"] == 1
    for name in FIELDS:
        taking.ask(name)
        until(lambda name=name: taking.field(name)["state"] == "done")
    taking.submit()
    until(lambda: taking.attempt()["state"] == "approved", _LATE_S)
    assert _all_right(it.finish())


def test_the_line_cannot_be_made_safe_and_then_it_can(trainee: Person) -> None:
    it = Rehearsing(trainee, "not_secured")
    taking = it.agree()
    assert taking.start()["not_sent_reason"] == "The recorder did not answer."
    assert it.current()["line"] == 1
    it.submit(taking, "approved")
    assert _all_right(it.finish())


def test_the_caller_pays_later_and_the_link_stays_open(trainee: Person) -> None:
    it = Rehearsing(trainee, "pays_later")
    taking = it.agree()
    taking.send_link()
    assert it.current()["line"] == 1
    assert _all_right(it.finish())
    assert taking.attempt()["state"] == "open"
    assert taking.charges() == []


def test_the_caller_hangs_up_while_keying(trainee: Person) -> None:
    it = Rehearsing(trainee, "hangs_up_keying")
    taking = it.agree()
    taking.start()
    taking.ask("number")
    until(lambda: taking.attempt()["state"] == "not_sent")
    assert it.current()["line"] == 2
    taking.send_link()
    assert _all_right(it.finish())
    until(lambda: taking.attempt()["state"] == "approved", _LATE_S)  # by the caller, after the call


def test_the_caller_hangs_up_while_the_bank_is_asked(trainee: Person) -> None:
    it = Rehearsing(trainee, "hangs_up_charging")
    taking = it.agree()
    it.key_card(taking)
    taking.submit()
    until(lambda: it.line.show()["state"] == "wrap_up")
    assert taking.attempt()["state"] == "sending"
    assert it.current()["line"] == 1
    until(lambda: taking.attempt()["state"] == "approved", _LATE_S)
    assert _all_right(it.finish())


def test_the_banks_answer_is_lost(trainee: Person) -> None:
    it = Rehearsing(trainee, "lost_answer")
    taking = it.agree()
    it.submit(taking, "unknown")
    assert it.current()["line"] == 1
    until(lambda: taking.attempt()["state"] == "approved", _LATE_S)
    assert _all_right(it.finish())
    assert len(taking.charges()) == 1


def test_asked_to_take_it_twice(trainee: Person) -> None:
    it = Rehearsing(trainee, "paid_already")
    it.submit(it.agree(), "approved")
    assert it.current()["line"] == 1
    assert _all_right(it.finish())


def test_the_wrong_account_comes_up(trainee: Person) -> None:
    it = Rehearsing(trainee, "wrong_account")
    assert it.line.customer()["name"] == it.cast["other"] != it.cast["name"]
    it.choose(None)
    it.find_caller()
    assert it.current()["line"] == 1
    it.submit(it.agree(), "approved")
    assert _all_right(it.finish())


def test_a_withheld_number(trainee: Person) -> None:
    it = Rehearsing(trainee, "withheld")
    assert (it.line.show()["number"], it.line.show()["customer_id"]) == (None, None)
    it.find_caller()
    it.submit(it.agree(), "approved")
    assert _all_right(it.finish())


def test_the_bank_wants_the_caller_to_confirm(trainee: Person) -> None:
    it = Rehearsing(trainee, "bank_confirms")
    taking = it.agree()
    it.submit(taking, "declined")
    assert taking.attempt()["decline"]["advice"] == "send_link"
    taking.send_link()
    until(lambda: taking.attempt()["state"] == "approved", _LATE_S)
    assert _all_right(it.finish())


def test_the_caller_reads_the_card_out(trainee: Person) -> None:
    it = Rehearsing(trainee, "reads_aloud")
    audio = f"{trainee.world.sandbox.url}/_sim/calls/{it.line.ref}/agent-audio"
    assert [one["sound"] for one in call("GET", audio)] == ["speech"]
    it.submit(it.agree(), "approved")
    assert _all_right(it.finish())


def test_a_part_now_and_the_rest_promised(trainee: Person) -> None:
    it = Rehearsing(trainee, "part_payment")
    it.submit(it.agree(), "approved")
    assert it.current()["line"] == 1
    _promise(it, it.cast["rest"])
    assert it.current()["line"] == 2
    assert _all_right(it.finish())


def _promise(it: Rehearsing, amount: dict[str, Any]) -> None:
    wish = {"key": new_key(), "call_id": it.line.call_id, "amount": amount, "due_on": it.cast["rest_on"]}
    it.person.ask("POST", f"/v1/customers/{it.line.show()['customer_id']}/promises", wish)


@pytest.fixture
def refunder(untouched: World) -> Iterator[Person]:
    """An agent who may give back up to £30, after somebody took a payment of more."""
    taken = Rehearsing(Person(untouched, SUPERVISOR), "plain")
    while taken.cast["amount"]["minor"] <= REFUNDER[3]:  # a small bill: the next caller
        taken.finish()
        taken = Rehearsing(taken.person, "plain")
    taken.submit(taken.agree(), "approved")
    taken.finish()
    person = hire(untouched, REFUNDER)
    yield person
    person.finish_calls()


def test_a_refund_over_the_limit(refunder: Person) -> None:
    it = Rehearsing(refunder, "large_refund")
    wish = {"key": new_key(), "amount": it.cast["amount"], "reason": "Not owed"}
    refunder.ask("POST", f"/v1/payment-intents/{_found(it)}/refund-requests", wish)
    assert it.current()["line"] == 1
    assert _all_right(it.finish())


def _found(it: Rehearsing) -> str:
    """Return the payment that the caller's reference finds."""
    (row,) = it.person.ask("GET", f"/v1/refundable?q={quote(it.cast['number'])}")
    return str(row["intent_id"])


# ---------------------------------------------------------------- some done wrong
def test_a_second_payment_while_the_first_is_unknown_is_stopped_and_said(trainee: Person) -> None:
    it = Rehearsing(trainee, "lost_answer")
    first = it.agree()
    it.submit(first, "unknown")
    second = it.agree()
    refused = trainee.refused(
        "POST",
        f"/v1/payment-intents/{second.intent_id}/attempts",
        {"key": new_key(), "route": "keypad"},
    )
    assert refused["code"] == "already_being_paid"
    assert it.finish() == {"waited": False, "outcome_known": False, "charged_once": False}
    until(lambda: first.attempt()["state"] == "approved", _LATE_S)
    assert len(first.charges()) == 1


def test_the_same_payment_again_is_stopped_and_said(trainee: Person) -> None:
    it = Rehearsing(trainee, "paid_already")
    taking = it.agree()
    it.submit(taking, "approved")
    again = it.line.intent_body(taking.show()["amount"]["minor"], on_account=True)
    made = trainee.ask("POST", "/v1/payment-intents", again)
    path = f"/v1/payment-intents/{made['intent_id']}/attempts"
    assert (
        trainee.refused("POST", path, {"key": new_key(), "route": "keypad"})["code"] == "possible_duplicate"
    )
    assert it.finish() == {"paid": True, "not_again": False, "charged_once": True}


def test_money_taken_on_the_wrong_account_is_said(trainee: Person) -> None:
    it = Rehearsing(trainee, "wrong_account")
    bill = it.line.customer()["open_items"][0]
    it.submit(it.line.agree(bill["outstanding"]["minor"], [bill]), "approved")
    score = it.finish()
    assert (score["account_changed_first"], score["own_account"]) == (False, False)


def test_a_card_number_written_into_the_note_is_refused_and_said(trainee: Person) -> None:
    it = Rehearsing(trainee, "reads_aloud")
    number = " ".join(("5200", "8282", "8282", "8210"))  # a published test number
    wrap = {"disposition": "enquiry", "note": f"The card is {number}"}
    refused = trainee.refused("POST", f"/v1/calls/{it.line.call_id}/wrap-up", wrap)
    assert refused["code"] == "card_number_refused"
    it.submit(it.agree(), "approved")
    assert it.finish() == {"nothing_typed": False, "paid": True, "charged_once": True}


def test_a_refund_in_parts_to_stay_under_the_limit_is_said(refunder: Person) -> None:
    it = Rehearsing(refunder, "large_refund")
    part = {"key": new_key(), "amount": {"minor": 2000, "currency": "GBP"}, "reason": "A part"}
    refunder.ask("POST", f"/v1/payment-intents/{_found(it)}/refunds", part)
    assert it.finish() == {"asked_for_all": False, "not_in_parts": False, "nothing_typed": True}


def test_a_rehearsal_that_is_left_hangs_up_and_the_trainer_sees_the_scores(
    trainee: Person, untouched: World
) -> None:
    it = Rehearsing(trainee, "plain")
    trainee.ask("POST", f"/v1/rehearsals/{it.made['rehearsal_id']}/leave")
    until(lambda: it.line.at_network()["status"] == "completed")
    until(lambda: it.line.show()["state"] == "wrap_up")
    trainer = Person(untouched, SUPERVISOR)
    seen = {one["rehearsal_id"]: one["score"] for one in trainer.ask("GET", "/v1/rehearsals/results")}
    assert seen[it.made["rehearsal_id"]] is None
    assert trainee.refused("GET", "/v1/rehearsals/results")["code"] == "not_allowed"


# ---------------------------------------------------------------- on the desk, by keys
def test_an_exercise_by_keys_from_the_list_to_the_score(journey: Journey, play: Play) -> None:
    async def playing() -> None:
        await journey.sign_in()
        await journey.press("Ctrl+R")
        await journey.until(lambda: focused() == "Start A plain payment", "the list")
        await journey.picture("list")
        await journey.press("Space")
        await journey.until(lambda: journey.session.customer is not None, "the customer")
        await journey.until(lambda: "Rehearsal, nothing here is real" in _words(journey), "the banner")
        await journey.until(lambda: "I would like to pay my bill" in _words(journey), "the caller's words")
        await journey.press("F4")
        await journey.until(lambda: journey.capture() is CaptureState.COLLECTING, "the secured line")
        for one in (CardField.NUMBER, CardField.EXPIRY, CardField.SECURITY_CODE):
            await journey.press("F8")
            await journey.until(lambda one=one: journey._field(one) is FieldState.DONE, f"{one} in")
        await journey.press("F10")
        await journey.until(lambda: journey.state() is AttemptState.APPROVED, "the approval")
        await journey.until(lambda: "Thank you. That is all" in _words(journey), "the caller's thanks")
        await journey.picture("rehearsing")
        await journey.press("Ctrl+Return")
        await journey.until(lambda: "How you did" in _words(journey), "the score")
        await journey.picture("score")
        assert "nothing here is real" not in _words(journey)

    play(playing())
    person = Person(journey.world, AGENT)
    last = next(
        one["last"] for one in person.ask("GET", "/v1/rehearsals")["exercises"] if one["exercise"] == "plain"
    )
    kept = {one["rule"] for one in last["score"] if one["passed"]}
    assert {"own_account", "charged_once", "nothing_typed"} <= kept


def _words(journey: Journey) -> str:
    return screen.words(journey.window)
