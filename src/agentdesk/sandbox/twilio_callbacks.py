"""Twilio's status callbacks: the form, the signature, the way out."""

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, urlencode

from agentdesk.sandbox.box import Sandbox
from agentdesk.sandbox.deliver import Parcel

FORM = "application/x-www-form-urlencoded"


def signature(auth_token: str, url: str, pairs: list[tuple[str, str]]) -> str:
    """Return X-Twilio-Signature: HMAC-SHA1 over the URL and each distinct name and value, sorted."""
    text = url + "".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def post(box: Sandbox, url: str, subject: str, parameters: dict[str, str]) -> None:
    """Post one signed callback; Twilio does not try again."""

    def sign(url: str, body: bytes) -> dict[str, str]:
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        return {"X-Twilio-Signature": signature(box.settings.auth_token, url, pairs)}

    body = urlencode({"AccountSid": box.settings.account_sid, **parameters}).encode()
    box.deliver.post(Parcel("twilio", subject, url, body, FORM, sign))
