"""Twilio's signed callbacks of a card session or a text message, turned into evidence."""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from agentdesk.adapters.base import (
    BadSignature,
    CaptureEvidence,
    Evidence,
    Ignored,
    MessageEvidence,
    RawWebhook,
    Rejected,
    TokenRef,
)
from agentdesk.adapters.twilio.api import NAME
from agentdesk.adapters.twilio.capture import FIELD_WORDS
from agentdesk.adapters.twilio.config import TwilioConfig
from agentdesk.domain.capture import CaptureEvent, CardField, FieldProblem
from agentdesk.domain.card import CardSummary
from agentdesk.i18n import N_, _

Form = Mapping[str, str]

_FIELDS = {word: card_field for card_field, word in FIELD_WORDS.items()}
#: Where a callback shows how far a field is: masked, or in clear for expiry and postcode.
_SHOWN = {
    CardField.NUMBER: "PaymentCardNumber",
    CardField.EXPIRY: "ExpirationDate",
    CardField.SECURITY_CODE: "SecurityCode",
    CardField.POSTCODE: "PaymentCardPostalCode",
}
_PROBLEMS = {
    "input-timeout": FieldProblem.TIMED_OUT,
    "timeout": FieldProblem.TIMED_OUT,
    "invalid-card-type": FieldProblem.BRAND_REFUSED,
    "invalid-card-number": FieldProblem.INVALID,
    "invalid-date": FieldProblem.INVALID,
    "invalid-security-code": FieldProblem.INVALID,
    "invalid-postal-code": FieldProblem.INVALID,
    "input-matching-failed": FieldProblem.INVALID,
}
#: Results that mean that somebody ended the session; any other one is a failure.
_ENDINGS = frozenset({"cancelled", "caller-hung-up", "caller-interrupted-with-star"})
#: What an agent is told of each; a code of the vendor's, for IT, comes behind it.
_REASONS = {
    "cancelled": N_("Card entry was cancelled."),
    "caller-hung-up": N_("The caller hung up."),
    "caller-interrupted-with-star": N_("The caller pressed star, which ends card entry."),
    "too-many-failed-attempts": N_("The caller had too many tries."),
    "payment-connector-error": N_("The card could not be handed over to the payment provider."),
    "validation-error": N_("The card was not accepted."),
}
_MASKED = re.compile(r"x{4,}(\d{4})\Z")
#: What a message ended as (https://www.twilio.com/docs/messaging/api/message-resource#message-status-values).
_MESSAGES = {"delivered": True, "undelivered": False, "failed": False}
_DEFAULT_PORTS = {"https": 443, "http": 80}


class TwilioWebhooks:
    """WebhookPort for the StatusCallback of card sessions and of text messages."""

    Config = TwilioConfig
    name = NAME

    def __init__(self, config: TwilioConfig) -> None:
        both = (config.auth_token, config.previous_auth_token)
        self._account = config.account_sid
        self._tokens = [token.get_secret_value() for token in both if token]

    def receive(self, raw: RawWebhook) -> Sequence[Evidence]:
        """Verify on the raw bytes, then read.

        Raises BadSignature, also for what is not a form, and Rejected with the code `wrong_account` for what
        another account tells.
        """
        pairs = _pairs(raw.body)
        given = raw.headers.get("x-twilio-signature", "")
        if not is_signed(raw.public_url, pairs, given, self._tokens):
            raise BadSignature(NAME)
        if dict(pairs).get("AccountSid") != self._account:
            raise Rejected(f"{NAME}: a callback of another account", vendor_code="wrong_account")
        return read(dict(pairs), hashlib.sha256(raw.body).hexdigest())


def signature(url: str, pairs: Iterable[tuple[str, str]], token: str) -> str:
    """Return X-Twilio-Signature for a form posted to a URL.

    Each distinct name with each of its distinct values, sorted; blank values count
    (https://www.twilio.com/docs/usage/security).
    """
    text = url + "".join(name + value for name, value in sorted(set(pairs)))
    return b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def is_signed(url: str, pairs: Sequence[tuple[str, str]], given: str, tokens: Iterable[str]) -> bool:
    """Say whether one of the auth tokens made the signature, with or without the scheme's own port."""
    made = [signature(one, pairs, token) for token in tokens for one in _spellings(url)]
    return any(hmac.compare_digest(one.encode(), given.encode()) for one in made)


def read(form: Form, digest: str) -> list[Evidence]:
    """Return what a callback tells; more than one thing where the last field came in."""
    if "MessageStatus" in form:
        return [_message(form, digest)]
    if form.get("Result"):
        return [_result(form, digest)]
    if "Capture" in form:
        return _field(form, digest)
    if "DateCreated" in form:
        return [_evidence(CaptureEvent.SECURED, form, digest)]
    return [Ignored(NAME, "status", digest)]


