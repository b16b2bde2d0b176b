"""The lamps: every part a payment needs, asked in the background and remembered."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog

import agentdesk
from agentdesk.adapters.base import Health, VendorError
from agentdesk.domain.ids import now
from agentdesk.domain.link import LinkWay
from agentdesk.domain.rehearsal import QUEUE
from agentdesk.hub import events
from agentdesk.hub.caller_policy import CallerCheck
from agentdesk.hub.context import Hub
from agentdesk.hub.link_session import LINK
from agentdesk.hub.payments import KEYPAD
from agentdesk.hub.saved_cards import SAVED
from agentdesk.hub.settings import Route, Settings
from agentdesk.hub.vendors import Vendors
from agentdesk.i18n import _
from agentdesk.wire.events import ReadinessChanged
from agentdesk.wire.model import Amount
from agentdesk.wire.plans import PlanRules
from agentdesk.wire.readiness import (
    AmountRules,
    CallerCheckInfo,
    CheckItem,
    DispositionInfo,
    Lamp,
    LampState,
    Part,
    QueueInfo,
    Readiness,
    RouteInfo,
    WayInfo,
)
from agentdesk.wire.saved_cards import SavedCardRules

log = structlog.get_logger(__name__)

EVERY_S = 15.0
#: What was asked so lately is not asked again for one more look.
MOMENT_S = 3.0
ANSWERS_WITHIN_S = 3.0

Check = Callable[[], Awaitable[Health]]

_SILENT = {
    Part.PAYMENTS: _("The payment provider does not answer."),
    Part.KEYPAD: _("The keypad service does not answer."),
    Part.RECORDER: _("The recorder does not answer."),
}
_NEEDED_BY_CARD = (Part.PAYMENTS, Part.KEYPAD, Part.RECORDER)
#: Of every way but the keypad.
_NEEDED_BY_OTHERS = (Part.PAYMENTS,)
_NOT_ALLOWED = {
    LINK: _("Payment links are not set up."),
    KEYPAD: _("Cards are not taken by keypad here."),
    SAVED: _("Saved cards are switched off here."),
}
_WAY_NOT_ALLOWED = {
    LinkWay.TEXT: _("Links are not texted here."),
    LinkWay.EMAIL: _("Links are not emailed here."),
    LinkWay.QR: _("Links are not shown on screens here."),
}


def checks(vendors: Vendors) -> dict[Part, Check]:
    """Return what to ask for each lamp."""
    return {
        Part.PAYMENTS: vendors.processor.check,
        Part.KEYPAD: vendors.capture.check,
        Part.CUSTOMER_RECORDS: vendors.crm.check,
        Part.ACCOUNTS: vendors.accounting.check,
        Part.RECORDER: vendors.recorder.check,
        Part.CALL_LINE: vendors.phone.check,
    }


class Board:
    """One replica's lamps."""

    def __init__(self, settings: Settings, wanted: Mapping[Part, Check], texts: Check | None = None) -> None:
        self._settings, self._wanted, self._texts = settings, wanted, texts
        self._texts_answer = True
        self._asked_at, self._asking = -math.inf, asyncio.Lock()  # on time.monotonic's clock
        at, state = now(), LampState.NOT_ASKED
        self._lamps = {
            part: Lamp(part=part, state=state, detail=_("Not asked yet"), since=at, checked_at=at)
            for part in Part
        }

    def show(self) -> Readiness:
        """Return the present state from memory."""
        return Readiness(
            business=self._settings.business,
            version=agentdesk.__version__,
            test_mode=self._settings.test_mode,
            currency=self._settings.currency,
            now=now(),
            lamps=list(self._lamps.values()),
            routes=[self._route(one) for one in self._settings.known_routes],
            queues=[_queue(self._settings, name) for name in _queues(self._settings)],
            promise_days=self._settings.promise_days,
            wrap_up_s=self._settings.wrap_up_s,
            stale_after_s=60 * self._settings.stale_minutes,
            amounts=AmountRules.of(self._settings.amounts.policy),
            saved_cards=_saved_cards(self._settings),
            plans=_plans(self._settings),
        )

    async def run(self, hub: Hub) -> None:
        """Ask all again and again until cancelled; tell every desk when a lamp changes."""
        while True:
            await self.look(hub)
            await asyncio.sleep(EVERY_S)

    async def look(self, hub: Hub) -> Readiness:
        """Ask all now, unless that was done a moment ago, and return what was seen.

        Anybody may wish for it, also before signing in: however many do, the outside systems are asked once.
        """
        async with self._asking:
            if time.monotonic() - self._asked_at < MOMENT_S:
                return self.show()
            changed = await self.ask()
            self._asked_at = time.monotonic()  # from the end on: asking may take longer than a moment
            if changed:
                async with hub.sessions.begin() as session:
                    await events.publish(session, ReadinessChanged(readiness=self.show()))
        return self.show()

    async def ask(self) -> bool:
        """Ask all at once; return whether any lamp changed its state or its words."""
        lamps = await asyncio.gather(*(self._one(part, check) for part, check in self._wanted.items()))
        changed = any(_look(lamp) != _look(self._lamps[lamp.part]) for lamp in lamps)
        self._lamps |= {lamp.part: lamp for lamp in lamps}
        return await self._ask_texts() or changed

    async def _ask_texts(self) -> bool:
        """Ask the text service, which has no lamp; return whether its answer changed."""
        if self._texts is None:
            return False
        before = self._texts_answer
        self._texts_answer = (await _health("texts", self._texts)).state != "down"
        return self._texts_answer is not before

    async def _one(self, part: Part, check: Check) -> Lamp:
        health, at, before = await _health(part.value, check), now(), self._lamps[part]
        state = LampState(health.state)
        since = before.since if state is before.state else at
        return Lamp(part=part, state=state, detail=health.detail, since=since, checked_at=at)

    def _route(self, one: Route) -> RouteInfo:
        ways = [WayInfo(way=way, off_reason=self._why_no(way)) for way in LinkWay if one.route == LINK]
        reason = self._why_off(one.route, ways)
        title, detail = _(one.title), _(one.detail)  # the firm's own words stay as they are
        allowed = self._settings.allows(one.route)
        return RouteInfo(
            route=one.route, title=title, detail=detail, off_reason=reason, allowed=allowed, ways=ways
        )

    def _why_off(self, route: str, ways: list[WayInfo]) -> str | None:
        if not self._settings.allows(route):
            return _NOT_ALLOWED.get(route, _("This way to pay is switched off here."))
        needed = _NEEDED_BY_OTHERS if route in (LINK, SAVED) else _NEEDED_BY_CARD
        down = [part for part in needed if self._lamps[part].state is LampState.DOWN]
        if down:
            return _SILENT[down[0]]
        return ways[0].off_reason if ways and all(one.off_reason for one in ways) else None

    def _why_no(self, way: LinkWay) -> str | None:
        settings = self._settings
        if settings.link is not None and way not in settings.link.ways:
            return _WAY_NOT_ALLOWED[way]
        if way is LinkWay.EMAIL and settings.mail is None:
            return _("No mail server is set up.")
        down = way is LinkWay.TEXT and not self._texts_answer
        return _("The text service does not answer.") if down else None


