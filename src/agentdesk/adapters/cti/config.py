"""What an administrator tells us of a phone system."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class CtiConfig(BaseModel):
    """A phone system that posts its call events to us."""

    model_config = ConfigDict(title="Phone system", frozen=True, extra="forbid", hide_input_in_errors=True)

    secret: SecretStr = Field(title="Shared secret", description="Signs every event.")
    previous_secret: SecretStr | None = Field(
        None, title="Previous secret", description="Only while the secret is being rotated."
    )
    signature_header: str = Field("X-Signature", title="Header that carries the signature")
    command_url: str = Field(
        "",
        title="Command address",
        description="Answers are posted to <address>/<call>/answer; empty: agents answer on their phone.",
    )
