"""RehearsalPort on our sandbox: what its caller does by themselves in each exercise."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter

from agentdesk.adapters.http import VendorHttp, json_of, refusal
from agentdesk.adapters.rehearsals import PlaceCall
from agentdesk.adapters.sandbox.config import SandboxConfig
from agentdesk.domain.exercises import ExerciseCode

NAME = "sandbox"
_APPROVES = {"cards": ["visa-approves"]}
_TOO_MANY = ["extra"] * 20  # until the agent gives the keypad up

#: What the caller does by themselves; cards by the names the sandbox has for them.
PARTS: dict[ExerciseCode, dict[str, Any]] = {
    ExerciseCode.PLAIN: _APPROVES,
    ExerciseCode.OTHER_CARD: {"cards": ["visa-declines", "visa-approves"]},
    ExerciseCode.BAD_LINE: _APPROVES | {"slips": _TOO_MANY},
    ExerciseCode.SILENT: _APPROVES | {"slips": ["nothing"]},
    ExerciseCode.NOT_SECURED: _APPROVES | {"recorder_fails": 1},
    ExerciseCode.HANGS_UP_KEYING: _APPROVES | {"hangs_up": "keying"},
    ExerciseCode.HANGS_UP_CHARGING: _APPROVES | {"hangs_up": "charging", "bank": "slow"},
    ExerciseCode.LOST_ANSWER: _APPROVES | {"bank": "silent"},
    ExerciseCode.PAID_ALREADY: _APPROVES,
    ExerciseCode.WRONG_ACCOUNT: _APPROVES,
    ExerciseCode.WITHHELD: _APPROVES,
    ExerciseCode.BANK_CONFIRMS: {"cards": ["visa-needs-3ds"]},
    ExerciseCode.READS_ALOUD: _APPROVES | {"says_digits": True},
    ExerciseCode.PART_PAYMENT: _APPROVES,
    ExerciseCode.PAYS_LATER: _APPROVES | {"pays_links": False},
    ExerciseCode.LARGE_REFUND: _APPROVES,
}


class Known(BaseModel):
    """Somebody who can be played."""

    name: str
    number: str


class Placed(BaseModel):
    """A call, reduced to its reference."""

    sid: str = Field(min_length=1, max_length=64)


_KNOWN = TypeAdapter(list[Known])


class SandboxCallers:
    """RehearsalPort on the sandbox's script API."""

    Config = SandboxConfig
    name = NAME

    def __init__(self, config: SandboxConfig) -> None:
        self._http = VendorHttp(NAME, config.base_url, timeout_s=5.0)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def numbers(self) -> Sequence[str]:
        """Return the numbers of the customers who may be played. Raises VendorError."""
        return [one.number for one in _KNOWN.validate_python(await self._ask("GET", "/_sim/callers"))]

    async def place(self, call: PlaceCall) -> str:
        """Place a call and return its reference; the same key places one. Raises VendorError."""
        wish = {
            "key": call.key,
            "from": call.number or "anonymous",
            "queue": call.queue,
            "agent": call.agent,
            "part": PARTS[call.exercise],
        }
        return Placed.model_validate(await self._ask("POST", "/_sim/parts", wish)).sid

    async def hang_up(self, call_ref: str) -> None:
        """End a call that was placed. Raises VendorError."""
        await self._ask("POST", f"/_sim/calls/{call_ref}/hang-up")

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Content-Type": "application/json"} if body is not None else None
        content = json.dumps(body).encode() if body is not None else None
        response = await self._http.send(method, path, content=content, headers=headers)
        if not response.is_success:
            raise refusal(NAME, response, None, "the caller was not played")
        return json_of(NAME, response)
