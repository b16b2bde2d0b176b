"""What to say at each step of a call, and what to do if; of an open link, in `link_scripts`.

`**words**` are read with weight. What is in braces comes from the call and its payment; {consent} and
{wanted}, what is asked for, are the firm's own.
"""

from agentdesk.desk.screens.call.link_scripts import LINK_SCRIPTS
from agentdesk.desk.screens.call.script import Script
from agentdesk.desk.screens.call.steps import Step
from agentdesk.i18n import _

#: Nobody writes to a caller by itself: who hangs up asks again, with the reference.
_MUST_GO = (_("They must go"), _("Read {reference}. They do not pay again before they have rung us with it."))
_AGAIN = _("Press F4. The line is made safe again first.")
_AFTERWARDS = (
    (_("Wants the reference"), _("Read {reference}.")),
    (_("Wants a receipt, or another one"), _("Send one or Change, next to Receipt.")),
)

SCRIPTS = {
    Step.RINGING: Script("", ()),
    Step.IDENTIFY: Script(
        _(
            "Hello, you are through to **{agent}** at {business}. May I take your name and your "
            "**post code**?"
        ),
        (
            (_("They are not in the list"), _("Press Ctrl F and search by name, account or post code.")),
            (_("They will not say"), _("Help without account details. Do not take a payment.")),
        ),
    ),
    Step.GREET: Script(
        _("Hello, you are through to **{agent}** at {business}. How can I help you?"),
        (
            (_("They have said what it is about"), _("Press Alt W for the next words.")),
            (_("It is somebody else"), _("Press Change beside the name and find them.")),
        ),
    ),
    Step.VERIFY: Script(
        _("Before I open the account I have to check **who I am speaking to**. Please tell me: {wanted}."),
        (
            (_("It is right"), _("Tick it with Alt and its digit. Do not say yourself what it should be.")),
            (_("They cannot say"), _("Press Alt 0. No card can be taken then.")),
        ),
    ),
    Step.UNPROVEN: Script(
        _(
            "I am sorry, I could not check who you are, so **I cannot speak about the account**. I can "
            "send a link to the contact details we have."
        ),
        (
            (_("They agree"), _("Press F7. Say neither an amount nor where the link goes.")),
            (_("They remember it after all"), _("Press Ask again and tick what is right.")),
        ),
    ),
    Step.UNPROVEN_NO_LINK: Script(
        _(
            "I am sorry, I could not check who you are, so **I cannot speak about the account** or take "
            "a payment."
        ),
        ((_("They remember it after all"), _("Press Ask again and tick what is right.")),),
    ),
    Step.UNPROVEN_PAID: Script(
        _("Thank you: the link **has been paid**. Is there anything else?"),
        ((_("They ask for the amount, or who paid"), _("“I am sorry, I must not say.”")),),
    ),
    Step.LOOKING: Script(
        _("Thank you. One moment, please: I am looking at your account."),
        ((_("Wants to read the card out"), _("“Please do not say it; you key it on your phone.”")),),
    ),
    Step.ACCOUNT_CLOSED: Script(
        _("I am sorry, **I cannot take a payment** for this account: it is closed."),
        ((_("They want to pay all the same"), _("Nothing can be taken for it here. Ask a supervisor.")),),
    ),
    Step.WHAT_TO_PAY: Script(
        _("That is **{amount}**{for_what}. Is that right?"),
        (
            (_("Asks to pay less"), _("Type the new amount; the rest stays open.")),
            (_("Wants to read the card out"), _("“Please do not say it; you key it on your phone.”")),
        ),
    ),
    Step.REST: Script(
        _("That is **{amount}**{for_what}. Is that right?"),
        ((_("Wants to read the card out"), _("“Please do not say it; you key it on your phone.”")),),
    ),
    Step.SECOND_PAYMENT: Script(
        _("I can see that **{before}** was paid at {before_at}. Do you want to make **another payment**?"),
        (
            (_("They had forgotten it"), _("Nothing more to pay. Press F3, then No payment.")),
            (_("They want to pay more"), _("“One moment, please.” Press F2; a supervisor has to allow it.")),
            (_("They ask for the reference"), _("Read {before_reference}.")),
        ),
    ),
    Step.SUPERVISOR_ASKED: Script(
        _("One moment, please. I am asking **whether I may take it a second time**."),
        ((_("They do not want to wait"), _("Nothing was sent. Press F3, then No payment.")),),
    ),
    Step.NOT_ALLOWED: Script(
        _("I am sorry, **I cannot take this payment again** now. Nothing more was charged."),
        (
            (_("They ask why"), _("“We have a payment of {before} from {before_at} already.”")),
            (_("They want to pay something else"), _("Press F3 and choose it.")),
        ),
    ),
    Step.BEING_PAID: Script(
        _("There is a payment of **{before}** that has not ended. **Please do not pay again** until it has."),
        (
            (_("They want to try again"), _("“Not yet: it may have gone through already.”")),
            (
                _("They must go"),
                _("Read {before_reference}. They do not pay again before they rang us with it."),
            ),
        ),
    ),
    Step.LINK_OPEN: Script(
        _("We have sent you a **link for {before}**, and it is still open. Would you rather use that?"),
        (
            (_("They want to use the link"), _("Nothing more to do. Press F3, then No payment.")),
            (
                _("They want to pay by phone"),
                _(
                    "End the link first: F2, or a supervisor where a colleague opened it. "
                    "Then nobody can pay it twice."
                ),
            ),
        ),
    ),
    Step.SECURING: Script(
        _(
            "Please **do not read out or key your card yet**. I am making the line safe; it takes a "
            "few seconds."
        ),
        (
            (
                _("They start reading it out"),
                _("“Please stop there.” Nothing they said is kept once they stop."),
            ),
        ),
    ),
    Step.NUMBER: Script(
        _(
            "The line is safe now. Please key your **long card number** on your phone. I cannot see "
            "or hear it."
        ),
        (
            (_("They slip"), _("Press F9, then ask for the number again from the start.")),
            (_("They read digits aloud"), _("“Please do not say them, just key them in.”")),
        ),
    ),
    Step.EXPIRY: Script(
        _("Thank you. Now key the **expiry date**: two digits for the month, then two for the year."),
        (
            (_("They slip"), _("Press F9, then ask for the date again from the start.")),
            (_("They read digits aloud"), _("“Please do not say them, just key them in.”")),
        ),
    ),
    Step.SECURITY_CODE: Script(
        _("Now key the **security code**: {code}."),
        (
            (_("They slip"), _("Press F9, then ask for the code again.")),
            (_("They cannot find it"), _("It is {code_place}.")),
        ),
    ),
    Step.KEY_AGAIN: Script(
        _("That was not accepted, and nothing was charged. Please **check the {field}** and key it again."),
        (
            (_("They are ready"), _("Press F8.")),
            (_("They are sure it was right"), _("A key may have come twice: press F9 where it is offered.")),
        ),
    ),
    Step.STILL_THERE: Script(
        _("I did not get any keys. **Are you still there?** Tell me when you have the {field} at hand."),
        (
            (_("They are ready"), _("Press F8.")),
            (
                _("They pressed keys"),
                _("Their phone may send no tones. Ask them to use its keypad in the call."),
            ),
        ),
    ),
    Step.KEY_SLOWLY: Script(
        _("Not every key reached us as you pressed it. Let us go slowly: **one key at a time**, please."),
        (
            (_("They are ready"), _("Press F9. It waits longer for each key.")),
            (_("They are tired of it"), _("“I am sorry.” Press F8 for one more quick try, or cancel.")),
        ),
    ),
    Step.KEYING_SLOWLY: Script(
        _(
            "Please press the **first key** of the {field}. I tell you when it has arrived, then "
            "the next one."
        ),
        (
            (_("The count goes up by two"), _("“One came twice.” Press F9 and start the field again.")),
            (_("The count does not move"), _("“Please press that one again, a little longer.”")),
        ),
    ),
    Step.OTHER_BRAND: Script(
        _("I am sorry, we do not take **{brand}**. Nothing was charged. Do you have another card?"),
        (
            (_("They have one"), _("Press F8.")),
            (_("They have none"), _("Press Cancel payment; agree on another way.")),
        ),
    ),
    Step.OTHER_CARD: Script(
        _("I am sorry, it does not get through this way. Nothing was charged. Do you have **another card**?"),
        ((_("They want one more try"), _("Press F8.")), (_("They have none"), _("Press Cancel payment."))),
    ),
    Step.BY_LINK: Script(
        _("I am sorry, it does not get through this way. Nothing was charged. Shall I **send you a link**?"),
        (
            (_("They agree"), _("Press F7. The card entry is closed first; it stays the same payment.")),
            (_("They want one more try"), _("Press F8.")),
        ),
    ),
    Step.SAME_CARD: Script(
        _("This looks like the card your bank has just refused. Do you have **another card**?"),
        (
            (_("They have one"), _("Press Redo at the card number and ask for it.")),
            (_("They insist"), _("Press F10; it asks you once more.")),
        ),
    ),
    Step.SAVED_CARD: Script(
        _("I will now take **{amount}**{for_what} from your **saved {card}**. Is that all right?"),
        (
            (_("They say yes"), _("Press F10 once. It cannot be sent twice.")),
            (_("They want another card"), _("Press Back and take it by keypad.")),
            (_("They no longer want it saved"), _("Remove it beside their name, under Saved cards.")),
        ),
    ),
    Step.CONSENT: Script(
        "{consent}",
        (
            (_("They say yes"), _("Press F3. What they agreed to is noted with your name and the time.")),
            (_("They say no, or are not sure"), _("Press They do not want it. Nothing is kept.")),
        ),
    ),
    Step.READY: Script(
        _("Thank you. I will now take **{amount}** from the {card}. Is that all right?"),
        (
            (_("They say yes"), _("Press F10 once. It cannot be sent twice.")),
            (_("They are not sure"), _("Wait. Nothing is sent before F10.")),
        ),
    ),
    Step.CANCELLING: Script(
        _("One moment, please. **Do not key anything more**: I am closing the card entry."),
        ((_("They start reading it out"), _("“Please stop there.” The line is not safe from now on.")),),
    ),
    Step.SENDING: Script(
        _("I am sending it now. **Please hold.**"),
        ((_("They want to key it again"), _("“Please wait: it is on its way.”")), _MUST_GO),
    ),
    Step.CHECKING: Script(
        _("The bank has not said yes or no yet. **Please do not pay again**; I will tell you when I know."),
        ((_("They want to try again"), _("“Not yet: it may have gone through already.”")), _MUST_GO),
    ),
    Step.ANSWER_DIFFERS: Script(
        _(
            "The bank has answered, and **something in it does not fit**. **Please do not pay again**; "
            "my supervisor looks at it."
        ),
        (
            (_("They want to try again"), _("“Not yet: it may have gone through already.”")),
            (_("They ask how much was taken"), _("“I cannot tell yet.” Do not read out another amount.")),
            _MUST_GO,
        ),
    ),
    Step.APPROVED: Script(
        _("That has gone through: **{amount}**.{receipt} Is there anything else?"),
        _AFTERWARDS,
    ),
    Step.APPROVED_OTHER_AMOUNT: Script(
        _(
            "That has gone through, but **{amount} was taken, not the {agreed}** we agreed.{rest}{receipt} "
            "Is there anything else?"
        ),
        (
            (_("They ask why"), _("“The bank took it so; a supervisor has looked at it.”")),
            *_AFTERWARDS,
        ),
    ),
    Step.DECLINED: Script(
        "{decline}",
        ((_("They ask why"), _("“Only your bank can tell you.”")), (_("They have another card"), _AGAIN)),
    ),
    Step.TRY_LATER: Script(
        "{decline}",
        (
            (_("They want to try it again"), _("Wait a minute, then press F4. It may be the same card.")),
            (_("They have another card"), _AGAIN),
            (_("They would rather pay later"), _("Press Ctrl P and note the day and the amount.")),
        ),
    ),
    Step.CONFIRM: Script(
        _(
            "Your bank wants you to **confirm this yourself**, and nothing was charged. I can send you a "
            "**link** where you can do that."
        ),
        (
            (_("They agree"), _("Press F7. The link goes out at once.")),
            (_("They cannot open a link"), _("Another card may work: press F4.")),
        ),
    ),
    Step.CONFIRM_LAST: Script(
        _(
            "Your bank wants you to **confirm this yourself**, and nothing was charged. I can send you a "
            "**link** where you can do that."
        ),
        (
            (_("They agree"), _("Press F7. The link goes out at once.")),
            (_("They cannot open a link"), _("Press F3: another amount starts a new payment.")),
        ),
    ),
    Step.NOT_SENT: Script(
        _("That did not go through on our side. **Nothing was charged.** Shall we try again?"),
        ((_("They agree"), _AGAIN),),
    ),
    Step.CANCELLED: Script(
        _("I have stopped this payment. **Nothing was charged.**"),
        ((_("They want to pay after all"), _AGAIN),),
    ),
    Step.INTERRUPTED: Script(
        _("I had to close the card entry, and **nothing was charged**. Shall we start again?"),
        ((_("They agree"), _AGAIN), (_("They ask why"), "{why_closed}")),
    ),
    Step.BANK_SAW_IT: Script(
        "{decline}",
        (
            (_("It is in the history"), _("Read them its reference. Nothing more is to be paid.")),
            (_("It is not there"), _("Press Ctrl Shift H: a supervisor looks at the provider.")),
            (_("They want to try again"), _("“Not yet: it may have gone through already.”")),
        ),
    ),
    Step.NO_MORE: Script(
        _("That did not go through, and **nothing was charged**. I cannot try it again now."),
        ((_("They still want to pay"), _("Take another amount starts a new payment.")),),
    ),
    Step.NOT_SECURED: Script(
        _(
            "I could not make the line safe. **Please do not read out or key your card.** Nothing "
            "was charged."
        ),
        (
            (_("They start reading it out"), _("“Please stop there.” The line is not safe.")),
            (
                _("It fails again"),
                _("Take no card: F7 sends a link where one can be sent. Your supervisor sees the lamps."),
            ),
        ),
    ),
    Step.OUT_OF_SIGHT: Script(
        _("One moment, please. **Do not key or read out your card** until I say so."),
        (
            (_("They start keying or reading it out"), _("“Please stop there.” The line may not be safe.")),
            _MUST_GO,
        ),
    ),
    Step.HUNG_UP: Script(
        "", ((_("They call back"), _("Find them with Ctrl F. The same invoices are still open.")),)
    ),
    Step.HUNG_UP_OFFER: Script(
        "",
        (
            (_("They wanted to pay"), _("Press F7 and send them a link for it.")),
            (_("They call back"), _("Find them with Ctrl F. The same invoices are still open.")),
        ),
    ),
    Step.HUNG_UP_CHECKING: Script(
        "",
        (
            (
                _("They call back"),
                _(
                    "Find them with Ctrl F. Do not take it again: it may have gone through already. The same "
                    "invoices are locked until the bank has answered."
                ),
            ),
        ),
    ),
    Step.WRAP_UP: Script(
        "", ((_("They call back"), _("The call shows here by itself, with the same customer.")),)
    ),
} | LINK_SCRIPTS
