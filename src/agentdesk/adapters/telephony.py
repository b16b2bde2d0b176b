"""The ports of telephony: the recorder, and the commands to a phone system. Errors are those of base.py."""

from typing import Protocol

from agentdesk.adapters.base import Health


class RecorderPort(Protocol):
    """Pauses and resumes the recording of a call; returns only after the other side acknowledged."""

    name: str

    async def pause(self, call_ref: str) -> None:
        """Pause, or raise VendorError."""
        ...

    async def resume(self, call_ref: str) -> None:
        """Resume, or raise VendorError."""
        ...

    async def check(self) -> Health:
        """Say whether the service answers."""
        ...


class PhonePort(Protocol):
    """Tells the phone system what the agent did on our screen."""

    name: str

    async def answer(self, call_ref: str, agent: str) -> None:
        """Connect a ringing call to the agent (their user name); its word comes back as evidence."""
        ...

    async def check(self) -> Health:
        """Say whether the phone system takes commands."""
        ...
