"""What an administrator tells us of a sandbox."""

from pydantic import BaseModel, ConfigDict, Field


class SandboxConfig(BaseModel):
    """A running sandbox that has this hub's phone events, keypad and bank; see `agentdesk sandbox`."""

    model_config = ConfigDict(title="Sandbox", frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: str = Field(title="Address", description="The address the sandbox printed when it started.")
