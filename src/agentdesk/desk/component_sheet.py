"""Every part in its states on one page: `python -m agentdesk.desk.component_sheet --out sheet.png`."""

import argparse
import os
import sys
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from agentdesk.desk.theme import NAMES, theme
from agentdesk.desk.widgets.badge import Badge, badge_of
from agentdesk.desk.widgets.box import Card, Column, Item, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.field_progress import FieldProgress, FieldRow
from agentdesk.desk.widgets.focus import follow_focus
from agentdesk.desk.widgets.inputs import CARD_REFUSED_SHORT, LineEdit, MoneyEdit
from agentdesk.desk.widgets.key_cap import KeyCap
from agentdesk.desk.widgets.lamp import Lamp
from agentdesk.desk.widgets.notices import Banner, EmptyState, Loading, PartError, Toast
from agentdesk.desk.widgets.secured_bar import SecuredBar
from agentdesk.desk.widgets.text import MoneyLabel, Text
from agentdesk.domain.money import Money

WIDTH, HEIGHT = 1440, 900
_NUMBER = (4, 4, 4, 4)


class ComponentSheet(Column):
    """The page of all parts."""

    def __init__(self) -> None:
        name = theme.name.replace("_", " ").capitalize()
        head = Row(
            Text("Components and states", "heading"),
            10,
            Text(name, role="text_2"),
            ...,
            margins=(0, 24),
            height="top_bar",
            look=Look("surface", sides="b"),
        )
        self.focused = Button("Focus")
        body = Row(
            _small_parts(self.focused),
            (_capture(), 119),
            (_messages(), 142),
            margins=(12, 24),
            gap=24,
            fill=True,
        )
        super().__init__(head, (body, 1), look=Look("window"))


def _group(title: str, *items: Item, gap: int = 6, after: int = 16) -> Column:
    return Column(Text(title, "strong"), 8, Column(*items, gap=gap), after)


def _line(*items: Item, gap: int = 8) -> Row:
    return Row(*items, ..., gap=gap)


def _small_parts(focused: Button) -> QWidget:
    return Column(
        _group(
            "Outcome badges",
            _line(*(badge_of(kind) for kind in ("approved", "declined", "pending"))),
            _line(*(badge_of(kind) for kind in ("unknown", "not_sent", "refunded"))),
        ),
        _group(
            "Work badges",
            _line(*(badge_of(kind) for kind in ("done", "queued", "parked", "held"))),
            _line(badge_of("capturing"), Badge("neutral", "Draft", "pencil-simple")),
        ),
        _lamps(),
        _money(),
        _buttons(focused),
        _group(
            "Keys", _line(*(KeyCap(key) for key in ("F4", "F8", "F9", "F10", "Ctrl K", "Ctrl Enter")), gap=6)
        ),
        ...,
        width=300,
    )


def _lamps() -> QWidget:
    return _group(
        "Lamps",
        _line(Lamp("Payments", "ready", "ready"), Lamp("Accounts", "slow", "slow")),
        _line(Lamp("Keypad", "down", "down"), Lamp("Monitoring", "idle", "nobody listening")),
        _line(Lamp("Recorder", "secured", "paused"), Lamp("Keypad", "securing", "securing")),
        gap=4,
    )


def _money() -> QWidget:
    rows = (
        (MoneyLabel(Money(12336, "GBP")), "in a row, right, tabular"),
        (MoneyLabel(Money(-5840, "GBP")), "refund, true minus"),
        (MoneyLabel(Money(12400, "JPY")), "no minor unit"),
        (MoneyLabel(Money(6126, "GBP"), moved=False), "did not move"),
    )
    amounts = Column(*(amount for amount, _ in rows), width=96)
    meanings = Column(*(Text(text, role="text_2") for _, text in rows))
    return _group("Money", _line(amounts, meanings, gap=12))


def _buttons(focused: Button) -> QWidget:
    off = [Button("Off", "primary"), Button("Off")]
    for button in off:
        button.set_off("Shown to be off")
    main = _line(Button("Submit", "primary", key="F10"), Button("Send link", icon="link-simple", key="F7"))
    bare = _line(
        Button("Ghost", "ghost"), Button("Cancel payment", "danger", icon="x"), Button("Details", "link")
    )
    return _group("Buttons", main, bare, Row(*off, 3, focused, ..., gap=8, margins=(3, 0)), gap=8)


