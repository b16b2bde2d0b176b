"""What an administrator tells us of a Stripe account."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

_LIVE = ("sk_live_", "rk_live_")
_TEST = ("sk_test_", "rk_test_")


class StripeConfig(BaseModel):
    """A Stripe account allowed to take mail and telephone orders; test and live differ in the keys only."""

    model_config = ConfigDict(title="Stripe", frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: str = Field("https://api.stripe.com", title="API address")
    secret_key: SecretStr = Field(title="Secret or restricted key", description="sk_… or rk_…")
    webhook_secrets: tuple[SecretStr, ...] = Field(
        (), title="Webhook signing secrets", description="whsec_…; two while one is being rolled."
    )
    timeout_s: float = Field(20.0, title="Time-out in seconds", gt=0)

    @field_validator("secret_key")
    @classmethod
    def _says_its_mode(cls, key: SecretStr) -> SecretStr:
        if not key.get_secret_value().startswith((*_LIVE, *_TEST)):
            raise ValueError(f"a key begins with one of {', '.join((*_TEST, *_LIVE))}")
        return key

    @property
    def live(self) -> bool:
        """Whether the key moves real money."""
        return self.secret_key.get_secret_value().startswith(_LIVE)
