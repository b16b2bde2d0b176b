"""Where a call is, as far as what to say goes."""

from enum import StrEnum

from agentdesk.desk.draft import Draft


class Step(StrEnum):
    """Where a call is, as far as what to say goes."""

    RINGING = "ringing"
    IDENTIFY = "identify"
    GREET = "greet"  # the number told who rings; nothing of theirs is spoken of yet
    VERIFY = "verify"  # they have to prove who they are first
    UNPROVEN = "unproven"  # they could not: only a link to the details on file is left
    UNPROVEN_NO_LINK = "unproven_no_link"
    UNPROVEN_LINK = "unproven_link"
    UNPROVEN_LINK_LOST = "unproven_link_lost"
    UNPROVEN_PAID = "unproven_paid"
    LOOKING = "looking"  # nothing is known or chosen yet
    ACCOUNT_CLOSED = "account_closed"
    WHAT_TO_PAY = "what_to_pay"
    REST = "rest"  # on a second card: nothing of it is to be chosen
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
    SAVED_CARD = "saved_card"  # one is read out before it is charged
    CONSENT = "consent"  # to have the card kept
    READY = "ready"
    CANCELLING = "cancelling"
    SENDING = "sending"
    CHECKING = "checking"
    ANSWER_DIFFERS = "answer_differs"  # the bank said something that does not fit the payment
    APPROVED = "approved"
    APPROVED_OTHER_AMOUNT = "approved_other_amount"
    DECLINED = "declined"
    TRY_LATER = "try_later"  # the bank could not answer; the same card may work in a while
    NOT_SENT = "not_sent"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # hold, transfer, a locked screen: card entry was closed
    BANK_SAW_IT = "bank_saw_it"  # it calls this a payment that it had before: was it paid already?
    NO_MORE = "no_more"  # nothing was charged, and this payment cannot be tried again
    NOT_SECURED = "not_secured"
    OUT_OF_SIGHT = "out_of_sight"
    HUNG_UP = "hung_up"
    HUNG_UP_OFFER = "hung_up_offer"  # nothing is paid, and a link can still be sent
    HUNG_UP_CHECKING = "hung_up_checking"
    CONFIRM = "confirm"  # the bank wants the card holder, whom a link takes there
    CONFIRM_LAST = "confirm_last"  # and no card can be tried again
    LINK_MAKING = "link_making"  # nobody has it yet
    LINK = "link"  # the customer has a payment link
    LINK_EMAILED = "link_emailed"
    LINK_SHOWN = "link_shown"
    LINK_LOST = "link_lost"  # it may not have reached them
    LINK_CLOSING = "link_closing"  # and may be paid until it is closed
    LINK_OVER = "link_over"  # its time, and whether it was paid is being asked
    LINK_RAN_OUT = "link_ran_out"  # unpaid, and nobody can pay on it any more
    LINK_CLOSED = "link_closed"  # by us, before its time
    HUNG_UP_LINK = "hung_up_link"
    WRAP_UP = "wrap_up"


#: What is said instead to somebody who is not proven: no amount, no invoice.
_UNPROVEN = {
    Step.LINK: Step.UNPROVEN_LINK,
    Step.LINK_EMAILED: Step.UNPROVEN_LINK,
    Step.LINK_SHOWN: Step.UNPROVEN_LINK,
    Step.LINK_LOST: Step.UNPROVEN_LINK_LOST,
    Step.APPROVED: Step.UNPROVEN_PAID,
    Step.APPROVED_OTHER_AMOUNT: Step.UNPROVEN_PAID,
}


def discreet(step: Step) -> Step:
    """Return the words that give nothing of the account away, for those that do."""
    return _UNPROVEN.get(step, step)


def aside(draft: Draft | None) -> Step | None:
    """Return what is read out apart from where the payment is; None where nothing is."""
    if draft is None or not (draft.card or draft.consent):
        return None
    return Step.SAVED_CARD if draft.card else Step.CONSENT
