"""What a sandbox process is told: seed, speed, credentials and where the hub listens."""

import random
import secrets
from dataclasses import dataclass, field

from agentdesk.sandbox.ids import Ids

CHANGEABLE = frozenset(
    {
        "speed",
        "clock_skew_s",
        "business",
        "stripe_search_lag_s",
        "stripe_thinks_s",
        "stripe_webhook_url",
        "cti_url",
        "twilio_replays_keys",
        "twilio_reports_keys",
        "twilio_ends_at_length",
        "pay_connectors",
    }
)
"""What POST /_sim/config may change while the process runs."""


@dataclass
class Settings:
    """Everything configurable; credentials left empty are made from the seed."""

    seed: int = field(default_factory=lambda: secrets.randbits(32))
    speed: float = 1.0
    clock_skew_s: float = 0.0
    business: str = "Northwind Energy"
    stripe_search_lag_s: float = 1.0
    stripe_thinks_s: float = 0.0
    stripe_webhook_url: str = ""
    cti_url: str = ""
    twilio_replays_keys: bool = True
    twilio_reports_keys: bool = True  # each key pressed, as Twilio does; else whole fields only
    twilio_ends_at_length: bool = (
        True  # an entry as long as its brand's numbers; else only # or a pause ends it
    )
    pay_connectors: str = "Default Stripe_Connector"
    account_sid: str = ""
    auth_token: str = ""
    api_key_sid: str = ""
    api_key_secret: str = ""
    stripe_key: str = ""
    stripe_webhook_secret: str = ""
    cti_secret: str = ""

    def __post_init__(self) -> None:
        ids = Ids(random.Random(f"credentials {self.seed}"))
        self.account_sid = self.account_sid or ids.sid("AC")
        self.auth_token = self.auth_token or ids.sid("")
        self.api_key_sid = self.api_key_sid or ids.sid("SK")
        self.api_key_secret = self.api_key_secret or ids.sid("")
        self.stripe_key = self.stripe_key or ids.token("sk_test_", 32)
        self.stripe_webhook_secret = self.stripe_webhook_secret or ids.token("whsec_", 32)
        self.cti_secret = self.cti_secret or ids.token("cti_", 32)
