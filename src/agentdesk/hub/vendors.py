"""The outside systems this hub is set up with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentdesk.adapters import registry
from agentdesk.adapters.base import CapturePort, Misconfigured, ProcessorPort, WebhookPort
from agentdesk.adapters.cards import CardPort
from agentdesk.adapters.links import LinkPort, MessagePort
from agentdesk.adapters.records import AccountingPort, CrmPort
from agentdesk.adapters.registry import Kind
from agentdesk.adapters.rehearsals import RehearsalPort
from agentdesk.adapters.telephony import PhonePort, RecorderPort
from agentdesk.domain.link import LinkWay
from agentdesk.hub.settings import Settings

_HOW = (
    "Set vendors.twilio.account_sid as account_sid under [vendors.twilio] in the settings file, "
    "or as AGENTDESK_VENDORS__TWILIO__ACCOUNT_SID in the environment; the others likewise."
)
_LIVE_IN_TEST = (
    "The key of vendors.{} moves real money, and this hub is in test mode: it does not start. "
    "Give it a test key, or say test_mode = false for real money."
)
_TEST_IN_LIVE = (
    "The key of vendors.{} is a test key, and test_mode = false: it does not start, "
    "for nothing would be paid. Give it a live key, or say test_mode = true."
)


@dataclass(frozen=True, slots=True)
class Vendors:
    """One adapter for each part. `webhooks` by the name in the URL: `/webhooks/<name>/…`."""

    capture: CapturePort
    processor: ProcessorPort
    recorder: RecorderPort
    phone: PhonePort
    crm: CrmPort
    accounting: AccountingPort
    webhooks: Mapping[str, WebhookPort]
    link: LinkPort | None = None  # None: no payment links are sent
    messages: MessagePort | None = None  # None: none goes by text
    cards: CardPort | None = None  # None: this processor keeps none
    rehearsal: RehearsalPort | None = None  # None: nobody plays callers here

    async def aclose(self) -> None:
        """Close the connections of those that have any."""
        holders = (self.capture, self.processor, self.recorder, self.phone, self.crm, self.accounting)
        for adapter in (*holders, self.link, self.messages, self.cards, self.rehearsal):
            close = getattr(adapter, "aclose", None)
            if close is not None:
                await close()


def build(settings: Settings) -> Vendors:
    """Make every adapter the settings name.

    Raises Misconfigured naming everything that is wrong, or where a key is not of the hub's mode.
    """
    wrong: dict[str, None] = {}

    def one(kind: Kind, name: str) -> Any:
        try:
            return registry.build(kind, name, settings.vendors.get(name, {}))
        except Misconfigured as error:
            wrong.update(dict.fromkeys(error.detail.splitlines()))

    link = settings.link
    built = Vendors(
        capture=one("capture", settings.capture),
        processor=one("processor", settings.processor),
        recorder=one("recorder", settings.recorder),
        phone=one("phone", settings.phone),
        crm=one("crm", settings.crm),
        accounting=one("accounting", settings.accounting),
        webhooks={name: one("webhooks", name) for name in settings.webhooks},
        link=one("link", link.page) if link else None,
        messages=one("messages", link.messages) if link and LinkWay.TEXT in link.ways else None,
        cards=one("cards", settings.processor) if _keeps_cards(settings) else None,
        rehearsal=one("rehearsal", settings.rehearsal) if settings.rehearsal else None,
    )
    if wrong:
        raise Misconfigured("\n".join(["The vendors are not set up:", *wrong, _HOW]))
    _check_mode(settings, built)
    return built


def _check_mode(settings: Settings, built: Vendors) -> None:
    """Raise Misconfigured where real money would move in test mode, or none where it should."""
    parts = {settings.processor: built.processor.live}
    if settings.link and built.link:
        parts[settings.link.page] = built.link.live
    for name, live in parts.items():
        if live is settings.test_mode:
            raise Misconfigured(_LIVE_IN_TEST.format(name) if live else _TEST_IN_LIVE.format(name))


def _keeps_cards(settings: Settings) -> bool:
    """Say whether cards can be kept; also where none is any more, for what was kept can be withdrawn."""
    return settings.saved_cards is not None or settings.processor in registry.ADAPTERS["cards"]
