"""What Stripe's decline codes mean (reference: docs.stripe.com/declines/codes)."""

from agentdesk.adapters.base import Decline
from agentdesk.domain.payment import DeclineKind

_CODES = {
    DeclineKind.INSUFFICIENT_FUNDS: "insufficient_funds",
    DeclineKind.LIMIT: (
        "card_velocity_exceeded withdrawal_count_limit_exceeded card_decline_rate_limit_exceeded "
        "invalid_amount"
    ),
    DeclineKind.EXPIRED_CARD: "expired_card",
    DeclineKind.SECURITY_CODE: "incorrect_cvc invalid_cvc",
    DeclineKind.ADDRESS: "incorrect_zip incorrect_address",
    DeclineKind.BAD_NUMBER: "incorrect_number invalid_number invalid_expiry_month invalid_expiry_year",
    DeclineKind.NOT_SUPPORTED: (
        "card_not_supported currency_not_supported not_permitted service_not_allowed "
        "transaction_not_allowed invalid_account"
    ),
    DeclineKind.AUTHENTICATION_REQUIRED: "authentication_required",
    DeclineKind.CALL_ISSUER: (
        "call_issuer do_not_honor do_not_try_again generic_decline new_account_information_available "
        "no_action_taken revocation_of_all_authorizations revocation_of_authorization stop_payment_order"
    ),
    DeclineKind.SENSITIVE: (
        "lost_card stolen_card pickup_card restricted_card fraudulent merchant_blacklist security_violation"
    ),
    DeclineKind.TRY_LATER: (
        "try_again_later processing_error issuer_not_available reenter_transaction approve_with_id"
    ),
    DeclineKind.DUPLICATE: "duplicate_transaction",
}
_KINDS = {code: kind for kind, codes in _CODES.items() for code in codes.split()}
_HARD = "do_not_try_again"


def decline(code: str | None, decline_code: str | None, advice_code: str | None) -> Decline:
    """Return the bank's no; `decline_code` is the bank's word and beats Stripe's own `code`."""
    raw = decline_code or code
    kind = _KINDS.get(raw or "", DeclineKind.GENERIC)
    return Decline(kind, raw_code=raw, hard=_HARD in (advice_code, decline_code))