def _message(form: Form, digest: str) -> Evidence:
    status = form["MessageStatus"]
    if status not in _MESSAGES:
        return Ignored(NAME, f"message {status}", digest)
    return MessageEvidence(NAME, digest, form.get("MessageSid", ""), _MESSAGES[status])


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        # Twilio posts blank parameters and signs them; dropping them breaks the signature
        return parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError as error:
        raise BadSignature(f"{NAME}: the body is not a form, so it cannot be signed as one") from error


def _spellings(url: str) -> list[str]:
    """Return the URL with and without the default port: Twilio signs either (twilio-python checks both)."""
    parts = urlsplit(url)
    default = _DEFAULT_PORTS.get(parts.scheme)
    if parts.port not in (None, default):
        return [url]
    bare = parts.netloc.removesuffix(f":{default}")
    return [urlunsplit(parts._replace(netloc=netloc)) for netloc in (bare, f"{bare}:{default}")]


def _field(form: Form, digest: str) -> list[Evidence]:
    card_field = _FIELDS.get(form["Capture"])
    if card_field is None:
        return [Ignored(NAME, form["Capture"], digest)]
    if form.get("ErrorType"):
        return [_refused(card_field, form, digest)]
    if form.get("PartialResult") == "true" or not _is_in(card_field, form):
        digits = _digits(card_field, form)
        return [_evidence(CaptureEvent.PROGRESS, form, digest, card_field, digits=digits, card=_brand(form))]
    card = _card(form)
    found: list[Evidence] = [_evidence(CaptureEvent.FIELD_IN, form, digest, card_field, card=card)]
    if form.get("Required") == "":  # blank means that everything is in; absent means nothing
        found.append(_evidence(CaptureEvent.ALL_IN, form, digest, card=card))
    return found


def _refused(card_field: CardField, form: Form, digest: str) -> CaptureEvidence:
    """Return why a field was refused, with the keys where the callback shows them."""
    return _evidence(
        CaptureEvent.FIELD_BAD,
        form,
        digest,
        card_field,
        digits=_digits(card_field, form) or None,
        problem=_PROBLEMS.get(form["ErrorType"], FieldProblem.OTHER),
        card=_brand(form),
    )


def _is_in(card_field: CardField, form: Form) -> bool:
    missing = _missing(form)
    return bool(form.get(_SHOWN[card_field])) if missing is None else card_field not in missing


def _result(form: Form, digest: str) -> Evidence:
    result, code, token = form["Result"], form.get("PayErrorCode"), form.get("PaymentToken")
    reason = _(_REASONS.get(result, N_("The keypad service failed."))) + (f" (code {code})" if code else "")
    if result == "success" and token:
        # the token type payment-method exists for Stripe connectors only, and Stripe charges it
        ref = TokenRef("stripe", token)
        return _evidence(CaptureEvent.TOKEN, form, digest, card=_card(form), token=ref)
    if result == "success":
        reason = _("The keypad service gave no card to charge.")
        return _evidence(CaptureEvent.FAILED, form, digest, reason=reason)
    event = CaptureEvent.ENDED if result in _ENDINGS else CaptureEvent.FAILED
    return _evidence(event, form, digest, reason=reason)


def _evidence(
    event: CaptureEvent,
    form: Form,
    digest: str,
    card_field: CardField | None = None,
    *,
    digits: int | None = None,
    problem: FieldProblem | None = None,
    card: CardSummary | None = None,
    token: TokenRef | None = None,
    reason: str | None = None,
) -> CaptureEvidence:
    return CaptureEvidence(
        event=event,
        provider=NAME,
        event_id=f"{digest}:{event}",
        session_id=form.get("Sid"),
        call_ref=form.get("CallSid"),
        field=card_field,
        digits=digits,
        problem=problem,
        missing=_missing(form),
        card=card,
        token=token,
        reason=reason,
    )


def _missing(form: Form) -> tuple[CardField, ...] | None:
    if "Required" not in form:
        return None
    words = [word.strip() for word in form["Required"].split(",")]
    return tuple(_FIELDS[word] for word in words if word in _FIELDS)


def _digits(card_field: CardField, form: Form) -> int | None:
    if card_field is CardField.SECURITY_CODE:
        return None
    return len(form.get(_SHOWN[card_field], ""))


def _card(form: Form) -> CardSummary | None:
    """Return brand and last four; expiry and postcode are cardholder data and end here."""
    mask = _MASKED.match(form.get("PaymentCardNumber", ""))
    return CardSummary(form.get("PaymentCardType") or None, mask[1]) if mask else None


def _brand(form: Form) -> CardSummary | None:
    """Return the brand of a number that is being keyed, where the callback names it."""
    return CardSummary(form["PaymentCardType"]) if form.get("PaymentCardType") else None
