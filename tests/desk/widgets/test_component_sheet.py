"""Every part, in every theme and text size: named, reachable, uncut, with a visible focus."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from agentdesk.desk.component_sheet import HEIGHT, WIDTH, ComponentSheet
from agentdesk.desk.theme import NAMES, load_tokens, theme
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.button import Button, Chip, IconButton
from agentdesk.desk.widgets.choices import CheckRow, OptionRow, RouteCard
from agentdesk.desk.widgets.field_progress import FieldProgress, FieldRow
from agentdesk.desk.widgets.focus import follow_focus
from agentdesk.desk.widgets.frame import FindButton, TabButton
from agentdesk.desk.widgets.inputs import LineEdit, MoneyEdit, NoteEdit
from agentdesk.desk.widgets.invoice_table import InvoiceLine, InvoiceTable
from agentdesk.desk.widgets.lamp import Lamp
from agentdesk.desk.widgets.notices import Banner, EmptyState, PartError, Toast
from agentdesk.desk.widgets.outcome import NextSteps, OutcomeBlock, Step
from agentdesk.desk.widgets.secured_bar import SecuredBar
from agentdesk.domain.money import Money

SCALES = load_tokens()["type"]["user_scale"]
_ACTIVE = (QAbstractButton, QLineEdit, QPlainTextEdit)


def _sheet(qtbot: QtBot) -> ComponentSheet:
    sheet = ComponentSheet()
    qtbot.addWidget(sheet)
    qtbot.kept = sheet  # who lets go of it here deletes it while Qt has still to lay it out
    sheet.resize(theme.px(WIDTH), theme.px(HEIGHT))
    with qtbot.waitExposed(sheet):
        sheet.show()
    return sheet


def _cut(root: QWidget) -> list[str]:
    """Return the texts that are wider than their place, or whose place leaves its parent."""
    labels = [one for one in root.findChildren(QLabel) if one.isVisible() and one.text()]
    narrow = [one.text() for one in labels if not isinstance(one, Badge) and _needs(one) > one.width()]
    short = [one.text() for one in labels if one.height() < one.fontMetrics().ascent()]
    small = [
        one.accessibleName()
        for one in root.findChildren(Button)
        if one.isVisible() and one.width() < one.sizeHint().width()
    ]
    return narrow + short + small + _outside(root)


def _needs(label: QLabel) -> int:
    return label.fontMetrics().horizontalAdvance(label.text())


def _outside(root: QWidget) -> list[str]:
    return [
        f"{type(one).__name__} {one.accessibleName()}"
        for one in root.findChildren(QWidget)
        if one.isVisible()
        and one.parentWidget().layout()
        and not one.parentWidget().rect().contains(one.geometry())
    ]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", NAMES)
def test_the_sheet_builds_and_cuts_no_text(
    qtbot: QtBot, dressed: QApplication, name: str, scale: float
) -> None:
    theme.choose(name)
    theme.set_text_scale(scale)
    assert _cut(_sheet(qtbot)) == []


def test_a_sheet_that_is_open_follows_the_text_size(qtbot: QtBot, dressed: QApplication) -> None:
    sheet = _sheet(qtbot)
    theme.set_text_scale(1.3)
    sheet.resize(theme.px(WIDTH), theme.px(HEIGHT))
    qtbot.waitUntil(lambda: _cut(sheet) == [])


def test_every_active_part_of_the_sheet_has_a_name_and_a_big_enough_target(
    qtbot: QtBot, dressed: QApplication
) -> None:
    sheet = _sheet(qtbot)
    active = [one for one in sheet.findChildren(QWidget) if isinstance(one, _ACTIVE) and one.isVisible()]
    assert len(active) > 15
    least = theme.px("target_min")
    for one in active:
        spoken = QAccessible.queryAccessibleInterface(one).text(QAccessible.Text.Name)
        assert spoken, type(one).__name__
        assert min(one.width(), one.height()) >= least, spoken


def _parts() -> list[QWidget]:
    block, bar = OutcomeBlock(), SecuredBar()
    block.set_outcome("approved", "Approved £123.36", "Visa ending 4242")
    return [
        Badge("success", "Done", "check-circle-fill"),
        Lamp("Recorder", "secured", "paused"),
        bar,
        block,
        Banner("info", "info", "The caller has an open link", "Sent 10:12."),
        Toast("Link sent"),
        EmptyState("receipt", "Nothing to pay", "No invoice is open."),
        PartError("History did not load", "Payments are not affected."),
        FieldProgress([FieldRow("x", "Card number", "ready")]),
        InvoiceTable([]),
    ]


def test_parts_that_only_show_are_named_in_words(qtbot: QtBot, dressed: QApplication) -> None:
    for part in _parts():
        qtbot.addWidget(part)
        assert any(letter.isalpha() for letter in part.accessibleName()), type(part).__name__
    assert Lamp("Recorder", "secured", "paused").accessibleName() == "Recorder: paused"


_STEP = Step("card", "credit-card", "Try another card", "A new attempt starts")
_LINE = InvoiceLine("1", "NW-20931", "Electricity", "8 Dec", Money(6126, "GBP"))
_ROLE = QAccessible.Role
_FOCUSABLE: dict[str, tuple[Callable[[], QWidget], QAccessible.Role]] = {
    "button": (lambda: Button("Submit", "primary", key="F10"), _ROLE.Button),
    "icon button": (lambda: IconButton("x", "Close"), _ROLE.Button),
    "chip": (lambda: Chip("All"), _ROLE.CheckBox),
    "tab": (lambda: TabButton("Desk"), _ROLE.RadioButton),
    "find": (FindButton, _ROLE.Button),
    "step": (lambda: NextSteps([_STEP]), _ROLE.Button),
    "route": (lambda: RouteCard("bank", "Bank debit", "Two days"), _ROLE.RadioButton),
    "option": (lambda: OptionRow("Keep checking", "Nothing changes"), _ROLE.RadioButton),
    "check row": (lambda: CheckRow("Read back", "agreed"), _ROLE.CheckBox),
    "invoices": (lambda: InvoiceTable([_LINE]), _ROLE.CheckBox),
    "line": (lambda: LineEdit("Work email"), _ROLE.EditableText),
    "money": (lambda: MoneyEdit("GBP"), _ROLE.EditableText),
    "note": (NoteEdit, _ROLE.EditableText),
}


def _target(part: QWidget) -> QWidget:
    if isinstance(part, _ACTIVE):
        return part
    return next(child for child in part.findChildren(QWidget) if isinstance(child, _ACTIVE))


@pytest.mark.parametrize("kind", _FOCUSABLE)
def test_focus_can_be_seen_and_the_role_is_spoken(qtbot: QtBot, dressed: QApplication, kind: str) -> None:
    make, role = _FOCUSABLE[kind]
    part = make()
    window = QWidget()
    qtbot.addWidget(window)
    other, layout = Button("Other"), QVBoxLayout(window)
    layout.setContentsMargins(20, 20, 20, 20)
    layout.addWidget(other)
    layout.addWidget(part)
    follower = follow_focus(dressed)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    target = _target(part)
    assert target.focusPolicy() & Qt.FocusPolicy.TabFocus
    other.setFocus(Qt.FocusReason.TabFocusReason)
    area = target.rect().adjusted(-4, -4, 4, 4).translated(target.mapTo(window, QPoint(0, 0)))
    before = window.grab(area).toImage()
    target.setFocus(Qt.FocusReason.TabFocusReason)
    assert target.hasFocus()
    after = window.grab(area).toImage()
    focus = theme.color("focus").rgb()
    changed = [
        (x, y)
        for x in range(after.width())
        for y in range(after.height())
        if after.pixel(x, y) == focus and before.pixel(x, y) != focus
    ]
    assert len(changed) > 60, type(part).__name__
    interface = QAccessible.queryAccessibleInterface(target)
    assert interface.role() == role
    assert interface.text(QAccessible.Text.Name)
    dressed.focusChanged.disconnect(follower.follow)


def test_the_picture_is_written(tmp_path: Path, qtbot: QtBot, dressed: QApplication) -> None:
    file = tmp_path / "sheet.png"
    assert _sheet(qtbot).grab().save(str(file))
    assert file.stat().st_size > 50_000