def _capture() -> QWidget:
    rows = [
        FieldRow("waiting", "Security code", "waiting", "Ask when the expiry date is in"),
        FieldRow("ready", "Security code", "ready"),
        FieldRow("live", "Card number", "live", places=_NUMBER, keyed=6, left=0.62),
        FieldRow("done", "Card number", "done", "Visa ending 4242", time="10:42:31", can_redo=False),
        FieldRow("wrong", "Card number is not valid", "failed", "Ask them to check it, then start again"),
        FieldRow("late", "No digits for 20 s", "failed", "Line is open again. Ask when ready"),
    ]
    return Column(
        _group("Field progress", FieldProgress(rows)),
        _group("Secured lamp", *_bars()),
        ...,
    )


def _bars() -> list[QWidget]:
    states = (
        ("off", "Not secured", "Keypad entry is closed", ""),
        ("securing", "Securing", "waiting for the recorder", "1.2 s"),
        ("secured", "Secured at 10:42:07", "", "00:34"),
        ("failed", "Not secured: recorder did not answer", "", ""),
    )
    bars: list[QWidget] = []
    for state in states:
        bar = SecuredBar(rounded=True)
        bar.set_state(*state)
        bars.append(bar)
    return bars


def _messages() -> QWidget:
    return Column(
        _group("Banners", *_banners(), gap=8),
        _group("Toast", Toast("Link sent to +44 20 7946 0958", "£123.36, valid until 10:41 tomorrow")),
        _waiting(),
        _group("Error in a part", PartError("History did not load", "Payments are not affected.", "R-204")),
        _inputs(),
        ...,
    )


def _banners() -> list[QWidget]:
    open_link = "Sent 10:12 for £61.26. Expire it before you take a card."
    stale = "They do not answer. You may take payments; notes are kept and sent later."
    ended = "Stripe confirms nothing was charged. Send a link for £123.36."
    return [
        Banner("info", "info", "The caller has an open link", open_link, "Expire"),
        Banner("warning", "clock-counter-clockwise", "Customer records are 14 min old", stale),
        Banner("danger", "x-circle-fill", "Card session closed: caller hung up", ended, "Send link"),
    ]


def _waiting() -> QWidget:
    loading = Loading("Getting history")
    loading.show_elapsed(2)
    empty = EmptyState("receipt", "Nothing to pay", "No invoice is open.", "Take on account", small=True)
    shapes = Column(Text("Loading", "strong"), 8, _boxed(loading, (9, 13, 9, 13)), 16)
    nothing = Column(Text("Empty", "strong"), 8, _boxed(empty, 1), 16)
    return Row((shapes, 1), (nothing, 1), gap=12)


def _boxed(widget: QWidget, margins: int | tuple[int, int, int, int]) -> Card:
    card = Card((widget, 1), margins=margins)
    card.setMinimumHeight(theme.px(162))
    return card


def _inputs() -> QWidget:
    plain, focused, over = (MoneyEdit("GBP", show_code=False, width=120) for _ in range(3))
    plain.set_value(Money(12336, "GBP"))
    focused.set_value(Money(12336, "GBP"))
    over.set_value(Money(999900, "GBP"))
    over.set_error("£9,999.00 is over your limit of £2,000.00. Ask a supervisor.")
    said = over.take_error()
    note = LineEdit(placeholder="Note")
    note.set_error(CARD_REFUSED_SHORT, "shield-warning-fill")
    return _group("Inputs", _line(plain, focused, over), 4, said, 8, note, gap=0)


def show_sheet(app: QApplication, choice: str, scale: float = 1.0) -> ComponentSheet:
    """Dress the application and show the sheet."""
    theme.start(app, choice)
    theme.set_text_scale(scale)
    ring = follow_focus(app)
    sheet = ComponentSheet()
    sheet.resize(round(WIDTH * scale), round(HEIGHT * scale))
    sheet.show()
    sheet.focused.setFocus(Qt.FocusReason.TabFocusReason)
    ring.follow(None, sheet.focused)
    return sheet


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a picture of the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--theme", choices=NAMES, default="light")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--out", required=True)
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication(sys.argv[:1])
    sheet = show_sheet(app, chosen.theme, chosen.scale)
    return 0 if sheet.grab().save(chosen.out) else 1


if __name__ == "__main__":
    raise SystemExit(main())
