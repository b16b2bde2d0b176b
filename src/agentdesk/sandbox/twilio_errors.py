"""Twilio's REST errors, in the words of its error dictionary."""

from fastapi.responses import JSONResponse

MESSAGES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20409: "Conflict: this IdempotencyKey was used with other parameters",
    20422: "Invalid or missing parameter",
    21220: "Invalid call state",
    64002: "Payment connector is temporarily unavailable",
    64003: "Invalid charge amount",
    64004: "Payment connector not found",
    64006: "Token type is not supported by the payment connector",
    64007: "Charging is not supported by the payment connector",
    64011: "Currency is not supported by the payment connector",
    64013: "Payment method is not supported by the payment connector",
    64018: "Exactly one of Capture and Status is required",
    64019: "Complete requested before all required information was captured",
    64020: "Invalid value for a parameter",
    64021: "Start operation on already started Pay session",
}
STATUSES = {20003: 401, 20404: 404, 20409: 409, 20422: 422, 64002: 503}


class TwilioError(Exception):
    """A request refused by the Twilio face; nothing was executed."""

    def __init__(self, code: int, detail: str = "") -> None:
        self.code = code
        self.status = STATUSES.get(code, 400)
        self.message = f"{MESSAGES[code]}: {detail}" if detail else MESSAGES[code]
        super().__init__(self.message)

    def response(self) -> JSONResponse:
        """Return the four-field error body."""
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return JSONResponse(body, self.status)
