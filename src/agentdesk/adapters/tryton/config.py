"""What an administrator tells us of a Tryton database."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class TrytonConfig(BaseModel):
    """A Tryton database and the user the hub works as, who has both an application key and a password."""

    model_config = ConfigDict(title="Tryton", frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: str = Field(title="Server address", description="Without the database: https://erp.example.com")
    database: str = Field(title="Database")
    key: SecretStr = Field(title="Application key", description="Of the user, for the application REST.")
    user: str = Field(title="User")
    password: SecretStr = Field(title="Password", description="For postings, which take a session.")
    payment_journal: str = Field("Card by phone", title="Payment journal", description="One that clears.")
    region: str = Field("GB", title="Region", description="For numbers stored without a country.")
    timeout_s: float = Field(20.0, title="Time-out in seconds", gt=0)
