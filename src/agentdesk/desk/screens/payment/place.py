"""What the payment region shows, by the state of the card session and of the attempt."""

from enum import StrEnum

from agentdesk.domain.capture import CaptureState
from agentdesk.domain.payment import AttemptState


class Place(StrEnum):
    """What the region shows."""

    NOBODY = "nobody"  # no customer is chosen for the call
    LOADING = "loading"
    NO_ACCOUNT = "no_account"  # nothing is known of what is owed
    CHOOSE = "choose"
    STOPPED = "stopped"  # another payment is in the way
    SECURING = "securing"
    CAPTURE = "capture"
    CANCELLING = "cancelling"
    SENDING = "sending"
    OUT_OF_SIGHT = "out_of_sight"  # live when the connection was lost
    APPROVED = "approved"
    CHECKING = "checking"  # unknown, or pending at the bank
    LINK_FORM = "link_form"  # where a payment link goes
    LINK = "link"  # it is open at the customer
    SAVED_FORM = "saved_form"  # a saved card is read out before it is charged
    DECLINED = "declined"
    NOT_SENT = "not_sent"


OF_CAPTURE = {
    CaptureState.SECURING: Place.SECURING,
    CaptureState.COLLECTING: Place.CAPTURE,
    CaptureState.COLLECTED: Place.CAPTURE,
    CaptureState.TOKENISING: Place.SENDING,
    CaptureState.TOKENISED: Place.SENDING,
    CaptureState.SPENT: Place.SENDING,
    CaptureState.CANCELLING: Place.CANCELLING,
    CaptureState.CLOSED: Place.CANCELLING,  # the attempt's own end is on its way
}
OF_ATTEMPT = {
    AttemptState.SENDING: Place.SENDING,
    AttemptState.APPROVED: Place.APPROVED,
    AttemptState.DECLINED: Place.DECLINED,
    AttemptState.PENDING: Place.CHECKING,
    AttemptState.UNKNOWN: Place.CHECKING,
    AttemptState.NOT_SENT: Place.NOT_SENT,
}
