"""What to say while the customer has a payment link, or nearly; written as those in `scripts`."""

from agentdesk.desk.screens.call.script import Script
from agentdesk.desk.screens.call.steps import Step
from agentdesk.i18n import _

LINK_SCRIPTS = {
    Step.LINK_MAKING: Script(
        _("One moment, please: the **link is on its way**. You pay on that page; I never see the card."),
    ),
    Step.LINK: Script(
        _("I have sent a **link to your phone** for {amount}. You pay on that page; I never see the card."),
        (
            (
                _("No text comes"),
                _("Check the number with them. F7 texts it again, F3 sends it somewhere else."),
            ),
            (_("They would rather key the card"), _("Expire the link first; then press F4.")),
        ),
    ),
    Step.LINK_EMAILED: Script(
        _("I have sent a **link by email** for {amount}. You pay on that page; I never see the card."),
        (
            (
                _("No email comes"),
                _("Check the address with them. F7 emails it again, F3 sends it somewhere else."),
            ),
            (_("They would rather key the card"), _("Expire the link first; then press F4.")),
        ),
    ),
    Step.LINK_SHOWN: Script(
        _("Please **scan this code** with your phone and pay {amount} there. I never see the card."),
        (
            (_("They cannot scan it"), _("Press F3 and text or email the link instead.")),
            (_("They read the card out"), _("“Please stop there.” Never type a card for them on that page.")),
        ),
    ),
    Step.LINK_LOST: Script(
        _("The link for {amount} **may not have reached you**. Can you see it?"),
        (
            (
                _("It has not come"),
                _("Check with them where it goes. F7 sends it again, F3 sends it somewhere else."),
            ),
            (_("They have it"), _("They pay on that page; it shows here by itself.")),
            (_("They would rather key the card"), _("Expire the link first; then press F4.")),
        ),
    ),
    Step.LINK_CLOSING: Script(
        _("One moment, please: I am **closing the link**. Please do not pay on it any more."),
        (
            (_("They have just paid on it"), _("It shows here by itself. Do not take it again.")),
            (
                _("They want to pay another way"),
                _("Wait until the link is closed: until then it may be paid."),
            ),
        ),
    ),
    Step.LINK_OVER: Script(
        _("The time of the link is over; I am asking **whether it was paid**. Please do not pay on it now."),
        (
            (_("They have just paid on it"), _("It shows here by itself. Do not take it again.")),
            (_("They want to pay another way"), _("Wait until it is known: it may have been paid.")),
        ),
    ),
    Step.LINK_RAN_OUT: Script(
        _("The link **ran out before it was paid**, and nothing was charged. Shall I send you a new one?"),
        (
            (_("They agree"), _("Press F7.")),
            (_("They would rather key the card"), _("Press F4. The line is made safe again first.")),
        ),
    ),
    Step.LINK_CLOSED: Script(
        _("The link is **closed**, and nothing was charged on it."),
        ((_("They want to pay after all"), _("F4 takes a card, F7 sends another link.")),),
    ),
    Step.UNPROVEN_LINK: Script(
        _("I have sent a **link to the contact details we have**. Who has it can pay on that page."),
        ((_("They ask for the amount, or where it went"), _("“I am sorry, I must not say.”")),),
    ),
    Step.UNPROVEN_LINK_LOST: Script(
        _("The **link to the contact details we have** may not have arrived. Can you see it?"),
        (
            (_("It has not come"), _("F7 sends it again, F3 to other details on file. Do not say where.")),
            (_("They ask for the amount, or where it went"), _("“I am sorry, I must not say.”")),
        ),
    ),
    Step.HUNG_UP_LINK: Script(
        "",
        ((_("They call back"), _("The link can still be paid. Expire it before you take a card.")),),
    ),
}
