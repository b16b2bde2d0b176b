"""A table of pages: what it asks for, what it drops, what it keeps."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from agentdesk.desk.tables.columns import Column
from agentdesk.desk.tables.keyset_table import ROW, KeysetTable
from agentdesk.desk.tables.table_view import TableView

pytestmark = pytest.mark.usefixtures("dressed")

ROOT = QModelIndex()


@dataclass(frozen=True)
class Line:
    """A row."""

    name: str
    amount: int = 0


@dataclass(frozen=True)
class Page:
    """What a hub answers."""

    rows: list[Line]
    cursor: str | None = None


COLUMNS = [
    Column("Name", lambda row: row.name, 100, stretch=1),
    Column("Amount", lambda row: f"£{row.amount}", 80, right=True, spoken=lambda row: f"{row.amount} pounds"),
]


@dataclass
class Asked:
    """What a table asked for, newest last."""

    pages: list[tuple[int, str | None]] = field(default_factory=list)

    def note(self, generation: int, cursor: str | None) -> None:
        """Keep a question."""
        self.pages.append((generation, cursor))


@pytest.fixture
def table() -> Iterator[KeysetTable]:
    """Return a table that Qt's own tester watches; it ends the process at the first fault."""
    table = KeysetTable(COLUMNS, lambda row: row.name)
    table.tester = QAbstractItemModelTester(  # type: ignore[attr-defined]
        table, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    yield table
    table.deleteLater()


@pytest.fixture
def asked(table: KeysetTable) -> Asked:
    """Return what the table asks for."""
    asked = Asked()
    table.wanted.connect(asked.note)
    return asked


def lines(*names: str) -> list[Line]:
    """Return a row for each name."""
    return [Line(name) for name in names]


def shown(table: KeysetTable) -> list[str]:
    """Return the names in the table."""
    return [table.row(i).name for i in range(table.rowCount())]


def first_page(table: KeysetTable, asked: Asked, *names: str, cursor: str | None = None) -> None:
    """Load and answer."""
    table.reload()
    assert table.take(asked.pages[-1][0], Page(lines(*names), cursor))


def test_a_thousand_rows_come_in_pages_by_scrolling(table: KeysetTable, qtbot: QtBot) -> None:
    rows = [Line(f"{i:04}") for i in range(1000)]
    asked: list[str | None] = []

    def answer(generation: int, cursor: str | None) -> None:
        asked.append(cursor)
        start = int(cursor or 0)
        after = start + 50
        table.take(generation, Page(rows[start:after], str(after) if after < len(rows) else None))

    table.wanted.connect(answer, Qt.ConnectionType.QueuedConnection)  # as a hub does: later
    view = TableView(table, "Numbers")
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.show()
    table.reload()
    while table.rowCount() < 1000:
        before = table.rowCount()
        view.scrollToBottom()
        qtbot.waitUntil(lambda before=before: table.rowCount() > before)
    assert asked == [None, *(str(i) for i in range(50, 1000, 50))]
    assert shown(table) == [row.name for row in rows]
    view.scrollToBottom()
    assert view.rows_shown()[1] == 1000


def test_one_page_at_a_time_is_asked_for(table: KeysetTable, asked: Asked) -> None:
    first_page(table, asked, "a", cursor="2")
    table.fetchMore(ROOT)
    table.fetchMore(ROOT)
    assert asked.pages == [(1, None), (1, "2")]
    assert not table.canFetchMore(ROOT)
    table.take(1, Page(lines("b")))
    assert shown(table) == ["a", "b"]
    assert not table.canFetchMore(ROOT)


def test_a_late_page_is_dropped(table: KeysetTable, asked: Asked) -> None:
    first_page(table, asked, "a", cursor="2")
    table.fetchMore(ROOT)
    table.reload()
    assert not table.take(1, Page(lines("late")))
    assert not table.fail(1)
    assert table.is_waiting
    assert table.take(2, Page(lines("new")))
    assert shown(table) == ["new"]


def test_other_filters_empty_the_table_at_once(table: KeysetTable, asked: Asked) -> None:
    first_page(table, asked, "a")
    table.reload()
    assert shown(table) == []


def test_a_failed_page_is_asked_for_again_only_by_a_person(table: KeysetTable, asked: Asked) -> None:
    first_page(table, asked, "a", cursor="2")
    table.fetchMore(ROOT)
    assert table.fail(1)
    assert (table.has_failed, table.is_waiting) == (True, False)
    assert not table.canFetchMore(ROOT)
    table.again()
    assert asked.pages[-1] == (1, "2")
    table.take(1, Page(lines("b")))
    assert (shown(table), table.has_failed) == (["a", "b"], False)


def test_a_refresh_puts_new_rows_on_top_and_keeps_what_was_scrolled_to(
    table: KeysetTable, asked: Asked, qtbot: QtBot
) -> None:
    first_page(table, asked, "d", "c", cursor="c")
    table.fetchMore(ROOT)
    table.take(1, Page(lines("b", "a"), "a"))
    view = TableView(table, "Letters")
    qtbot.addWidget(view)
    view.select(3)
    resets: list[None] = []
    table.modelReset.connect(lambda: resets.append(None))
    table.reload(keep=True)
    assert shown(table) == ["d", "c", "b", "a"]
    table.take(2, Page([Line("f"), Line("e"), Line("d", 7)], "d"))
    assert shown(table) == ["f", "e", "d", "c", "b", "a"]
    assert table.row(2).amount == 7
    assert (resets, view.currentIndex().row()) == ([], 5)
    table.fetchMore(ROOT)
    assert asked.pages[-1] == (2, "a")


@pytest.mark.parametrize(
    ("page", "then"),
    [
        (Page(lines("c", "a")), ["c", "a"]),  # b no longer matches
        (Page(lines("z", "y"), "y"), ["z", "y"]),  # more arrived than a page holds
        (Page(lines("c", "b")), ["c", "b"]),  # a no longer matches
        (Page([]), []),
        (Page(lines("c", "b", "a")), ["c", "b", "a"]),
        (Page(lines("c", "b", "a", "0")), ["c", "b", "a", "0"]),
    ],
)
def test_a_refresh_shows_what_is_true_now(
    table: KeysetTable, asked: Asked, page: Page, then: list[str]
) -> None:
    first_page(table, asked, "c", "b", "a")
    table.reload(keep=True)
    table.take(2, page)
    assert shown(table) == then
    assert table.canFetchMore(ROOT) is (page.cursor is not None)


def test_a_first_page_that_grew_full_goes_on_from_its_cursor(table: KeysetTable, asked: Asked) -> None:
    first_page(table, asked, "b", "a")
    table.reload(keep=True)
    table.take(2, Page(lines("c", "b", "a"), "a"))
    table.fetchMore(ROOT)
    assert asked.pages[-1] == (2, "a")


def test_a_cell_is_shown_spoken_and_answers_its_row(table: KeysetTable, asked: Asked) -> None:
    table.reload()
    table.take(1, Page([Line("Ada", 12)]))
    cell = table.index(0, 1)
    assert cell.data() == "£12"
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Amount: 12 pounds"
    assert table.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "Name: Ada"
    assert cell.data(ROW) == Line("Ada", 12)
    assert table.headerData(1, Qt.Orientation.Horizontal) == "Amount"


def test_a_newer_row_takes_the_place_of_the_old(table: KeysetTable, asked: Asked, qtbot: QtBot) -> None:
    first_page(table, asked, "a", "b")
    with qtbot.waitSignal(table.dataChanged):
        table.update_row(Line("b", 5))
    assert table.row(1).amount == 5
    table.update_row(Line("unknown"))
    assert shown(table) == ["a", "b"]


def test_enter_chooses_and_arrows_move(table: KeysetTable, asked: Asked, qtbot: QtBot) -> None:
    first_page(table, asked, "a", "b")
    view = TableView(table, "Letters")
    qtbot.addWidget(view)
    moved: list[str] = []
    view.moved.connect(lambda row: moved.append(row.name))
    view.select(0)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    with qtbot.waitSignal(view.chosen) as chosen:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert (moved, chosen.args[0].name) == (["a", "b"], "b")
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.currentIndex().row() == 1


def test_the_stretching_column_takes_what_is_free(table: KeysetTable, asked: Asked, qtbot: QtBot) -> None:
    view = TableView(table, "Letters")
    qtbot.addWidget(view)
    view.resize(500, 200)
    view.show()
    assert view.columnWidth(0) == 420
    view.set_width("Amount", 100)
    assert view.columnWidth(0) == 400
    view.set_hidden("Amount")
    assert view.columnWidth(0) == 500


def test_what_the_last_column_needs_is_not_under_the_scroll_bar(qtbot: QtBot) -> None:
    table = KeysetTable(
        [COLUMNS[0], Column("State", lambda _: "", 10, needs=lambda: 150)], lambda row: row.name
    )
    view = TableView(table, "Letters")
    qtbot.addWidget(view)
    table.setParent(view)
    asked = Asked()
    table.wanted.connect(asked.note)
    view.resize(500, 120)
    view.show()
    name, alone = view.columnWidth(0), view.columnWidth(1)
    first_page(table, asked, *"abcdefghij")
    qtbot.waitUntil(view.verticalScrollBar().isVisible)
    bar = view.width() - view.viewport().width()
    qtbot.waitUntil(lambda: view.columnWidth(1) == alone - bar)
    assert bar > 0
    assert view.columnWidth(1) >= 150
    assert view.columnWidth(0) == name, "no other one moves"
