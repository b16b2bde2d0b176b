"""One Twilio Payments session: which field is asked, what was keyed, how it ends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agentdesk.sandbox import cards, pay_fields
from agentdesk.sandbox.clock import Clock
from agentdesk.sandbox.pay_fields import CODE, EXPIRY, NUMBER, Fault
from agentdesk.sandbox.twilio_errors import TwilioError

Tell = Callable[["PaySession", str, dict[str, str]], None]
"""Posts one status callback: what kind ("partial", "field", "result") and its parameters."""


@dataclass(frozen=True)
class Terms:
    """What the create request asked for."""

    connector: str
    method: str
    fields: tuple[str, ...]
    brands: tuple[str, ...]
    min_postcode: int
    timeout_s: int


class PaySession:
    """The digits of one caller, kept only until they are a known test card."""

    def __init__(self, sid: str, terms: Terms, clock: Clock, tell: Tell, callback_url: str) -> None:
        self.sid = sid
        self.ends_at_length = True
        self.terms = terms
        self.callback_url = callback_url
        self.created: datetime = clock.now()
        self.updated: datetime = self.created
        self.state: Literal["open", "completing", "ended"] = "open"
        self.result = ""
        self.asked = ""
        self.asked_at: datetime | None = None
        self.buffer = ""
        self.error = ""
        self.card: cards.TestCard | None = None
        self.done: dict[str, str] = {}
        self._clock = clock
        self._tell = tell
        self._timer: asyncio.TimerHandle | None = None

    @property
    def required(self) -> list[str]:
        """Return the fields still missing, in the order a card is read."""
        return [field for field in self.terms.fields if field not in self.done]

    @property
    def brand(self) -> str:
        """Return the brand of the keyed card; "" while unknown."""
        return self.card.brand if self.card else ""

    @property
    def expects(self) -> int | None:
        """Return how many digits the asked field takes; None when open-ended or nothing is asked."""
        return pay_fields.expected_length(self.asked, self.buffer, self.brand) if self.asked else None

    def ask(self, field: str) -> None:
        """Listen for a field, again if it was keyed before."""
        if self.state != "open" or field not in self.terms.fields:
            raise TwilioError(64020, f"Capture={field}")
        self.done.pop(field, None)
        if field == NUMBER:
            self.card = None
        self.asked, self.asked_at, self.buffer, self.error = field, self._clock.now(), "", ""
        self._restart_timer()

    def key(self, key: str) -> None:
        """Take one key while a field is asked: a digit, # to end the entry, * to end the session."""
        if key == "*":
            self.end("caller-interrupted-with-star")
        elif key == "#":
            self._finish_entry()
        else:
            self._take_digit(key)

    def begin_completing(self) -> None:
        """Stop listening and hand the card to the connector; raise 64019 while a field is missing."""
        if self.state != "open":
            raise TwilioError(64020, "Status=complete")
        if self.required:
            raise TwilioError(64019, ",".join(self.required))
        self._stop_listening()
        self.state = "completing"

    def end(self, result: str, **parameters: str) -> None:
        """End the session with a result and tell the hub; a session that has ended stays as it is."""
        if self.state == "ended":
            return
        self._stop_listening()
        self.state, self.result = "ended", result
        blanks = {"PaymentConfirmationCode": "", "PaymentToken": "", "ProfileId": ""}
        self._report("result", {"Result": result, **self.done_parameters(), **blanks, **parameters})
        self.card, self.done = None, {}

    def done_parameters(self) -> dict[str, str]:
        """Return the finished fields as callbacks show them."""
        shown = {
            pay_fields.PARAMETERS[field]: pay_fields.mask(field, digits, finished=True)
            for field, digits in self.done.items()
        }
        if self.card:
            shown["PaymentCardType"] = self.card.brand
        return shown

    def _take_digit(self, digit: str) -> None:
        self.buffer += digit
        self._restart_timer()
        shown = pay_fields.mask(self.asked, self.buffer, finished=False)
        keyed = {pay_fields.PARAMETERS[self.asked]: shown, **self._brand_of_entry()}
        self._report_field("partial", {"PartialResult": "true", **keyed})
        if self.ends_at_length and len(self.buffer) == (self.expects or pay_fields.MAX_POSTCODE):
            self._finish_entry()

    def _brand_of_entry(self) -> dict[str, str]:
        """Return the brand of a number that is being keyed, once its first digits tell."""
        brand = cards.brand_of(self.buffer) if self.asked == NUMBER else ""
        return {"PaymentCardType": brand} if brand else {}

    def _finish_entry(self) -> None:
        field, digits, brand = self.asked, self.buffer, self._brand_of_entry()
        fault = self._check(field, digits) if digits else Fault("input-timeout")
        if not fault:
            self._keep(field, digits)
        self._stop_listening()
        self.error = fault.error_type if fault else ""
        parameters = {"ErrorType": self.error, **(brand if fault else {})}
        if fault and fault.pay_error_code:
            parameters["PayErrorCode"] = fault.pay_error_code
        self._report_field("field", parameters, field)

    def _check(self, field: str, digits: str) -> Fault | None:
        if field == NUMBER:
            return pay_fields.check_number(digits, self.terms.brands)
        if field == EXPIRY:
            return pay_fields.check_expiry(digits, self._clock.now())
        if field == CODE:
            return pay_fields.check_code(digits, self.brand)
        return pay_fields.check_postcode(digits, self.terms.min_postcode)

    def _keep(self, field: str, digits: str) -> None:
        if field == NUMBER:
            self.card = cards.by_number(digits)
            digits = pay_fields.mask(NUMBER, digits, finished=True)
        self.done[field] = digits

    def _report_field(self, kind: str, parameters: dict[str, str], field: str = "") -> None:
        facts = {
            "Capture": field or self.asked,
            "Required": ",".join(self.required),
            "ErrorType": "",
            **self.done_parameters(),
        }
        self._report(kind, {**facts, **parameters})

    def _report(self, kind: str, parameters: dict[str, str]) -> None:
        self.updated = self._clock.now()
        self._tell(self, kind, parameters)

    def _restart_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        wait_s = self._clock.seconds(self.terms.timeout_s)
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._finish_entry)

    def _stop_listening(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer, self.asked, self.asked_at, self.buffer = None, "", None, ""
