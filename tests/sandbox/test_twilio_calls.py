"""Twilio's Calls, Recordings and Messages, driven by the official SDK."""

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.processes import Running
from tests.receiver import Receiver
from tests.sandbox.vendor import PaidCall, Rebased, code_of, description, shared


def test_both_legs_of_an_answered_call(paid_call: PaidCall) -> None:
    caller = paid_call.client.calls(paid_call.sid).fetch()
    assert (caller.status, caller.direction, caller._from) == ("in-progress", "inbound", "+442079460958")
    (agent,) = paid_call.client.calls.list(parent_call_sid=paid_call.sid)
    assert (agent.status, agent.parent_call_sid) == ("in-progress", paid_call.sid)


def test_calls_can_be_found_by_status_and_number(paid_call: PaidCall) -> None:
    found = paid_call.client.calls.list(status="in-progress", from_="+442079460958")
    assert paid_call.sid in [call.sid for call in found]
    assert paid_call.client.calls.list(from_="+442079460000", to="+442079460001") == []


def test_completing_a_call_ends_both_legs(paid_call: PaidCall) -> None:
    assert paid_call.client.calls(paid_call.sid).update(status="completed").status == "completed"
    state = paid_call.state()
    assert (state["status"], state["recorder"]) == ("completed", "completed")
    with pytest.raises(TwilioRestException) as error:
        paid_call.client.calls(paid_call.sid).update(status="completed")
    assert code_of(error) == (400, 21220)


def test_the_recorder_pauses_and_hears_nothing_then(paid_call: PaidCall) -> None:
    (recording,) = paid_call.client.calls(paid_call.sid).recordings.list()
    assert recording.status == "in-progress"
    the_recording = paid_call.client.calls(paid_call.sid).recordings(recording.sid)
    paid_call.keys("1")
    assert the_recording.update(status="paused", pause_behavior="skip").status == "paused"
    paid_call.keys("2")
    assert the_recording.update(status="in-progress").status == "in-progress"
    paid_call.keys("3")
    recorder = paid_call.sim.get(f"/_sim/calls/{paid_call.sid}/recorder").json()
    assert [sound["key"] for sound in recorder["tape"]] == ["1", "3"]


def test_the_script_api_pauses_the_recorder_too(paid_call: PaidCall) -> None:
    paid_call.script("recorder", state="paused")
    (recording,) = paid_call.client.calls(paid_call.sid).recordings.list()
    assert recording.fetch().status == "paused"
    paid_call.script("recorder", state="recording")
    assert paid_call.state()["recorder"] == "recording"


def test_a_text_message_reaches_the_callers_phone(paid_call: PaidCall, receiver: Receiver) -> None:
    sent = paid_call.client.messages.create(
        to="+442079460958", from_="+442079460000", body="Pay here", status_callback=f"{receiver.url}/sms"
    )
    assert sent.status == "queued"
    delivered = receiver.wait_for(lambda post: post.path == "/sms").form
    assert (delivered["MessageSid"], delivered["MessageStatus"]) == (sent.sid, "delivered")
    assert paid_call.client.messages(sent.sid).fetch().status == "delivered"
    assert paid_call.state()["texts"][-1]["body"] == "Pay here"


def test_a_text_message_to_no_number_is_refused(client: Client) -> None:
    with pytest.raises(TwilioRestException) as error:
        client.messages.create(to="my friend", from_="+442079460000", body="Pay here")
    assert code_of(error) == (422, 20422)


def test_twilios_own_description_judged_these_tests() -> None:
    shared("specs/twilio.json")
    shared("reference/specref.py")
    assert description("twilio")


def test_an_api_key_opens_the_door_and_a_wrong_token_does_not(sandbox: Running) -> None:
    ready, http = sandbox.ready, Rebased(sandbox.url)
    by_key = Client(
        ready["api_key_sid"], ready["api_key_secret"], account_sid=ready["account_sid"], http_client=http
    )
    assert isinstance(by_key.calls.list(limit=1), list)
    for account, token, expected in [
        (ready["account_sid"], "wrong", (401, 20003)),
        ("AC" + "0" * 31 + "a", ready["auth_token"], (404, 20404)),
    ]:
        client = Client(ready["account_sid"], token, account_sid=account, http_client=http)
        with pytest.raises(TwilioRestException) as error:
            client.calls("CA" + "0" * 31 + "a").fetch()
        assert code_of(error) == expected
    assert http.problems == []


def test_there_is_no_way_to_read_a_payment(sandbox: Running, paid_call: PaidCall) -> None:
    ready, session = sandbox.ready, paid_call.open()
    url = f"/2010-04-01/Accounts/{ready['account_sid']}/Calls/{paid_call.sid}/Payments/{session}.json"
    with httpx.Client(base_url=sandbox.url, auth=(ready["account_sid"], ready["auth_token"])) as http:
        assert http.get(url).status_code == 405
