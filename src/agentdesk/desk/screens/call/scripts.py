"""What to say at each step of a call, and what to do if; the only place where these words are written.

`**words**` are read with weight. {amount}, {for_what}, {card}, {reference}, {receipt}, {decline} and where
the security code is come from the payment.
"""

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """Where a call is, as far as what to say goes."""

    RINGING = "ringing"
    IDENTIFY = "identify"
    LOOKING = "looking"  # nothing is known or chosen yet
    ACCOUNT_CLOSED = "account_closed"
    WHAT_TO_PAY = "what_to_pay"
    SECOND_PAYMENT = "second_payment"  # another payment took the same, and nobody has allowed this one
    SUPERVISOR_ASKED = "supervisor_asked"
    NOT_ALLOWED = "not_allowed"  # a supervisor said no to a second payment
    BEING_PAID = "being_paid"  # money is at risk in another payment of the same
    LINK_OPEN = "link_open"
    SECURING = "securing"
    NUMBER = "number"
    EXPIRY = "expiry"
    SECURITY_CODE = "security_code"
    KEY_AGAIN = "key_again"
    STILL_THERE = "still_there"  # no key came
    KEY_SLOWLY = "key_slowly"  # keys are lost or come twice: before they are asked slowly
    KEYING_SLOWLY = "keying_slowly"
    OTHER_BRAND = "other_brand"
    OTHER_CARD = "other_card"
    BY_LINK = "by_link"  # the keypad does not do
    SAME_CARD = "same_card"  # all is in, and the bank has just refused a card like this
    READY = "ready"
    CANCELLING = "cancelling"
    SENDING = "sending"
    CHECKING = "checking"
    APPROVED = "approved"
    DECLINED = "declined"
    NOT_SENT = "not_sent"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # hold, transfer, a locked screen: card entry was closed
    NO_MORE = "no_more"  # nothing was charged, and this payment cannot be tried again
    NOT_SECURED = "not_secured"
    OUT_OF_SIGHT = "out_of_sight"
    HUNG_UP = "hung_up"
    HUNG_UP_CHECKING = "hung_up_checking"
    CONFIRM = "confirm"  # the bank wants the card holder, whom a link takes there
    LINK = "link"  # the customer has a payment link
    LINK_EMAILED = "link_emailed"
    LINK_SHOWN = "link_shown"
    HUNG_UP_LINK = "hung_up_link"
    WRAP_UP = "wrap_up"


