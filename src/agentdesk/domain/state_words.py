"""What a refused step says of the payment's state: words for people, as they go on after "the payment is"."""

from agentdesk.domain.capture import CaptureState
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackState
from agentdesk.i18n import N_, _

#: By the states' values: one word means the same wherever two kinds of state have it.
WORDS: dict[str, str] = {
    AttemptState.OPEN: N_("still open"),
    AttemptState.SENDING: N_("being sent"),
    AttemptState.APPROVED: N_("approved"),
    AttemptState.DECLINED: N_("declined"),
    AttemptState.PENDING: N_("not decided by the provider yet"),
    AttemptState.UNKNOWN: N_("still being looked up at the provider"),
    AttemptState.NOT_SENT: N_("over without having been sent"),
    CaptureState.SECURING: N_("still being secured"),
    CaptureState.COLLECTING: N_("still waiting for the card"),
    CaptureState.COLLECTED: N_("ready to be submitted"),
    CaptureState.TOKENISING: N_("submitted already"),
    CaptureState.TOKENISED: N_("submitted already"),
    CaptureState.CANCELLING: N_("being cancelled"),
    CaptureState.CLOSED: N_("over without a card"),
    CaptureState.SPENT: N_("sent already"),
    LinkState.OPENING: N_("waiting for its link"),
    LinkState.CLOSING: N_("waiting for its link to close"),
    WriteBackState.QUEUED: N_("still being written to the records"),
    WriteBackState.DONE: N_("written to the records already"),
    WriteBackState.PARKED: N_("waiting for a person to write it to the records"),
}


def in_words(state: str) -> str:
    """Return a state's words in the language spoken; what is words already stays as it is."""
    return _(WORDS[state]) if state in WORDS else state
