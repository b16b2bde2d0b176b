"""The lines of a payment's story: what happened, and what proves it."""

from datetime import date

from agentdesk.desk import times
from agentdesk.desk.screens.payments.view_model import Evidence, evidence, source_words
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.box import Column, Divider, Item, Look, Row
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.desk.widgets.timeline import Entry
from agentdesk.i18n import _, ngettext
from agentdesk.wire.payments import PaymentDetail, TimelineItem, TimelineKind, WriteBack
from agentdesk.wire.work import WorkItem

_KIND = TimelineKind
_NODES = {
    _KIND.CALL: ("phone-call", "neutral"),
    _KIND.SECURED: ("lock-key", "secure"),
    _KIND.KEYPAD: ("dots-nine", "neutral"),
    _KIND.LINK: ("link-simple", "neutral"),
    _KIND.SENT: ("paper-plane-right", "info"),
    _KIND.APPROVED: ("check-circle", "success"),
    _KIND.DECLINED: ("x-circle", "danger"),
    _KIND.UNKNOWN: ("question", "warning"),
    _KIND.NOT_SENT: ("minus-circle", "neutral"),
    _KIND.ACCOUNTS: ("bank", "success"),
    _KIND.CUSTOMER_RECORD: ("identification-card", "success"),
    _KIND.RECEIPT: ("receipt", "neutral"),
    _KIND.REFUND: ("arrow-u-up-left", "info"),
    _KIND.ALARM: ("warning", "danger"),
    _KIND.NOTE: ("note", "neutral"),
}


class EvidenceRow(Row):
    """A mark, a statement, who says it, and when to the millisecond."""

    def __init__(self, one: Evidence, today: date, *, below: bool) -> None:
        proven = one.at is not None
        icon, role = ("check-circle-fill", "success") if proven else ("warning-fill", "warning")
        when = times.millisecond_of(one.at, today) if one.at else _("not told")
        words = ", ".join(part for part in (one.statement, one.source) if part)
        super().__init__(
            Icon(icon, "icon", role),
            (Paragraph(words, "body", "text"), 1),
            Text(when, role="text_2"),
            gap=8,
            margins=(4, 0),
            look=Look(sides="t" if below else ""),
        )
        self.setAccessibleName(one.statement)
        self.setAccessibleDescription(f"{one.source} {when}".strip())


def evidence_sheet(detail: PaymentDetail, today: date) -> list[Item]:
    """Return what proves the payment's story, and how much of it is; nothing where nothing has to be."""
    proofs = evidence(detail)
    if not proofs:
        return []
    proven = sum(one.at is not None for one in proofs)
    whole = proven == len(proofs)
    badge = Badge(
        "success" if whole else "warning",
        _("{proven} of {proofs} proven").format(proven=proven, proofs=len(proofs)),
        "shield-check-fill" if whole else "shield-warning-fill",
    )
    rows = [EvidenceRow(one, today, below=i > 0) for i, one in enumerate(proofs)]
    head = Row(Text(_("Evidence sheet"), "strong"), ..., badge, height=36)
    return [Divider(), Column(head, *rows, margins=(3, 20, 20, 20))]


def taken_by(item: WorkItem) -> Text:
    """Return whose call it is, and who took it."""
    words = _("{customer_name}, taken by {agent_name}").format(
        customer_name=item.customer_name, agent_name=item.agent_name
    )
    return Text(words, role="text_2", elide=True)


def unrecorded_banner(item: WorkItem) -> Banner:
    """Return since when a call is not recorded, what that means, and that a supervisor has seen it."""
    title = _("Not recorded since {minute}").format(minute=times.minute(item.since))
    return Banner("warning", "warning-fill", title, item.detail, _("Seen"))


def story_entry(item: TimelineItem, today: date) -> Entry:
    """Return a line of a payment's story as its node."""
    icon, role = _NODES[item.kind]
    detail = ", ".join(part for part in (item.detail, source_words(item.source)) if part)
    return Entry(icon, role, item.title, detail, times.second_of(item.at, today), is_time=True)


def tries_words(one: WriteBack, today: date) -> str:
    """Return how often a write-back was tried, and when it was done or is tried next."""
    tries = ngettext("{tries} try", "{tries} tries", one.tries).format(tries=one.tries)
    if one.done_at:
        return _("Done {second}, {tries}").format(second=times.second_of(one.done_at, today), tries=tries)
    return (
        _("{tries}, next {second}").format(tries=tries, second=times.second_of(one.next_try_at, today))
        if one.next_try_at
        else tries
    )
