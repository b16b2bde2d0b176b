"""What every picture begins with."""

import asyncio

from agentdesk.desk.window import Window
from agentdesk.wire.people import SignIn


async def settle(seconds: float = 0.4) -> None:
    """Let tasks and paint events run."""
    await asyncio.sleep(seconds)


async def enter(window: Window) -> None:
    """Sign in and wait for the first picture of the day."""
    await window.session.sign_in(SignIn(username="priya.nair", password="only-a-sample"))
    await settle()
