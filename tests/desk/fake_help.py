"""The part of the hub in memory that calls supervisors."""

from agentdesk.wire.calls import Call, Help, NewHelp
from tests.desk import samples


class FakeHelp:
    """Answers for FakeHub, which keeps the calls."""

    async def call_supervisor(self, call_id: str, new: NewHelp) -> Call:
        await self._ask("call_supervisor", call_id, new)
        asked = Help(asked_at=samples.NOW, reason=new.reason)
        return self._keep(self.calls[call_id].model_copy(update={"help": asked}))

    async def come(self, call_id: str) -> Call:
        await self._ask("come", call_id)
        mine = Help(asked_at=samples.NOW, reason="", coming="Me", coming_id=self.person.user_id)
        return self.calls.get(call_id, samples.call(call_id=call_id, help=mine))

    async def see_unrecorded(self, call_id: str) -> Call:
        await self._ask("see_unrecorded", call_id)
        return samples.call(call_id=call_id, recording=False)

    async def end_help(self, call_id: str) -> Call:
        await self._ask("end_help", call_id)
        over = samples.call(call_id=call_id)
        return self._keep(over) if call_id in self.calls else over
