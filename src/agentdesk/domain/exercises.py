"""The exercises of rehearsal mode: what the caller says, and what is scored, in words for people.

In the words stand {name} and {account} of the caller, {number} of the bill or payment, {amount}, and where
the exercise has them {rest}, {owed}, {day} and {other}, whose number or account it is instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from agentdesk.domain import rehearsal
from agentdesk.domain.rehearsal import Record
from agentdesk.i18n import N_

Check = Callable[[Record], bool]


class ExerciseCode(StrEnum):
    """Which exercise, in the order of the list."""

    PLAIN = "plain"
    OTHER_CARD = "other_card"
    BAD_LINE = "bad_line"
    SILENT = "silent"
    NOT_SECURED = "not_secured"
    HANGS_UP_KEYING = "hangs_up_keying"
    HANGS_UP_CHARGING = "hangs_up_charging"
    LOST_ANSWER = "lost_answer"
    PAID_ALREADY = "paid_already"
    WRONG_ACCOUNT = "wrong_account"
    WITHHELD = "withheld"
    BANK_CONFIRMS = "bank_confirms"
    READS_ALOUD = "reads_aloud"
    PART_PAYMENT = "part_payment"
    PAYS_LATER = "pays_later"
    LARGE_REFUND = "large_refund"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is scored. `wrong` says what to do the next time."""

    check: Check
    right: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise. `lines`: what the caller says once something holds; the last that does is said.

    `rules` by their codes in RULES. What stands in brackets is not said but seen.
    """

    title: str
    practises: str
    lines: tuple[tuple[Check, str], ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """How one rule came out."""

    rule: str
    passed: bool


RULES: dict[str, Rule] = {
    "paid": Rule(
        rehearsal.paid,
        N_("You took {amount}, as the caller wanted."),
        N_("The caller wanted to pay {amount}. Read the amount back before you ask for the card."),
    ),
    "own_account": Rule(
        rehearsal.own_account,
        N_("The payment is on the caller’s own account."),
        N_("The caller is {name}, account {account}. Put that account on the call before you take money."),
    ),
    "charged_once": Rule(
        rehearsal.charged_once,
        N_("The caller was charged once."),
        N_("There must be one charge when you finish: look at the payments of the call before you wrap up."),
    ),
    "not_twice": Rule(
        rehearsal.not_twice,
        N_("The caller was not charged twice."),
        N_("The caller was charged more than once. Look at what was taken before you take more."),
    ),
    "nothing_typed": Rule(
        rehearsal.nothing_typed,
        N_("No card number was typed on this desk."),
        N_("A card number was typed; it was refused and not kept. Only the caller keys it, on the phone."),
    ),
    "same_payment": Rule(
        rehearsal.same_payment,
        N_("You went on with the same payment, so its tries stand together."),
        N_("Go on with the payment that is there (F4 or F7) instead of making another for the same debt."),
    ),
    "other_card": Rule(
        rehearsal.other_card,
        N_("After the bank’s no you took another card."),
        N_("After a no, ask for another card: press F4 again on the same payment."),
    ),
    "keyed_slowly": Rule(
        rehearsal.keyed_slowly,
        N_("You asked the caller to key slowly, as the tone doctor said."),
        N_("When keys get lost or doubled, ask the caller to key slowly before you give up the keypad."),
    ),
    "few_tries": Rule(
        rehearsal.few_tries,
        N_("You did not have the number keyed again and again."),
        N_("After three bad tries offer another way: a link (F7) does not need the tones."),
    ),
    "asked_again": Rule(
        rehearsal.asked_again,
        N_("You asked for the number again in the same card entry."),
        N_("Who keys nothing may need a moment: ask whether they are there, and for the number again."),
    ),
    "link_sent": Rule(
        rehearsal.link_out,
        N_("You sent a link."),
        N_("Who has no card at hand pays by a link: press F7, and nobody has to ring again."),
    ),
    "link_after_keypad": Rule(
        rehearsal.link_after_keypad,
        N_("You sent a link under the same payment."),
        N_("Send a link under the same payment (F7): the debt stays one, and nobody can pay it twice."),
    ),
    "link_paid": Rule(
        rehearsal.link_paid,
        N_("The link was paid while you watched it."),
        N_("The link was not paid when you finished. Stay until it is, or say in the note that it is open."),
    ),
    "keypad_once": Rule(
        rehearsal.keypad_once,
        N_("You did not have the same card keyed again."),
        N_("The bank wants its customer to confirm. Keying the card again cannot do that; a link (F7) can."),
    ),
    "waited": Rule(
        rehearsal.waited,
        N_("You waited for the outcome and began nothing new: right."),
        N_(
            "While a charge is unknown, begin nothing new. A guard is there for that, but wait: the desk "
            "keeps asking, and only the bank’s answer says whether it was charged."
        ),
    ),
    "outcome_known": Rule(
        rehearsal.outcome_known,
        N_("You stayed until the outcome was known."),
        N_("The outcome was not known when you finished. Stay with it, or give the caller the reference."),
    ),
    "not_again": Rule(
        rehearsal.not_again,
        N_("You told the caller that it is paid and did not take it again: right."),
        N_(
            "You began the same payment again. The approval stands: read its reference out, offer the "
            "receipt, and take nothing more."
        ),
    ),
    "account_changed_first": Rule(
        rehearsal.account_changed_first,
        N_("You put the right account on the call before any payment."),
        N_("Take the account that came up off the call and find {account} before you begin a payment."),
    ),
    "promised": Rule(
        rehearsal.promised,
        N_("The rest is promised as the caller said it."),
        N_("Write down the promise (Ctrl P): {rest} on {day}."),
    ),
    "asked_for_all": Rule(
        rehearsal.asked_for_all,
        N_("You asked a supervisor for all of {amount}."),
        N_("It is over your limit: open payment {number}, press Refund, and ask a supervisor for {amount}."),
    ),
    "not_in_parts": Rule(
        rehearsal.not_in_parts,
        N_("You gave nothing back in smaller parts."),
        N_("Do not give a part back to stay under your limit: the supervisor decides about the whole."),
    ),
}

_HELLO = N_("Hello, this is {name}. I would like to pay my bill {number} by card: {amount}, please.")
_THANKS = (rehearsal.approved, N_("Thank you. That is all, goodbye."))

EXERCISES: dict[ExerciseCode, Exercise] = {
    ExerciseCode.PLAIN: Exercise(
        N_("A plain payment"),
        N_("From the first word to the wrap-up, with nothing in the way."),
        ((rehearsal.always, _HELLO), _THANKS),
        ("paid", "own_account", "charged_once", "nothing_typed"),
    ),
    ExerciseCode.OTHER_CARD: Exercise(
        N_("Declined, then another card"),
        N_("A bank’s no, neutral words, and a second card on the same payment."),
        (
            (rehearsal.always, _HELLO),
            (rehearsal.declined, N_("Declined? How odd. I have another card here, can we try that one?")),
            _THANKS,
        ),
        ("other_card", "same_payment", "paid", "charged_once"),
    ),
    ExerciseCode.BAD_LINE: Exercise(
        N_("Too many digits arrive"),
        N_("The tone doctor, slow keying, and a link when the line is no use."),
        (
            (rehearsal.always, _HELLO),
            (rehearsal.failed_once, N_("I keyed it just as it stands on the card.")),
            (rehearsal.failed_slowly, N_("I went slowly, and still? Can you not text me something instead?")),
            (rehearsal.link_out, N_("There it is. One moment, I am paying.")),
            (rehearsal.approved, N_("It says paid. Thank you.")),
        ),
        ("keyed_slowly", "few_tries", "link_after_keypad", "link_paid", "charged_once"),
    ),
    ExerciseCode.SILENT: Exercise(
        N_("The caller keys nothing"),
        N_("A field that times out, and the same card entry going on."),
        (
            (rehearsal.always, _HELLO),
            (
                rehearsal.failed_once,
                N_("Sorry, I could not find my glasses. Now I have the card in my hand."),
            ),
            _THANKS,
        ),
        ("asked_again", "same_payment", "paid", "charged_once"),
    ),
    ExerciseCode.NOT_SECURED: Exercise(
        N_("The line cannot be made safe"),
        N_("A recorder that does not pause: no card, no exception, and what helps."),
        (
            (rehearsal.always, _HELLO),
            (rehearsal.not_secured, N_("Is something wrong? I can just read you the number.")),
            (rehearsal.link_out, N_("I have your text. One moment, I am paying.")),
            _THANKS,
        ),
        ("nothing_typed", "same_payment", "paid", "charged_once"),
    ),
    ExerciseCode.HANGS_UP_KEYING: Exercise(
        N_("The caller hangs up while keying"),
        N_("What is charged when the line goes dead, and how the caller can still pay."),
        (
            (rehearsal.always, _HELLO),
            (rehearsal.keying, N_("I have to be quick, I am on a train …")),
            (rehearsal.line_dead, N_("[The line is dead. The caller’s phone can still take a text.]")),
            (rehearsal.link_out, N_("[The caller opens the link.]")),
            (rehearsal.approved, N_("[Paid on the link.]")),
        ),
        ("link_after_keypad", "same_payment", "not_twice"),
    ),
    ExerciseCode.HANGS_UP_CHARGING: Exercise(
        N_("The caller hangs up while the bank is asked"),
        N_("A charge that is out goes on without the caller."),
        (
            (rehearsal.always, _HELLO),
            (rehearsal.line_dead, N_("[The line is dead. The charge is on its way to the bank.]")),
            (rehearsal.approved, N_("[Nobody is on the line. The bank has answered.]")),
        ),
        ("waited", "outcome_known", "not_twice"),
    ),
    ExerciseCode.LOST_ANSWER: Exercise(
        N_("The bank’s answer is lost"),
        N_("Nobody knows whether it was charged: no second charge, whatever the caller offers."),
        (
            (rehearsal.always, _HELLO),
            (rehearsal.unsure, N_("Did it go through? I can give you another card, if that helps.")),
            (rehearsal.approved, N_("It did go through? Good that you did not take it twice. Goodbye.")),
        ),
        ("waited", "outcome_known", "charged_once"),
    ),
    ExerciseCode.PAID_ALREADY: Exercise(
        N_("Asked to take it twice"),
        N_("A caller who does not believe that it is paid."),
        (
            (rehearsal.always, _HELLO),
            (
                rehearsal.approved,
                N_("I heard nothing. That did not go through: take {amount} again, please."),
            ),
        ),
        ("paid", "not_again", "charged_once"),
    ),
    ExerciseCode.WRONG_ACCOUNT: Exercise(
        N_("The wrong account comes up"),
        N_("Somebody else’s phone: take the account off and find the right one before money moves."),
        (
            (
                rehearsal.always,
                N_(
                    "Hello, I am ringing from {other}’s phone. I am {name}, account {account}, and I want to "
                    "pay my bill {number}: {amount}."
                ),
            ),
            (rehearsal.found, N_("Yes, {name}, that is me.")),
            _THANKS,
        ),
        ("account_changed_first", "own_account", "paid", "charged_once"),
    ),
    ExerciseCode.WITHHELD: Exercise(
        N_("A withheld number"),
        N_("Nobody comes up: find the caller by what they say."),
        (
            (
                rehearsal.always,
                N_(
                    "Hello, I never show my number. I am {name}, account {account}. I want to pay my bill "
                    "{number}: {amount}."
                ),
            ),
            (rehearsal.found, N_("Yes, that is me.")),
            _THANKS,
        ),
        ("own_account", "paid", "charged_once"),
    ),
    ExerciseCode.BANK_CONFIRMS: Exercise(
        N_("The bank wants the caller to confirm"),
        N_("What a keypad cannot do: a link under the same payment."),
        (
            (rehearsal.always, _HELLO),
            (rehearsal.declined, N_("My bank wants me to confirm something? My mobile is right here.")),
            (rehearsal.link_out, N_("I have the text. I am confirming it with my bank.")),
            (rehearsal.approved, N_("It says paid. Thank you.")),
        ),
        ("link_after_keypad", "same_payment", "keypad_once", "link_paid"),
    ),
    ExerciseCode.READS_ALOUD: Exercise(
        N_("The caller reads the card out"),
        N_("Stop it kindly, write nothing down, and let the caller key it."),
        (
            (
                rehearsal.always,
                N_(
                    "Hello, this is {name}. {amount} for bill {number}. Have you a pen? I read you the card: "
                    "it is four, two, …"
                ),
            ),
            (rehearsal.keying, N_("Oh, I key it myself? All right.")),
            _THANKS,
        ),
        ("nothing_typed", "paid", "charged_once"),
    ),
    ExerciseCode.PART_PAYMENT: Exercise(
        N_("A part now, the rest promised"),
        N_("A part of one bill, and a promise with an amount and a day."),
        (
            (
                rehearsal.always,
                N_(
                    "Hello, this is {name}. I cannot pay all of bill {number}. {amount} now, and the rest, "
                    "{rest}, on {day}: will that do?"
                ),
            ),
            (rehearsal.approved, N_("And the other {rest} on {day}. Please write that down.")),
            (rehearsal.made_promise, N_("Thank you. Goodbye.")),
        ),
        ("paid", "promised", "own_account", "charged_once"),
    ),
    ExerciseCode.PAYS_LATER: Exercise(
        N_("The caller pays later"),
        N_("A link that stays open after the call: nothing else is taken for the same debt."),
        (
            (
                rehearsal.always,
                N_(
                    "Hello, this is {name}. I want to pay my bill {number}, {amount}, but my card is at "
                    "home. Can you text me something? I pay tonight."
                ),
            ),
            (rehearsal.link_out, N_("I have it. I pay tonight. Goodbye.")),
        ),
        ("link_sent", "own_account", "not_twice"),
    ),
    ExerciseCode.LARGE_REFUND: Exercise(
        N_("A refund over your limit"),
        N_("Find the payment, and ask a supervisor for all of it."),
        (
            (
                rehearsal.always,
                N_(
                    "Hello, this is {name}. You took {amount} from my card that I do not owe, your reference "
                    "is {number}. I want all of it back."
                ),
            ),
            (rehearsal.asked_back, N_("Your supervisor looks at it? Fine, I will wait to hear.")),
        ),
        ("asked_for_all", "not_in_parts", "nothing_typed"),
    ),
}


def score(code: ExerciseCode, record: Record) -> list[Scored]:
    """Return how each rule of an exercise came out, in the order of the exercise."""
    return [Scored(one, RULES[one].check(record)) for one in EXERCISES[code].rules]


def line(code: ExerciseCode, record: Record) -> int:
    """Return the place of what the caller says now in the exercise's lines."""
    lines = EXERCISES[code].lines
    return max(place for place, (holds, _) in enumerate(lines) if holds(record))
