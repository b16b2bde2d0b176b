"""What parts do when pressed, asked, or told of a new state."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.action_bar import ActionBar
from agentdesk.desk.widgets.box import Card, Column, Look, Row
from agentdesk.desk.widgets.button import Button, Chip
from agentdesk.desk.widgets.choices import RouteCard
from agentdesk.desk.widgets.drawer import Drawer
from agentdesk.desk.widgets.frame import LAMPS, KeyLine, KeysNow, StatusBar, TabButton, TopBar
from agentdesk.desk.widgets.invoice_table import InvoiceLine, InvoiceTable
from agentdesk.desk.widgets.lamp import Lamp
from agentdesk.desk.widgets.notices import Loading, Toast
from agentdesk.desk.widgets.outcome import NextSteps, OutcomeBlock, Step
from agentdesk.desk.widgets.script import ScriptQuote
from agentdesk.desk.widgets.secured_bar import SecuredBar
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph, Text
from agentdesk.domain.money import Money

pytestmark = pytest.mark.usefixtures("dressed")


def test_a_busy_button_keeps_its_width_and_takes_no_press(qtbot: QtBot) -> None:
    button = Button("Submit £123.36", "primary", icon="paper-plane-right", key="F10", large=True)
    qtbot.addWidget(button)
    button.show()
    width, presses = button.width(), []
    button.clicked.connect(lambda: presses.append(1))
    button.set_busy("Submitting")
    assert button.width() == width
    assert button.accessibleName() == "Submitting"
    button.click()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    qtbot.keyClick(button, Qt.Key.Key_F10)
    assert presses == []
    button.set_busy(None)
    assert (button.words(), button.accessibleName()) == ("Submit £123.36", "Submit £123.36")
    button.click()
    assert presses == [1]


def test_a_button_fires_by_its_key_and_by_enter(qtbot: QtBot) -> None:
    button = Button("Finish", "primary", key="Ctrl Enter")
    qtbot.addWidget(button)
    button.show()
    button.activateWindow()
    qtbot.waitUntil(button.isActiveWindow)
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Return)


def test_a_button_with_other_words_keeps_its_key(qtbot: QtBot) -> None:
    button = Button("Keep checking", key="Ctrl Enter")
    qtbot.addWidget(button)
    button.setText("Record")
    button.show()
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_a_button_that_is_off_says_why(qtbot: QtBot) -> None:
    button = Button("Submit")
    qtbot.addWidget(button)
    button.set_off("Needs expiry and security code")
    assert not button.isEnabled()
    assert button.toolTip() == button.accessibleDescription() == "Needs expiry and security code"
    button.set_on()
    assert button.isEnabled()
    assert button.toolTip() == ""


def test_the_action_bar_asks_in_place_and_esc_keeps_the_payment(
    qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    bar = ActionBar()
    qtbot.addWidget(bar)
    bar.set_actions([Button("Cancel payment", "danger")], "Everything is in", Button("Submit", "primary"))
    bar.resize(640, bar.height())
    bar.show()
    bar.activateWindow()
    qtbot.waitUntil(bar.isActiveWindow)
    height = bar.height()
    bar.confirm("Cancel this payment?", "Nothing was sent.", "Keep going", "Cancel payment")
    assert bar.is_asking()
    assert bar.height() == height
    focus = bar.focusWidget()
    assert isinstance(focus, Button)
    assert focus.words() == "Keep going"
    assert said == [("Cancel this payment? Nothing was sent.", True)]
    with qtbot.waitSignal(bar.kept), qtbot.assertNotEmitted(bar.confirmed):
        qtbot.keyClick(focus, Qt.Key.Key_Escape)
    assert not bar.is_asking()
    bar.confirm("Cancel this payment?", "Nothing was sent.", "Keep going", "Cancel payment")
    go = next(one for one in bar.findChildren(Button) if one.words() == "Cancel payment" and one.isVisible())
    with qtbot.waitSignal(bar.confirmed):
        go.click()


def test_the_question_is_cut_to_what_fits_beside_the_answers(qtbot: QtBot) -> None:
    bar = ActionBar()
    qtbot.addWidget(bar)
    bar.set_actions([], "", None)
    bar.resize(744, bar.height())
    with qtbot.waitExposed(bar):
        bar.show()
    bar.confirm("Cancel?", "Nothing was sent. The card entry is thrown away.", "Keep going", "Cancel payment")

    def read() -> list[str]:
        return [one.text() for one in bar.findChildren(Paragraph) if one.isVisible()]

    qtbot.waitUntil(lambda: read() == ["Cancel?", "Nothing was sent. The card entry is thrown away."])
    bar.resize(632, bar.height())
    qtbot.waitUntil(lambda: read() == ["Cancel?", "Nothing was sent."])


def test_the_secured_bar_speaks_only_news(qtbot: QtBot, said: list[tuple[str, bool]]) -> None:
    bar = SecuredBar()
    qtbot.addWidget(bar)
    bar.set_state("securing", "Securing", "waiting for the recorder", "1.2 s")
    bar.set_state("secured", "Secured at 10:42:07", "Recorder is paused", "00:00")
    bar.set_state("secured", "Secured at 10:42:07", "Recorder is paused", "00:01")
    bar.set_state("failed", "Not secured", "the recorder did not answer")
    assert said == [
        ("Secured at 10:42:07. Recorder is paused", True),
        ("Not secured. the recorder did not answer", True),
    ]
    assert bar.state() == "failed"


def test_an_outcome_interrupts_once(qtbot: QtBot, said: list[tuple[str, bool]]) -> None:
    block = OutcomeBlock()
    qtbot.addWidget(block)
    for _ in range(2):
        block.set_outcome("declined", "Declined, nothing was charged", "The bank said no.")
    assert said == [("Declined, nothing was charged. The bank said no.", True)]
    assert block.accessibleName() == "Declined, nothing was charged"


def test_an_age_that_grows_each_second_is_no_news(qtbot: QtBot, said: list[tuple[str, bool]]) -> None:
    block = OutcomeBlock()
    qtbot.addWidget(block)
    for age in (9, 10, 11):
        block.set_outcome("asked", "A supervisor has been asked", f"Asked {age} s ago.")
    assert said == [("A supervisor has been asked. Asked 9 s ago.", True)]
    assert block.accessibleDescription() == "Asked 11 s ago."
    block.set_outcome("allowed", "Allowed by Ruth Adeyemi", "Take it.")
    assert len(said) == 2


LINES = [
    InvoiceLine("a", "NW-20931", "Electricity", "Overdue 10 days", Money(6210, "GBP"), overdue=True),
    InvoiceLine("b", "NW-21407", "Electricity", "24 Nov", Money(6126, "GBP")),
    InvoiceLine("c", "NW-21888", "Gas", "8 Dec", Money(6126, "GBP"), held="A link for it is open"),
]


def test_invoices_are_ticked_by_row_and_all_at_once(qtbot: QtBot) -> None:
    table = InvoiceTable()
    qtbot.addWidget(table)
    table.set_lines(LINES, chosen=["a", "c"])
    assert table.chosen() == ["a"]  # a held invoice is never chosen
    head, first, second, held = table.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    with qtbot.waitSignal(table.changed):
        second.click()
    assert table.chosen() == ["a", "b"]
    assert head.isChecked()
    with qtbot.waitSignal(table.changed):
        head.click()
    assert table.chosen() == []
    head.click()
    assert table.chosen() == ["a", "b"]
    held.click()
    assert table.chosen() == ["a", "b"]
    assert held.toolTip() == "A link for it is open"
    table.set_locked("A payment runs")
    first.click()
    assert table.chosen() == ["a", "b"]


def test_routes_exclude_each_other_and_an_off_route_gives_its_reason(qtbot: QtBot) -> None:
    keypad, link = (
        RouteCard("dots-nine-bold", "Keypad", "", checked=True),
        RouteCard("link-simple", "Link", ""),
    )
    row = Row(keypad, link)
    qtbot.addWidget(row)
    link.click()
    assert (keypad.isChecked(), link.isChecked()) == (False, True)
    keypad.set_off("Not set up for this site")
    keypad.click()
    assert link.isChecked()
    assert keypad.accessibleDescription() == "Not set up for this site"


def test_a_refused_step_stays_off_and_the_others_are_chosen(qtbot: QtBot) -> None:
    steps = NextSteps(
        [
            Step("card", "credit-card", "Try another card", "A new attempt", "F4"),
            Step("again", "arrow-counter-clockwise", "Try it again", "Not offered", refused=True),
        ]
    )
    parent = Column(steps)
    qtbot.addWidget(parent)
    card, again = steps.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert not again.isEnabled()
    assert card.shortcut().isEmpty()  # the action bar's button owns F4
    with qtbot.waitSignal(steps.chosen) as chosen:
        card.click()
    assert chosen.args == ["card"]


def test_bars_show_lamps_pages_and_keys(qtbot: QtBot) -> None:
    status, top = StatusBar(), TopBar(["Desk", "Payments"], "Priya Nair", "PN")
    keys = KeysNow([KeyLine("Take payment", "F4"), KeyLine("Send link", "F7", on=False)])
    for part in (status, top, keys):
        qtbot.addWidget(part)
    status.set_lamp("Recorder", "secured", "paused")
    assert [lamp.accessibleName() for lamp in status.findChildren(Lamp)] == [
        *(f"{name}: not known" for name in LAMPS[:-1]),
        "Recorder: paused",
    ]
    assert {text.text() for text in keys.findChildren(Text)} == {
        "Keys now",
        "all",
        "Take payment",
        "Send link",
    }
    top.set_count("Payments", 2)
    payments = next(one for one in top.findChildren(QWidget) if one.accessibleName() == "Payments")
    assert payments.accessibleDescription() == "2 waiting"
    with qtbot.waitSignal(top.page) as page:
        payments.click()
    assert page.args == ["Payments"]


def test_loading_shows_nothing_at_first_then_shapes(qtbot: QtBot) -> None:
    window = Column(loading := Loading("Getting history"))
    qtbot.addWidget(window)
    window.show()
    loading.start()
    assert not loading.isVisible()
    qtbot.waitUntil(loading.isVisible)
    assert loading.accessibleName() == "Getting history, 0 s"
    loading.stop()
    assert not loading.isVisible()


def test_a_toast_is_spoken_politely_and_leaves(qtbot: QtBot, said: list[tuple[str, bool]]) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 300)
    window.show()
    toast = Toast("Link sent", "Valid until 10:41")
    toast.show_over(window)
    assert said == [("Link sent. Valid until 10:41", False)]
    assert window.rect().contains(toast.geometry())
    with qtbot.waitSignal(toast.destroyed):
        toast.leave()


def test_a_deciding_drawer_dims_what_is_below_and_closes_by_esc(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    below = Button("Keep going", key="Esc")
    below.setParent(window)
    below.show()
    choice = Button("Keep checking")
    drawer = Drawer("Decide", Column(choice, ...), foot=[..., Button("Record", "primary")])
    drawer.decide_over(window)
    scrim = drawer.parentWidget()
    assert scrim.size() == window.size()
    assert drawer.geometry().right() == scrim.rect().right()
    assert drawer.isAncestorOf(window.focusWidget())
    with qtbot.assertNotEmitted(scrim.pressed):
        qtbot.mouseClick(drawer, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(scrim.pressed):
        qtbot.mouseClick(scrim, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    window.resize(1440, 900)
    assert scrim.height() == 900
    choice.setFocus()
    for _ in range(5):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        assert drawer.isAncestorOf(window.focusWidget())
    with qtbot.waitSignal(drawer.closed), qtbot.assertNotEmitted(below.clicked):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    drawer.leave()
    assert not scrim.isVisible()


def test_wrapped_lines_have_the_fixed_height_of_their_style(qtbot: QtBot) -> None:
    words = Paragraph(
        "“Please **do not pay again**, so that you are not charged twice. Stay on the line.”", "script"
    )
    qtbot.addWidget(words)
    heights = [words.heightForWidth(width) for width in (1000, 300, 200)]
    assert all(height % theme.line_height("script") == 0 for height in heights)
    assert heights == sorted(set(heights))
    assert words.accessibleName().startswith("“Please do not pay again,")


def test_script_words_gain_quote_marks(qtbot: QtBot) -> None:
    script = ScriptQuote("That is **£123.36**.")
    qtbot.addWidget(script)
    assert script.accessibleName() == "Say to the caller: “That is £123.36.”"


def test_money_is_written_by_its_currency_and_greyed_when_it_did_not_move(qtbot: QtBot) -> None:
    label = MoneyLabel(Money(-5840, "GBP"))
    qtbot.addWidget(label)
    assert label.text() == "−£58.40"
    still = MoneyLabel(Money(12400, "JPY"), moved=False)
    qtbot.addWidget(still)
    assert still.text() == "¥12,400"
    moved = label.palette().windowText().color()
    assert still.palette().windowText().color() == theme.color("text_3") != moved


def test_words_on_small_buttons_are_never_cut(qtbot: QtBot) -> None:
    for part in (
        Chip("Any outcome", caret=True),
        Chip("Part payment", tick=True, checked=True),
        TabButton("Desk"),
    ):
        qtbot.addWidget(part)
        assert part.minimumSizeHint() == part.sizeHint()


def test_the_line_at_a_regions_edge_is_whole(qtbot: QtBot) -> None:
    region = Column(Row(height=40, look=Look("sunken")), ..., look=Look("surface", sides="r"))
    qtbot.addWidget(region)
    region.resize(200, 100)
    region.show()
    image = region.grab().toImage()
    line = theme.color("line")
    assert {image.pixelColor(199, y).name() for y in range(100)} == {line.name()}


def test_a_rows_ground_keeps_inside_the_corners_of_its_card(qtbot: QtBot) -> None:
    card = Card(Row(height=40, look=Look("accent")))
    outer = Column(card, ..., look=Look("window"))
    qtbot.addWidget(outer)
    outer.resize(200, 100)
    outer.show()
    image = outer.grab().toImage()
    assert image.pixelColor(0, 0).name() == theme.color("window").name()
    assert image.pixelColor(100, 20).name() == theme.color("accent").name()


def test_a_narrow_invoice_table_leaves_out_what_it_is_for_and_keeps_the_amount(qtbot: QtBot) -> None:
    line = InvoiceLine("1", "NW-20931", "Electricity, September", "Overdue 10 days", Money(6210, "GBP"))
    table = InvoiceTable([line])
    qtbot.addWidget(table)
    table.resize(table.minimumSizeHint())
    table.show()
    [row] = table._rows
    _, number, text, due, amount = row.columns()
    assert text.isEmpty()
    assert number.right() < due.left() < due.right() < amount.left() < amount.right() <= row.width()
    assert row.toolTip() == "Electricity, September"
    table.resize(700, table.height())
    qtbot.waitUntil(lambda: not row.columns()[2].isEmpty())
