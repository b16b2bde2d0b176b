"""Pictures of every screen with the sample data of the design, to be laid beside it.

python -m tests.desk.shots FOLDER [screen ...] [--theme high_contrast] [--text 1.3]
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import qasync
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from agentdesk.desk.command import Tasks
from agentdesk.desk.screens.command_box.view import CommandBox
from agentdesk.desk.session import Session
from agentdesk.desk.settings import Settings
from agentdesk.desk.theme import NAMES, theme
from agentdesk.desk.times import Clock
from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import NotSignedIn, Unavailable
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.readiness import LampState
from tests.desk import samples
from tests.desk.after_stages import AFTER_STAGES
from tests.desk.caller_stages import CALLER_STAGES
from tests.desk.card_stages import CARD_STAGES
from tests.desk.day_stages import DAY_STAGES
from tests.desk.ends_stages import ENDS_STAGES
from tests.desk.fake_hub import FakeHub
from tests.desk.help_stages import HELP_STAGES
from tests.desk.link_stages import LINK_STAGES
from tests.desk.log_stages import LOG_STAGES
from tests.desk.pay_stages import PAY_STAGES
from tests.desk.payment_stages import PAYMENT_STAGES
from tests.desk.plan_stages import PLAN_STAGES
from tests.desk.rehearse_stages import REHEARSE_STAGES
from tests.desk.staging import enter, settle
from tests.desk.stop_stages import STOP_STAGES
from tests.desk.tone_stages import TONE_STAGES

SIZES = ((1440, 900), (1280, 720))
THEMES = ("light", "dark")
Stage = Callable[[FakeHub, Window], Awaitable[None]]


async def sign_in(hub: FakeHub, window: Window) -> None:
    """Everything ready but the accounts, which are slow."""
    window.sign_in._model.look.start()
    await settle()


async def sign_in_wrong(hub: FakeHub, window: Window) -> None:
    """A wrong password."""
    await sign_in(hub, window)
    hub.fail("sign_in", NotSignedIn("sign_in_failed"))
    window.sign_in._model.submit("priya.nair", "wrong")
    await settle()


async def sign_in_lost(hub: FakeHub, window: Window) -> None:
    """The hub does not answer."""
    hub.fail("needs_set_up", Unavailable("hub_unreachable"), always=True)
    await sign_in(hub, window)


async def set_up(hub: FakeHub, window: Window) -> None:
    """A new hub."""
    hub.new = True
    await sign_in(hub, window)


async def waiting(hub: FakeHub, window: Window) -> None:
    """Two things open."""
    receipt = samples.write_back(
        WriteBackKind.RECEIPT, WriteBackState.PARKED, "Paid. The email address does not exist"
    )
    parked = samples.payment(
        samples.approved(),
        intent_id="pay_2",
        short_reference="01JD-7Q0H",
        customer_name="Peter Osei",
        amount=samples.gbp(14472),
        write_backs=[receipt],
    )
    hub.day = samples.day(samples.payment(samples.unknown()), parked)
    await enter(window)


async def ringing(hub: FakeHub, window: Window) -> None:
    """A call rings."""
    hub.calls["call_1"] = samples.ringing()
    await waiting(hub, window)


async def connected(hub: FakeHub, window: Window) -> None:
    """A call from a known customer."""
    hub.calls["call_1"] = samples.call()
    await enter(window)


async def several(hub: FakeHub, window: Window) -> None:
    """A number that fits three."""
    names = ("Amara Okafor", "Chidi Okafor", "Ada Okafor")
    matches = [samples.match(i, name) for i, name in enumerate(names, 1)]
    hub.calls["call_1"] = samples.call(customer_id=None, matches=matches)
    await enter(window)


async def withheld(hub: FakeHub, window: Window) -> None:
    """No number."""
    hub.calls["call_1"] = samples.call(customer_id=None, matches=[], number=None)
    await enter(window)


async def search(hub: FakeHub, window: Window) -> None:
    """Looking for somebody."""
    hub.found = [samples.match(1, "Amara Okafor"), samples.match(2, "Chidi Okafar")]
    await withheld(hub, window)
    window.shell.find_customer()
    window.shell.customer._search._field.set_text("oka")
    await settle(0.4)


async def trouble(hub: FakeHub, window: Window) -> None:
    """Old copies, a history that does not come."""
    hub.customers["cus_1"] = samples.customer(
        stale=["customer_records", "accounts"],
        record_as_of=samples.at(10, 27),
        account_as_of=samples.at(10, 27),
        address=None,
        language=None,
    )
    hub.lamps = samples.readiness(customer_records=LampState.DOWN, recorder=LampState.DOWN)
    hub.hold("history")
    await connected(hub, window)
    await settle(2.2)


async def wrap_up(hub: FakeHub, window: Window) -> None:
    """The line is down, nothing was taken."""
    hub.calls["call_1"] = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.at(10, 41))
    await enter(window)


async def lost(hub: FakeHub, window: Window) -> None:
    """The hub is gone in the middle of a call."""
    await connected(hub, window)
    hub.fail("events", Unavailable("hub_unreachable"), always=True)
    hub.hang_up(Unavailable("hub_unreachable"))
    await settle()


async def help_overlay(hub: FakeHub, window: Window) -> None:
    """F1."""
    await connected(hub, window)
    window.shell.show_help()
    await settle(0.3)


async def journey(hub: FakeHub, window: Window) -> None:
    """The whole day, from F1."""
    await help_overlay(hub, window)
    window.shell.show_journey()
    await settle(0.3)


async def command_box(hub: FakeHub, window: Window) -> None:
    """Ctrl K on a call, with a name begun."""
    hub.found = [samples.match(1), samples.match(2)]
    await connected(hub, window)
    window.shell.open_command_box()
    box = window.findChild(CommandBox)
    box.field.set_text("oka")
    await settle(0.6)


async def command_box_empty(hub: FakeHub, window: Window) -> None:
    """Ctrl K before anything is typed."""
    await connected(hub, window)
    window.shell.open_command_box()
    await settle(0.4)


async def command_box_here(hub: FakeHub, window: Window) -> None:
    """Ctrl K for what has no key: by its words, or by where it stands."""
    await connected(hub, window)
    window.shell.open_command_box()
    window.findChild(CommandBox).field.set_text("cha")
    await settle(0.6)


STAGES: tuple[Stage, ...] = (
    sign_in, sign_in_wrong, sign_in_lost, set_up, waiting, ringing, connected, several, withheld, search,
    trouble, wrap_up, lost, help_overlay, journey,
    command_box, command_box_empty, command_box_here,
    *CALLER_STAGES, *PAYMENT_STAGES, *PAY_STAGES, *LINK_STAGES,
    *CARD_STAGES, *STOP_STAGES, *TONE_STAGES, *LOG_STAGES, *AFTER_STAGES, *REHEARSE_STAGES,
    *DAY_STAGES, *ENDS_STAGES, *HELP_STAGES, *PLAN_STAGES,
)  # fmt: skip


async def shoot(folder: Path, wanted: set[str], themes: Sequence[str]) -> None:
    """Save a picture of each stage, theme and size."""
    for stage in STAGES:
        if wanted and stage.__name__ not in wanted:
            continue
        for name in themes:
            theme.choose(name)
            await _shoot_one(folder, stage, name)


async def _shoot_one(folder: Path, stage: Stage, name: str) -> None:
    tasks, hub = Tasks(), FakeHub()
    with tempfile.TemporaryDirectory() as kept:
        settings = Settings(QSettings(f"{kept}/desk.ini", QSettings.Format.IniFormat))
        settings.username = "priya.nair"
        window = Window(Session(hub, tasks, Clock(lambda: samples.NOW)), settings)
        window.show()
        await stage(hub, window)
        for width, height in SIZES:
            window.resize(width, height)
            await settle(0.3)
            window.grab().save(str(folder / f"{stage.__name__}-{name}-{width}.png"))
        await tasks.cancel_all()
        window._may_close = True
        window.close()
        window.deleteLater()
        await settle()


def main(folder: Path, wanted: set[str], themes: Sequence[str], text: float) -> None:
    """Make the pictures, offscreen, in UTC."""
    os.environ["QT_QPA_PLATFORM"], os.environ["TZ"] = "offscreen", "UTC"
    time.tzset()
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    theme.start(app, themes[0])
    theme.set_text_scale(text)
    theme.set_reduced_motion(True)  # nothing is grabbed while it fades
    with qasync.QEventLoop(app) as loop:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(shoot(folder, wanted, themes))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("screen", nargs="*")
    asked.add_argument("--theme", action="append", choices=NAMES)
    asked.add_argument("--text", type=float, default=1.0)
    got = asked.parse_args()
    main(got.folder, set(got.screen), got.theme or THEMES, got.text)
