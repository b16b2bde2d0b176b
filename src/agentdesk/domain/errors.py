"""The error tree. Each error has a stable code and words for people.

AgentDeskError(code, **params)      what happens next                        HTTP
  Invalid                           the person corrects the input            422
  NotSignedIn                       sign in                                  401
  NotAllowed                        nothing; a supervisor may                403
  NotFound                          nothing                                  404
  Conflict                          reload, look, decide again               409
  TooMany                           wait                                     429
  Unavailable                       look, then try again                     503

Words say what happened, what it means for the money, what to do.
"""

from typing import Any

from agentdesk.domain.error_words import TEXT
from agentdesk.domain.state_words import in_words
from agentdesk.i18n import _


class AgentDeskError(Exception):
    """An error with a code of TEXT and the parameters its words need; a `state` is said in words."""

    status = 500

    def __init__(self, code: str, **params: Any) -> None:
        self.code, self.params = code, params
        super().__init__(self.text)

    @property
    def text(self) -> str:
        """The words for a person, in the language spoken."""
        said = {k: in_words(v) if k == "state" else v for k, v in self.params.items()}
        return _(TEXT[self.code]).format(**said)


class Invalid(AgentDeskError):
    """The input is not acceptable; nothing was stored."""

    status = 422


class NotSignedIn(AgentDeskError):
    """No valid session."""

    status = 401


class NotAllowed(AgentDeskError):
    """The person's role does not allow it."""

    status = 403


class NotFound(AgentDeskError):
    """The thing does not exist, or not for this person."""

    status = 404


class Conflict(AgentDeskError):
    """The thing is in another state than the person believes."""

    status = 409


class TooMany(AgentDeskError):
    """Slow down; params hold `seconds`."""

    status = 429


class Unavailable(AgentDeskError):
    """An outside system does not answer and nothing was sent, or the hub's database does not answer."""

    status = 503
