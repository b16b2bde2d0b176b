"""Everything that one sandbox process knows, built in one place."""

import random
from dataclasses import dataclass

from agentdesk.sandbox.clock import Clock
from agentdesk.sandbox.deliver import Deliver
from agentdesk.sandbox.faults import Faults
from agentdesk.sandbox.ids import Ids
from agentdesk.sandbox.journal import Journal
from agentdesk.sandbox.scripted_caller import ScriptedCaller
from agentdesk.sandbox.settings import Settings
from agentdesk.sandbox.tasks import Tasks
from agentdesk.sandbox.telephony import Telephony
from agentdesk.sandbox.vault import Vault


@dataclass(frozen=True)
class Caller:
    """Somebody who can ring from the phone page."""

    name: str
    number: str


class Sandbox:
    """The state that the faces share; `url` and `frame_url` are known once it serves."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock(settings)
        self.ids = Ids(random.Random(f"ids {settings.seed}"))
        self.journal = Journal()
        self.tasks = Tasks(self.journal)
        self.faults = Faults(settings.seed)
        self.vault = Vault(self.ids)
        self.deliver = Deliver(self.clock, self.journal, self.faults, self.tasks)
        self.telephony = Telephony(settings, self.clock, self.ids, self.journal, self.deliver)
        self.scripted = ScriptedCaller(self.telephony, self.clock, self.tasks)
        self.callers: list[Caller] = []
        self.url = ""
        self.frame_url = ""

    async def close(self) -> None:
        """Stop everything that goes on in the background."""
        await self.tasks.stop()
        await self.deliver.close()
