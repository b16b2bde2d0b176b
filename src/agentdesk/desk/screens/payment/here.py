"""What F1 says of the payment region: what can be done here and now, by what it shows."""

from agentdesk.desk.screens.payment.place import Place
from agentdesk.i18n import _

_WORDS = {
    Place.NOBODY: _(
        "Nothing can be taken before it is known who calls. Choose the customer at the left, or search "
        "with Ctrl F; Ctrl W ends a call without a payment."
    ),
    Place.LOADING: _("What the customer owes is being read. In a moment you can choose what they pay."),
    Place.NO_ACCOUNT: _(
        "The accounts do not answer, so what is owed is not known and nothing can be taken. No payment "
        "was touched. Try again reads it anew."
    ),
    Place.CHOOSE: _(
        "Choose what the caller pays: Alt E everything, Alt O what is overdue, Alt C the invoices you "
        "tick, Alt A another amount. Ctrl 1 to Ctrl 3 choose how; what the customer prefers is chosen "
        "already. F4 makes the line safe and opens the card entry, F7 sends a link; neither charges "
        "anything. Alt R changes where the receipt goes."
    ),
    Place.STOPPED: _(
        "Another payment is in the way, so that the caller does not pay twice; nothing was sent. F5 shows"
        " what happened to it. F2 asks a supervisor, or goes to a link that is still open; F3 changes the"
        " amount."
    ),
    Place.SECURING: _(
        "The line is being made safe: the caller’s tones are masked, the recorder pauses. The card entry "
        "opens by itself in a few seconds. Alt X cancels it and asks first."
    ),
    Place.CAPTURE: _(
        "The caller keys the card; you see only how far they are. F8 asks for the next field, F9 starts "
        "the field again, F10 submits, once. Digits that you type go nowhere. Where the card may be kept,"
        " F2 reads the consent and F3 notes the yes. Alt X cancels it and asks first; Esc never does."
    ),
    Place.CANCELLING: _("The card entry is being closed; nothing was sent. Wait until it is confirmed."),
    Place.SENDING: _(
        "It was submitted, once, and is on its way to the bank. There is nothing to press; the outcome "
        "shows here."
    ),
    Place.OUT_OF_SIGHT: _(
        "The connection is lost, and what becomes of this payment is not seen here. The server goes on. "
        "Do not take it again: it shows here when the connection is back."
    ),
    Place.APPROVED: _(
        "It was taken. The ledger, the customer record and the receipt are written by themselves; you "
        "need not wait. Alt V shows the receipt, Alt R sends it somewhere else."
    ),
    Place.CHECKING: _(
        "The money may have been taken; nobody knows yet. Say: “Please do not pay again; I will tell you "
        "when I know.” The bank is asked by itself. Until then nothing else can be taken for the same "
        "invoices. You may finish the call: it stays in your open work."
    ),
    Place.LINK_FORM: _(
        "Choose how the link goes with Ctrl 1 to Ctrl 3, and where to; F7 sends it. Alt B goes back, and "
        "nothing was sent."
    ),
    Place.SAVED_FORM: _(
        "Read out the amount and the card. When the caller has said yes, F10 charges it at once. Alt B "
        "goes back, and nothing was charged."
    ),
    Place.LINK: _(
        "The customer can pay on the link, also after the call. F7 sends it again, F3 sends it elsewhere,"
        " and where that is allowed F2 shows it as a QR code. Alt X ends it and asks first: until then no"
        " card can be taken for the same debt."
    ),
    Place.DECLINED: _(
        "Nothing was charged. Say only that the bank did not accept it; why, only their bank can say. "
        "While tries are left, F4 takes a card again; F3 takes another amount, and F7 sends a link where "
        "one can be sent."
    ),
    Place.NOT_SENT: _(
        "Nothing was charged: it ended before the bank was asked. While tries are left, F4 starts again; "
        "F3 takes another amount, and F7 sends a link where one can be sent."
    ),
}
#: Where nobody is on the line any more, and no card can be keyed.
_LATER = {
    Place.CHOOSE: _("The caller is gone, so no card can be keyed. F7 sends a link for what is chosen."),
    Place.DECLINED: _(
        "Nothing was charged, and it is still owed. The caller is gone, so no card can be keyed; F7 sends"
        " a link where one can be sent."
    ),
    Place.NOT_SENT: _(
        "Nothing was charged: it ended before the bank was asked. The caller is gone, so no card can be "
        "keyed; F7 sends a link where one can be sent."
    ),
}


def what_now(place: Place, *, line_is_open: bool) -> str:
    """Return what can be done in the payment region."""
    return _WORDS[place] if line_is_open else _LATER.get(place, _WORDS[place])
