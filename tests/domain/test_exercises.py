"""The exercises: each rule can be kept and broken, and the caller says what fits what happened."""

import string
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.exercises import EXERCISES, RULES, ExerciseCode, line, score
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.rehearsal import KEYPAD, LINK, Promised, Record, Taking, Try

NOW = datetime(2026, 11, 21, 10, 41, tzinfo=UTC)
GBP = Money(6210, "GBP")
DAY = date(2026, 12, 5)
PLACES = {"name", "account", "number", "amount", "rest", "owed", "day", "other"}
_S = AttemptState


def at(second: int) -> datetime:
    """So many seconds into the call."""
    return NOW + timedelta(seconds=second)


def tried(state: AttemptState, route: str = KEYPAD, second: int = 10, **more: Any) -> Try:
    """A try whose charge was sent, unless it never was."""
    sent = None if state in (_S.OPEN, _S.NOT_SENT) else at(second + 5)
    ended = at(second + 8) if state in (_S.APPROVED, _S.DECLINED, _S.NOT_SENT) else None
    return Try(route, state, at(second), sent, ended, **more)


APPROVED, DECLINED = tried(_S.APPROVED), tried(_S.DECLINED)
BY_LINK = tried(_S.APPROVED, LINK, 40)


def taking(*tries: Try, **more: Any) -> Taking:
    """A payment of what the caller wants, on their account."""
    return replace(Taking("cus_1", GBP, at(5), tries), **more)


def record(*takings: Taking, **more: Any) -> Record:
    """What happened, with the caller's account on the call."""
    usual: dict[str, Any] = {"rest": Money(6126, "GBP"), "rest_on": DAY, "takings": takings}
    return Record("cus_1", GBP, **({"customer_id": "cus_1"} | usual | more))


PLAIN = record(taking(APPROVED))
TWICE = record(taking(APPROVED), taking(tried(_S.APPROVED, second=60), made_at=at(55)))
UNKNOWN = tried(_S.UNKNOWN)
RIGHT_PROMISE = Promised(Money(6126, "GBP"), DAY)

