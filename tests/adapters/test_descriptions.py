"""The vendors' own descriptions are there and judge; without them every other test here judges less."""

import pytest

from tests.sandbox.vendor import FORM, description, shared

TWILIO = f"https://api.twilio.com/2010-04-01/Accounts/AC{'0' * 32}/Calls/CA{'0' * 32}/Payments.json"
STRIPE = "https://api.stripe.com/v1/payment_intents"


@pytest.mark.parametrize(
    ("vendor", "url", "good", "bad"),
    [
        (
            "twilio",
            TWILIO,
            "IdempotencyKey=1&StatusCallback=https%3A%2F%2Fh%2F",
            "StatusCallback=https%3A%2F%2Fh%2F",
        ),
        ("stripe", STRIPE, "amount=1&currency=gbp", "amount=1&currency=gbp&colour=red"),
    ],
)
def test_a_description_takes_what_is_right_and_refuses_what_is_wrong(
    vendor: str, url: str, good: str, bad: str
) -> None:
    shared(f"specs/{vendor}.json")
    shared("reference/specref.py")
    judge = description(vendor)
    headers = {"Content-Type": FORM}
    assert judge.check_request("POST", url, headers, good) == []
    assert judge.check_request("POST", url, headers, bad)
