"""What an administrator tells us of a Twilio account."""

from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class TwilioConfig(BaseModel):
    """A Twilio account with Agent-Assisted Pay; sandbox and live differ in these values only."""

    model_config = ConfigDict(title="Twilio", frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: str = Field("https://api.twilio.com", title="API address")
    account_sid: str = Field(title="Account SID", pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: SecretStr = Field(
        title="Auth token", description="Signs the callbacks; found in the console."
    )
    previous_auth_token: SecretStr | None = Field(
        None, title="Previous auth token", description="Only while the token is being rotated."
    )
    connector: str = Field(
        "Default", title="Pay Connector", description="Its unique name; it must lead to your Stripe account."
    )
    messages_from: str | None = Field(
        None,
        title="Number or sender that texts payment links",
        description="Needed only where payment links are sent.",
        pattern=r"^(\+[1-9][0-9]{6,14}|[A-Za-z0-9 ]{2,11})$",
    )
    timeout_s: float = Field(20.0, title="Time-out in seconds", gt=0)

    @property
    def credentials(self) -> tuple[str, str]:
        """Return user and password for HTTP Basic."""
        return self.account_sid, self.auth_token.get_secret_value()

    @property
    def messages_path(self) -> str:
        """Return the path of the messages."""
        return f"/2010-04-01/Accounts/{self.account_sid}/Messages.json"

    def calls_path(self, call_sid: str = "") -> str:
        """Return the path of the calls, or of what belongs to one call."""
        calls = f"/2010-04-01/Accounts/{self.account_sid}/Calls"
        return f"{calls}/{quote(call_sid, safe='')}" if call_sid else f"{calls}.json"
