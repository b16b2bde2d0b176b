"""Stripe's decline codes in our vocabulary."""

import pytest

from agentdesk.adapters.stripe.declines import decline
from agentdesk.domain.payment import DeclineKind


@pytest.mark.parametrize(
    ("code", "decline_code", "kind"),
    [
        ("card_declined", "insufficient_funds", DeclineKind.INSUFFICIENT_FUNDS),
        ("card_declined", "withdrawal_count_limit_exceeded", DeclineKind.LIMIT),
        ("expired_card", None, DeclineKind.EXPIRED_CARD),
        ("incorrect_cvc", "incorrect_cvc", DeclineKind.SECURITY_CODE),
        ("card_declined", "incorrect_zip", DeclineKind.ADDRESS),
        ("incorrect_number", None, DeclineKind.BAD_NUMBER),
        ("card_declined", "currency_not_supported", DeclineKind.NOT_SUPPORTED),
        ("authentication_required", "authentication_required", DeclineKind.AUTHENTICATION_REQUIRED),
        ("card_declined", "generic_decline", DeclineKind.CALL_ISSUER),
        ("card_declined", "pickup_card", DeclineKind.SENSITIVE),
        ("card_declined", "fraudulent", DeclineKind.SENSITIVE),
        ("processing_error", None, DeclineKind.TRY_LATER),
        ("card_declined", "duplicate_transaction", DeclineKind.DUPLICATE),
        ("card_declined", "a_code_of_next_year", DeclineKind.GENERIC),
        ("card_declined", None, DeclineKind.GENERIC),
        (None, None, DeclineKind.GENERIC),
    ],
)
def test_kinds(code: str | None, decline_code: str | None, kind: DeclineKind) -> None:
    found = decline(code, decline_code, None)
    assert (found.kind, found.raw_code, found.hard) == (kind, decline_code or code, False)


def test_the_bank_may_forbid_another_try() -> None:
    assert decline("card_declined", "generic_decline", "do_not_try_again").hard
    assert decline("card_declined", "do_not_try_again", None).hard
    assert not decline("card_declined", "generic_decline", "try_again_later").hard
