"""What to say at each step of a call, and what to do if; the only place where these words are written.

`**words**` are read with weight. {amount}, {for_what}, {card}, {reference} come from the payment.
"""

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """Where a call is, as far as what to say goes."""

    RINGING = "ringing"
    IDENTIFY = "identify"
    WHAT_TO_PAY = "what_to_pay"
    SECURING = "securing"
    NUMBER = "number"
    EXPIRY = "expiry"
    SECURITY_CODE = "security_code"
    READY = "ready"
    CHECKING = "checking"
    APPROVED = "approved"
    DECLINED = "declined"
    NOT_SENT = "not_sent"
    NOT_SECURED = "not_secured"
    OUT_OF_SIGHT = "out_of_sight"
    HUNG_UP = "hung_up"
    HUNG_UP_CHECKING = "hung_up_checking"
    WRAP_UP = "wrap_up"


#: What the agent sees as `step 3 of 5`.
STAGES = ("greet", "agree", "secure", "card", "finish")
_STAGE = {
    Step.RINGING: 1,
    Step.IDENTIFY: 1,
    Step.WHAT_TO_PAY: 2,
    Step.SECURING: 3,
    Step.NOT_SECURED: 3,
    Step.NUMBER: 4,
    Step.EXPIRY: 4,
    Step.SECURITY_CODE: 4,
    Step.READY: 4,
    Step.OUT_OF_SIGHT: 4,
}


def stage(step: Step) -> int:
    """Return the number of the stage, from 1."""
    return _STAGE.get(step, len(STAGES))


@dataclass(frozen=True)
class Script:
    """Words to say, and pairs of what may happen and what to do."""

    say: str
    hints: tuple[tuple[str, str], ...] = ()


SCRIPTS = {
    Step.RINGING: Script("", ()),
    Step.IDENTIFY: Script(
        "Hello, you are through to **{agent}** at {business}. May I take your name and your **post code**?",
        (
            ("They are not in the list", "Press Ctrl F and search by name, account or post code."),
            ("They will not say", "Help without account details. Do not take a payment."),
        ),
    ),
    Step.WHAT_TO_PAY: Script(
        "I can take that now. That is **{amount}**{for_what}. Is that right?",
        (
            ("Asks to pay less", "Type the new amount; the rest stays open."),
            ("Wants to read the card out", "“Please do not say it; you key it on your phone.”"),
        ),
    ),
    Step.SECURING: Script(
        "Please **do not read out or key your card yet**. I am making the line safe; it takes a few seconds.",
        (("They start reading it out", "“Please stop there.” Nothing they said is kept once they stop."),),
    ),
    Step.NUMBER: Script(
        "The line is safe now. Please key your **long card number** on your phone. I cannot see or hear it.",
        (
            ("They slip", "Press F9, then ask for the number again from the start."),
            ("They read digits aloud", "“Please do not say them, just key them in.”"),
        ),
    ),
    Step.EXPIRY: Script(
        "Thank you. Now key the **expiry date**: two digits for the month, then two for the year.",
        (
            ("They slip", "Press F9, then ask for the date again from the start."),
            ("They read digits aloud", "“Please do not say them, just key them in.”"),
        ),
    ),
    Step.SECURITY_CODE: Script(
        "Now key the **security code**: the last three digits on the back of the card.",
        (
            ("They slip", "Press F9, then ask for the code again."),
            ("They cannot find it", "It is on the signature strip, after the card number."),
        ),
    ),
    Step.READY: Script(
        "Thank you. I will now take **{amount}** from the {card}. Is that all right?",
        (
            ("They say yes", "Press F10 once. It cannot be sent twice."),
            ("They are not sure", "Wait. Nothing is sent before F10."),
        ),
    ),
    Step.CHECKING: Script(
        "The bank has not answered yet. **Please do not pay again**; I will tell you as soon as I know.",
        (
            ("They want to try again", "“Not yet: it may have gone through already.”"),
            ("They must go", "Read {reference}. We tell them by email what happened."),
        ),
    ),
    Step.APPROVED: Script(
        "That has gone through: **{amount}**.{receipt} Is there anything else?",
        (
            ("Wants the reference", "Read {reference}. It is on the receipt too."),
            ("No email arrives", "Use Change next to Receipt to send it again."),
        ),
    ),
    Step.DECLINED: Script(
        "{decline}",
        (
            ("They ask why", "“The bank does not tell us. They can tell you.”"),
            ("They have another card", "Press F4. The line is made safe again first."),
        ),
    ),
    Step.NOT_SENT: Script(
        "That did not go through on our side. **Nothing was charged.** Shall we try again?",
        (("They agree", "Press F4. The line is made safe again first."),),
    ),
    Step.NOT_SECURED: Script(
        "Please **do not read out or key your card yet**. I am making the line safe; it takes a few seconds.",
        (
            ("They start reading it out", "“Please stop there.” Then try to secure the line again."),
            ("It fails again", "Take no card. Your supervisor can see it on the lamps."),
        ),
    ),
    Step.OUT_OF_SIGHT: Script(
        "One moment, please. **Do not key or read out your card** until I say so.",
        (
            ("They start keying or reading it out", "“Please stop there.” The line may not be safe."),
            ("They must go", "Read {reference}. They do not pay again before we have told them."),
        ),
    ),
    Step.HUNG_UP: Script(
        "", (("They call back", "Find them with Ctrl F. The same invoices are still open."),)
    ),
    Step.HUNG_UP_CHECKING: Script(
        "",
        (
            (
                "They call back",
                "Find them with Ctrl F. Do not take it again: it may have gone through already. The same "
                "invoices are locked until the bank has answered.",
            ),
        ),
    ),
    Step.WRAP_UP: Script("", (("They call back", "The call shows here by itself, with the same customer."),)),
}
