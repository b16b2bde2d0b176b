"""The stages of a call, and which one each step belongs to."""

from agentdesk.desk.screens.call.steps import Step

#: What the agent sees as `step 3 of 5`.
STAGES = ("greet", "agree", "secure", "card", "finish")
_STAGE = {
    Step.RINGING: 1,
    Step.IDENTIFY: 1,
    Step.GREET: 1,
    Step.VERIFY: 1,
    Step.UNPROVEN: 2,
    Step.UNPROVEN_NO_LINK: 2,
    Step.LOOKING: 2,
    Step.ACCOUNT_CLOSED: 2,
    Step.WHAT_TO_PAY: 2,
    Step.REST: 2,
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
    Step.SAVED_CARD: 2,
    Step.CONSENT: 4,
    Step.READY: 4,
    Step.CANCELLING: 4,
    Step.OUT_OF_SIGHT: 4,
}


def stage(step: Step) -> int:
    """Return the number of the stage, from 1."""
    return _STAGE.get(step, len(STAGES))