def _saved_cards(settings: Settings) -> SavedCardRules | None:
    rules = settings.saved_cards
    return SavedCardRules(**rules.model_dump()) if rules else None


def _plans(settings: Settings) -> PlanRules | None:
    rules = settings.plans
    if rules is None:
        return None
    least = [Amount.of(one) for one in rules.policy.least]
    return PlanRules(least=least, **rules.model_dump(include={"wording", "words", "most", "longest_days"}))


def _queues(settings: Settings) -> list[str]:
    """Return the queues with rules of their own, after that of everyone."""
    played = [QUEUE] if settings.rehearsal else []
    return list(dict.fromkeys(["", *settings.queues, *settings.caller_checks, *played]))


def _queue(settings: Settings, queue: str) -> QueueInfo:
    reasons, check = settings.dispositions_of(queue), settings.check_of(queue)
    told = [
        DispositionInfo(code=code, words=words, note_required=code in settings.note_for)
        for code, words in reasons.items()
    ]
    return QueueInfo(queue=queue, dispositions=told, caller_check=_check(check) if check else None)


def _check(policy: CallerCheck) -> CallerCheckInfo:
    items = [CheckItem(code=code, words=words) for code, words in policy.items.items()]
    return CallerCheckInfo(items=items, must_pass=policy.must_pass, required=policy.required)


def _look(lamp: Lamp) -> tuple[LampState, str]:
    return lamp.state, lamp.detail


async def _health(name: str, check: Check) -> Health:
    """Ask one; whatever goes wrong is an answer too, for the lamp must not stay as it was."""
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            return await check()
    except (TimeoutError, VendorError):
        return Health("down", _("does not answer"), ANSWERS_WITHIN_S)
    except Exception:
        log.exception("check failed", part=name)
        return Health("down", _("could not be asked: tell IT"), 0.0)
