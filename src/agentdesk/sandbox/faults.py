"""Seeded faults: what can be made to go wrong, how often, and where."""

import random
from collections.abc import Collection
from dataclasses import dataclass

REQUEST_KINDS = frozenset(
    {
        "delay",
        "down",
        "rate_limited",
        "error_500_before",
        "error_500_after_executing",
        "drop_reply_after_executing",
    }
)
"""Applied by edge.py to any face."""

CALLBACK_KINDS = frozenset(
    {
        "callback_lost",
        "callback_late",
        "callback_duplicate",
        "callback_reordered",
        "callback_bad_signature",
        "callback_wrong_port_signature",
    }
)
"""Applied by deliver.py to any outgoing callback or webhook."""

FACE_KINDS = frozenset({"callback_before_reply", "connector_outage"})
"""The first is applied by edge.py as well; the second by Twilio's Pay Connector."""

KINDS = REQUEST_KINDS | CALLBACK_KINDS | FACE_KINDS


@dataclass
class Fault:
    """One armed fault.

    `face` is "twilio", "stripe", "pay" or "cti", "" for all. `route` is a part of "POST /path"
    for requests and of the subject for callbacks ("CA… PK… result", "payment_intent.succeeded").
    `count` None means until disarmed.
    """

    id: int
    kind: str
    face: str = ""
    route: str = ""
    count: int | None = 1
    probability: float = 1.0
    delay_s: float = 1.0


class Faults:
    """The armed faults of one sandbox."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"faults {seed}")
        self._armed: list[Fault] = []
        self._last_id = 0

    def arm(
        self,
        kind: str,
        *,
        face: str = "",
        route: str = "",
        count: int | None = 1,
        probability: float = 1.0,
        delay_s: float = 1.0,
    ) -> Fault:
        """Arm a fault; raise ValueError for a kind that does not exist."""
        if kind not in KINDS:
            raise ValueError(f"no fault is called {kind!r}; there are {sorted(KINDS)}")
        self._last_id += 1
        fault = Fault(self._last_id, kind, face, route, count, probability, delay_s)
        self._armed.append(fault)
        return fault

    def armed(self) -> list[Fault]:
        """Return what is armed now, oldest first."""
        return list(self._armed)

    def disarm(self, fault_id: int | None = None) -> None:
        """Disarm one fault, or all of them."""
        self._armed = [f for f in self._armed if fault_id is not None and f.id != fault_id]

    def take(self, face: str, route: str, kinds: Collection[str]) -> Fault | None:
        """Return the first armed fault that strikes here and use it up once; None when none does."""
        for fault in self._armed:
            if fault.kind in kinds and fault.face in ("", face) and fault.route in route:
                if self._rng.random() >= fault.probability:
                    continue
                self._use(fault)
                return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.count is None:
            return
        fault.count -= 1
        if fault.count <= 0:
            self.disarm(fault.id)