#: What the agent sees as `step 3 of 5`.
STAGES = ("greet", "agree", "secure", "card", "finish")
_STAGE = {
    Step.RINGING: 1,
    Step.IDENTIFY: 1,
    Step.LOOKING: 2,
    Step.ACCOUNT_CLOSED: 2,
    Step.WHAT_TO_PAY: 2,
    Step.SECOND_PAYMENT: 2,
    Step.SUPERVISOR_ASKED: 2,
    Step.NOT_ALLOWED: 2,
    Step.BEING_PAID: 2,
    Step.LINK_OPEN: 2,
    Step.SECURING: 3,
    Step.NOT_SECURED: 3,
    Step.NUMBER: 4,
    Step.EXPIRY: 4,
    Step.SECURITY_CODE: 4,
    Step.KEY_AGAIN: 4,
    Step.STILL_THERE: 4,
    Step.KEY_SLOWLY: 4,
    Step.KEYING_SLOWLY: 4,
    Step.OTHER_BRAND: 4,
    Step.OTHER_CARD: 4,
    Step.BY_LINK: 4,
    Step.SAME_CARD: 4,
    Step.READY: 4,
    Step.CANCELLING: 4,
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


#: Nobody writes to a caller by itself: who hangs up asks again, with the reference.
_MUST_GO = ("They must go", "Read {reference}. They do not pay again before they have rung us with it.")
_AGAIN = "Press F4. The line is made safe again first."

SCRIPTS = {
    Step.RINGING: Script("", ()),
    Step.IDENTIFY: Script(
        "Hello, you are through to **{agent}** at {business}. May I take your name and your **post code**?",
        (
            ("They are not in the list", "Press Ctrl F and search by name, account or post code."),
            ("They will not say", "Help without account details. Do not take a payment."),
        ),
    ),
    Step.LOOKING: Script(
        "Thank you. One moment, please: I am looking at your account.",
        (("Wants to read the card out", "“Please do not say it; you key it on your phone.”"),),
    ),
    Step.ACCOUNT_CLOSED: Script(
        "I am sorry, **I cannot take a payment** for this account: it is closed.",
        (("They want to pay all the same", "Nothing can be taken for it here. Ask a supervisor."),),
    ),
    Step.WHAT_TO_PAY: Script(
        "That is **{amount}**{for_what}. Is that right?",
        (
            ("Asks to pay less", "Type the new amount; the rest stays open."),
            ("Wants to read the card out", "“Please do not say it; you key it on your phone.”"),
        ),
    ),
    Step.SECOND_PAYMENT: Script(
        "I can see that **{before}** was paid at {before_at}. Do you want to make **another payment**?",
        (
            ("They had forgotten it", "Nothing more to pay. Press F3, then No payment."),
            ("They want to pay more", "“One moment, please.” Press F2; a supervisor has to allow it."),
            ("They ask for the reference", "Read {before_reference}."),
        ),
    ),
    Step.SUPERVISOR_ASKED: Script(
        "One moment, please. I am asking **whether I may take it a second time**.",
        (("They do not want to wait", "Nothing was sent. Press F3, then No payment."),),
    ),
    Step.NOT_ALLOWED: Script(
        "I am sorry, **I cannot take this payment again** now. Nothing more was charged.",
        (
            ("They ask why", "“We have a payment of {before} from {before_at} already.”"),
            ("They want to pay something else", "Press F3 and choose it."),
        ),
    ),
    Step.BEING_PAID: Script(
        "There is a payment of **{before}** that has not ended. **Please do not pay again** until it has.",
        (
            ("They want to try again", "“Not yet: it may have gone through already.”"),
            ("They must go", "Read {before_reference}. They do not pay again before they rang us with it."),
        ),
    ),
    Step.LINK_OPEN: Script(
        "We have sent you a **link for {before}**, and it is still open. Would you rather use that?",
        (
            ("They want to use the link", "Nothing more to do. Press F3, then No payment."),
            ("They want to pay by phone", "Press F2 and end the link first; then nobody can pay it twice."),
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
        "Now key the **security code**: {code}.",
        (
            ("They slip", "Press F9, then ask for the code again."),
            ("They cannot find it", "It is {code_place}."),
        ),
    ),
    Step.KEY_AGAIN: Script(
        "That was not accepted, and nothing was charged. Please **check the {field}** and key it again.",
        (
            ("They are ready", "Press F8."),
            ("They are sure it was right", "A key may have come twice: press F9 where it is offered."),
        ),
    ),
    Step.STILL_THERE: Script(
        "I did not get any keys. **Are you still there?** Tell me when you have the {field} at hand.",
        (
            ("They are ready", "Press F8."),
            ("They pressed keys", "Their phone may send no tones. Ask them to use its keypad in the call."),
        ),
    ),
    Step.KEY_SLOWLY: Script(
        "Not every key reached us as you pressed it. Let us go slowly: **one key at a time**, please.",
        (
            ("They are ready", "Press F9. It waits longer for each key."),
            ("They are tired of it", "“I am sorry.” Press F8 for one more quick try, or cancel."),
        ),
    ),
    Step.KEYING_SLOWLY: Script(
        "Please press the **first key** of the {field}. I tell you when it has arrived, then the next one.",
        (
            ("The count goes up by two", "“One came twice.” Press F9 and start the field again."),
            ("The count does not move", "“Please press that one again, a little longer.”"),
        ),
    ),
    Step.OTHER_BRAND: Script(
        "I am sorry, we do not take **{brand}**. Nothing was charged. Do you have another card?",
        (("They have one", "Press F8."), ("They have none", "Press Cancel payment; agree on another way.")),
    ),
    Step.OTHER_CARD: Script(
        "I am sorry, it does not get through this way. Nothing was charged. Do you have **another card**?",
        (("They want one more try", "Press F8."), ("They have none", "Press Cancel payment.")),
    ),
    Step.BY_LINK: Script(
        "I am sorry, it does not get through this way. Nothing was charged. Shall I **send you a link**?",
        (
            ("They agree", "Press F7. The card entry is closed first; it stays the same payment."),
            ("They want one more try", "Press F8."),
        ),
    ),
    Step.SAME_CARD: Script(
        "This looks like the card your bank has just refused. Do you have **another card**?",
        (
            ("They have one", "Press Redo at the card number and ask for it."),
            ("They insist", "Press F10; it asks you once more."),
        ),
    ),
    Step.READY: Script(
        "Thank you. I will now take **{amount}** from the {card}. Is that all right?",
        (
            ("They say yes", "Press F10 once. It cannot be sent twice."),
            ("They are not sure", "Wait. Nothing is sent before F10."),
        ),
    ),
    Step.CANCELLING: Script(
        "One moment, please. **Do not key anything more**: I am closing the card entry.",
        (("They start reading it out", "“Please stop there.” The line is not safe from now on."),),
    ),
    Step.SENDING: Script(
        "I am sending it now. **Please hold.**",
        (("They want to key it again", "“Please wait: it is on its way.”"), _MUST_GO),
    ),
    Step.CHECKING: Script(
        "The bank has not said yes or no yet. **Please do not pay again**; I will tell you when I know.",
        (("They want to try again", "“Not yet: it may have gone through already.”"), _MUST_GO),
    ),
    Step.APPROVED: Script(
        "That has gone through: **{amount}**.{receipt} Is there anything else?",
        (
            ("Wants the reference", "Read {reference}."),
            ("Wants a receipt, or another one", "Send one or Change, next to Receipt."),
        ),
    ),
    Step.DECLINED: Script(
        "{decline}",
        (("They ask why", "“Only your bank can tell you.”"), ("They have another card", _AGAIN)),
    ),
    Step.CONFIRM: Script(
        "Your bank wants you to **confirm this yourself**, and nothing was charged. I can send you a "
        "**link** where you can do that.",
        (
            ("They agree", "Press F7. The link goes out at once."),
            ("They cannot open a link", "Another card may work: press F4."),
        ),
    ),
    Step.NOT_SENT: Script(
        "That did not go through on our side. **Nothing was charged.** Shall we try again?",
        (("They agree", _AGAIN),),
    ),
    Step.CANCELLED: Script(
        "I have stopped this payment. **Nothing was charged.**",
        (("They want to pay after all", _AGAIN),),
    ),
    Step.INTERRUPTED: Script(
        "I had to close the card entry, and **nothing was charged**. Shall we start again?",
        (("They agree", _AGAIN), ("They ask why", "“It is closed whenever I leave this screen.”")),
    ),
    Step.NO_MORE: Script(
        "That did not go through, and **nothing was charged**. I cannot try it again now.",
        (("They still want to pay", "Take another amount starts a new payment."),),
    ),
    Step.NOT_SECURED: Script(
        "I could not make the line safe. **Please do not read out or key your card.** Nothing was charged.",
        (
            ("They start reading it out", "“Please stop there.” The line is not safe."),
            ("It fails again", "Take no card. Your supervisor can see it on the lamps."),
        ),
    ),
    Step.OUT_OF_SIGHT: Script(
        "One moment, please. **Do not key or read out your card** until I say so.",
        (
            ("They start keying or reading it out", "“Please stop there.” The line may not be safe."),
            _MUST_GO,
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
    Step.LINK: Script(
        "I have sent a **link to your phone** for {amount}. You pay on that page; I never see the card.",
        (
            ("No text comes", "Check the number with them. F7 texts it again, F3 sends it somewhere else."),
            ("They would rather key the card", "Expire the link first; then press F4."),
        ),
    ),
    Step.LINK_EMAILED: Script(
        "I have sent a **link by email** for {amount}. You pay on that page; I never see the card.",
        (
            (
                "No email comes",
                "Check the address with them. F7 emails it again, F3 sends it somewhere else.",
            ),
            ("They would rather key the card", "Expire the link first; then press F4."),
        ),
    ),
    Step.LINK_SHOWN: Script(
        "Please **scan this code** with your phone and pay {amount} there. I never see the card.",
        (
            ("They cannot scan it", "Press F3 and text or email the link instead."),
            ("They read the card out", "“Please stop there.” Never type a card for them on that page."),
        ),
    ),
    Step.HUNG_UP_LINK: Script(
        "",
        (("They call back", "The link can still be paid. Expire it before you take a card."),),
    ),
    Step.WRAP_UP: Script("", (("They call back", "The call shows here by itself, with the same customer."),)),
}
