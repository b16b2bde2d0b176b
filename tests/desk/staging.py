"""What every picture begins with."""

import asyncio

from agentdesk.desk.window import Window
from agentdesk.wire.people import SignIn

#: The longest chain, from signing in to the history of a customer, takes half of these turns of the loop.
_TURNS, _TURN_S = 20, 0.005


async def settle(seconds: float = 0) -> None:
    """Let what is ready run: the stages' hub answers at once. Only what waits by itself needs seconds."""
    for _ in range(_TURNS):
        await asyncio.sleep(_TURN_S)
    await asyncio.sleep(seconds)


async def enter(window: Window) -> None:
    """Sign in and wait for the first picture of the day."""
    await window.session.sign_in(SignIn(username="priya.nair", password="only-a-sample"))
    await settle()
