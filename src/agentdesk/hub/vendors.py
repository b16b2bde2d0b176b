"""The outside systems this hub is set up with."""

from collections.abc import Mapping
from dataclasses import dataclass

from agentdesk.adapters.base import CapturePort, ProcessorPort, RecorderPort, WebhookPort
from agentdesk.adapters.records import AccountingPort, CrmPort


@dataclass(frozen=True, slots=True)
class Vendors:
    """One adapter for each part. `webhooks` by the name in the URL: `/webhooks/<name>/…`."""

    capture: CapturePort
    processor: ProcessorPort
    recorder: RecorderPort
    crm: CrmPort
    accounting: AccountingPort
    webhooks: Mapping[str, WebhookPort]
