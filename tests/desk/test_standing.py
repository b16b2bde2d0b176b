"""What is said of a payment's money: never less than is true, never more."""

import time

import pytest

from agentdesk.desk.standing import standing
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.payments import PaymentIntent
from tests.desk import samples, stop_samples

_ACCOUNTS = WriteBackKind.ACCOUNTS


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def posted(state: WriteBackState, **changes: object) -> PaymentIntent:
    owed = [samples.write_back(_ACCOUNTS, state)]
    return samples.payment(samples.approved(), write_backs=owed, **changes)


@pytest.mark.parametrize(
    ("payment", "kind", "words"),
    [
        (samples.payment(), "draft", "It was agreed and not started. Nothing was charged."),
        (
            samples.payment(samples.unknown()),
            "unknown",
            "The bank has not answered; it may have been charged. It is followed up by itself, next at "
            "10:48:39; do not take it again.",
        ),
        (
            samples.payment(samples.attempt(AttemptState.SENDING, sent_at=samples.NOW)),
            "sending",
            "It is on its way to the bank. Do not take it again.",
        ),
        (samples.payment(samples.attempt()), "capturing", "Card entry is live. Nothing was sent."),
        (
            samples.payment(samples.linked()),
            "link",
            "Link sent to •••• 958, open until 11:44. Nothing is paid yet.",
        ),
        (
            samples.payment(samples.linked(link=samples.link(state=LinkState.CLOSING))),
            "link",
            "The link is being expired; it may still be paid until the provider confirms it.",
        ),
        (
            samples.payment(samples.linked(link=samples.link(expires_at=samples.NOW))),
            "link",
            "The link has run out; the provider is being asked whether it was paid.",
        ),
        (
            posted(WriteBackState.QUEUED),
            "posting",
            "Approved, code 019283. It is being posted to the accounts. Do not take it again.",
        ),
        (posted(WriteBackState.DONE), "approved", "Approved, code 019283. It is posted to the accounts."),
        (
            posted(WriteBackState.DONE, refunded=samples.gbp(1000)),
            "part_refund",
            "Approved, code 019283. It is posted to the accounts. £10.00 went back to the card.",
        ),
        (
            samples.payment(samples.attempt(AttemptState.NOT_SENT, not_sent_reason="You cancelled it.")),
            "not_sent",
            "You cancelled it. Nothing was charged.",
        ),
    ],
)
def test_each_state_says_what_it_means_for_the_money(payment: PaymentIntent, kind: str, words: str) -> None:
    assert standing(payment, samples.NOW) == (kind, words)


def test_an_unknown_before_a_later_decline_still_counts() -> None:
    later = samples.attempt(AttemptState.DECLINED, number=2, attempt_id="att_2")
    assert standing(samples.payment(samples.unknown(), later), samples.NOW).kind == "unknown"


def test_an_alarm_is_said_beside_the_approval() -> None:
    alarmed = samples.approved(alarm="It was charged twice.", alarm_open=True)
    assert standing(samples.payment(alarmed), samples.NOW).words.endswith("It was charged twice.")


def test_a_stopped_payment_took_nothing() -> None:
    stopped = samples.payment(stop=stop_samples.stop())
    assert standing(stopped, samples.NOW).kind == "held"