#: For each rule what keeps it and what breaks it.
KEPT_AND_BROKEN: dict[str, tuple[list[Record], list[Record]]] = {
    "paid": (
        [PLAIN],
        [record(), record(taking(DECLINED)), record(taking(APPROVED, amount=Money(100, "GBP"))), TWICE],
    ),
    "own_account": (
        [PLAIN],
        [
            record(taking(APPROVED, customer_id="cus_2")),
            record(customer_id="cus_2"),
            record(customer_id=None),
            record(),
        ],
    ),
    "charged_once": ([PLAIN], [record(), TWICE, record(taking(APPROVED, BY_LINK))]),
    "not_twice": ([record(), PLAIN], [TWICE]),
    "nothing_typed": ([PLAIN], [record(typed=True)]),
    "same_payment": ([PLAIN], [record(), TWICE]),
    "other_card": (
        [record(taking(DECLINED, tried(_S.APPROVED, second=30)))],
        [PLAIN, record(taking(DECLINED)), record(taking(APPROVED, DECLINED))],
    ),
    "keyed_slowly": ([record(taking(tried(_S.NOT_SENT, slow=True)))], [PLAIN]),
    "few_tries": (
        [record(taking(tried(_S.NOT_SENT, asked=3)))],
        [record(taking(tried(_S.NOT_SENT, asked=4))), record(taking(tried(_S.NOT_SENT)))],
    ),
    "asked_again": (
        [record(taking(tried(_S.APPROVED, asked=2)))],
        [record(taking(tried(_S.APPROVED, asked=1)))],
    ),
    "link_sent": ([record(taking(tried(_S.OPEN, LINK)))], [PLAIN]),
    "link_after_keypad": (
        [record(taking(tried(_S.NOT_SENT), tried(_S.OPEN, LINK)))],
        [record(taking(BY_LINK)), record(taking(tried(_S.NOT_SENT)), taking(BY_LINK)), PLAIN],
    ),
    "link_paid": ([record(taking(BY_LINK))], [PLAIN, record(taking(tried(_S.OPEN, LINK)))]),
    "keypad_once": ([record(taking(DECLINED, BY_LINK))], [record(taking(DECLINED, DECLINED)), record()]),
    "waited": (
        [PLAIN, record(taking(UNKNOWN)), record(taking(APPROVED), taking(made_at=at(30)))],
        [
            record(taking(UNKNOWN), refused=frozenset({"already_being_paid"})),
            record(taking(UNKNOWN), taking(made_at=at(20))),
            record(taking(APPROVED), taking(made_at=at(16))),
            record(taking(tried(_S.NOT_SENT))),
        ],
    ),
    "outcome_known": (
        [PLAIN, record(taking(DECLINED))],
        [
            record(),
            record(taking(UNKNOWN)),
            record(taking(tried(_S.PENDING))),
            record(taking(tried(_S.SENDING))),
        ],
    ),
    "not_again": (
        [PLAIN],
        [TWICE, record(taking(APPROVED, stopped=True)), record(refused=frozenset({"already_paid"}))],
    ),
    "account_changed_first": (
        [record(taking(APPROVED), choices=((at(1), None), (at(3), "cus_1")))],
        [
            PLAIN,
            record(taking(APPROVED), choices=((at(30), "cus_1"),)),
            record(taking(APPROVED), choices=((at(1), "cus_2"),)),
        ],
    ),
    "promised": (
        [record(promises=(RIGHT_PROMISE,))],
        [
            record(),
            record(promises=(replace(RIGHT_PROMISE, amount=GBP),)),
            record(promises=(replace(RIGHT_PROMISE, due_on=NOW.date()),)),
        ],
    ),
    "asked_for_all": ([record(refunds_asked=(GBP,))], [record(), record(refunds_asked=(Money(1, "GBP"),))]),
    "not_in_parts": (
        [record(refunds_asked=(GBP,))],
        [record(refunds_asked=(GBP,), refunded=(Money(100, "GBP"),))],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_can_be_kept_and_broken(rule: str) -> None:
    kept, broken = KEPT_AND_BROKEN[rule]
    check = RULES[rule].check
    assert [check(one) for one in kept] == [True] * len(kept)
    assert [check(one) for one in broken] == [False] * len(broken)


@pytest.mark.parametrize("rule", RULES)
def test_nobody_is_praised_for_what_was_not_done(rule: str) -> None:
    """Of nothing done it is true only that nothing was typed and nothing charged twice."""
    assert RULES[rule].check(record()) is (rule in ("nothing_typed", "not_twice"))


@pytest.mark.parametrize("code", ExerciseCode)
def test_an_agent_who_does_nothing_does_not_pass(code: ExerciseCode) -> None:
    scored = score(code, record(customer_id=None, promises=()))
    assert [one.rule for one in scored] == list(EXERCISES[code].rules)
    assert not all(one.passed for one in scored)


def test_every_rule_is_scored_somewhere() -> None:
    assert {rule for one in EXERCISES.values() for rule in one.rules} == set(RULES)


def _words(code: ExerciseCode) -> list[str]:
    exercise = EXERCISES[code]
    rules = [RULES[one] for one in exercise.rules]
    said = [words for _, words in exercise.lines]
    return [
        exercise.title,
        exercise.practises,
        *said,
        *(w for rule in rules for w in (rule.right, rule.wrong)),
    ]


@pytest.mark.parametrize("code", ExerciseCode)
def test_the_words_ask_for_what_is_known_and_hold_no_card_number(code: ExerciseCode) -> None:
    for words in _words(code):
        assert {name for _, name, _, _ in string.Formatter().parse(words) if name} <= PLACES
        assert not any(letter.isdigit() for letter in words.replace("F4", "").replace("F7", ""))
        assert not looks_like_pan(words)


#: What the caller says after what happened: the place in the exercise's lines.
SAID: list[tuple[ExerciseCode, Record, int]] = [
    (ExerciseCode.PLAIN, record(), 0),
    (ExerciseCode.PLAIN, PLAIN, 1),
    (ExerciseCode.OTHER_CARD, record(taking(DECLINED)), 1),
    (ExerciseCode.OTHER_CARD, record(taking(DECLINED, APPROVED)), 2),
    (ExerciseCode.BAD_LINE, record(taking(tried(_S.OPEN, failed=1))), 1),
    (ExerciseCode.BAD_LINE, record(taking(tried(_S.OPEN, failed=2, slow=True))), 2),
    (ExerciseCode.BAD_LINE, record(taking(tried(_S.NOT_SENT, failed=2), tried(_S.OPEN, LINK))), 3),
    (ExerciseCode.SILENT, record(taking(tried(_S.OPEN, asked=1, failed=1))), 1),
    (ExerciseCode.SILENT, record(taking(tried(_S.APPROVED, asked=2, failed=1))), 2),
    (ExerciseCode.NOT_SECURED, record(taking(tried(_S.OPEN))), 0),
    (ExerciseCode.NOT_SECURED, record(taking(tried(_S.NOT_SENT))), 1),
    (ExerciseCode.NOT_SECURED, record(taking(tried(_S.NOT_SENT), tried(_S.OPEN, LINK))), 2),
    (ExerciseCode.PAYS_LATER, record(taking(tried(_S.OPEN, LINK))), 1),
    (ExerciseCode.HANGS_UP_KEYING, record(taking(tried(_S.OPEN))), 1),
    (ExerciseCode.HANGS_UP_KEYING, record(taking(tried(_S.NOT_SENT)), line_ended_at=at(20)), 2),
    (ExerciseCode.HANGS_UP_CHARGING, record(taking(tried(_S.SENDING)), line_ended_at=at(20)), 1),
    (ExerciseCode.LOST_ANSWER, record(taking(UNKNOWN)), 1),
    (ExerciseCode.LOST_ANSWER, PLAIN, 2),
    (ExerciseCode.PAID_ALREADY, PLAIN, 1),
    (ExerciseCode.WRONG_ACCOUNT, record(customer_id="cus_2"), 0),
    (ExerciseCode.WRONG_ACCOUNT, record(), 1),
    (ExerciseCode.WITHHELD, record(customer_id=None), 0),
    (ExerciseCode.BANK_CONFIRMS, record(taking(DECLINED, tried(_S.OPEN, LINK))), 2),
    (ExerciseCode.READS_ALOUD, record(taking(tried(_S.OPEN))), 1),
    (ExerciseCode.PART_PAYMENT, record(taking(APPROVED), promises=(RIGHT_PROMISE,)), 2),
    (ExerciseCode.LARGE_REFUND, record(refunds_asked=(GBP,)), 1),
]


@pytest.mark.parametrize(("code", "happened", "place"), SAID)
def test_the_caller_says_what_fits(code: ExerciseCode, happened: Record, place: int) -> None:
    assert line(code, happened) == place


@pytest.mark.parametrize("code", ExerciseCode)
def test_the_first_words_need_nothing_to_have_happened(code: ExerciseCode) -> None:
    assert line(code, record(customer_id=None)) == 0
