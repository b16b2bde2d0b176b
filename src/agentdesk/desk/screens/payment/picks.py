"""Ways to choose an amount by one press each, and paying it with two cards."""

from collections.abc import Callable
from functools import partial

from agentdesk.desk.keys import Key, Keys
from agentdesk.desk.region import Region
from agentdesk.desk.screens.payment.choice import Choice, Pick
from agentdesk.desk.screens.payment.form import Form
from agentdesk.desk.widgets.box import Column, Row
from agentdesk.desk.widgets.button import Button, Chip
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.inputs import MoneyEdit
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.domain.money import Money, total
from agentdesk.i18n import _

#: What each way is called, and its key.
_PICKS = {
    Pick.EVERYTHING: (_("Everything"), "Alt E"),
    Pick.OVERDUE: (_("Overdue"), "Alt O"),
    Pick.CHOSEN: (_("Chosen"), "Alt C"),
    Pick.OTHER: (_("Other amount"), "Alt A"),
    Pick.ON_ACCOUNT: (_("On account"), "Alt N"),
}
_SPLIT_KEY = "Alt S"


class Picks(Flow):
    """A chip for each way; the one in use is in."""

    def __init__(self, form: Form, choice: Choice, pick: Callable[[Pick], None]) -> None:
        self._form = form
        self._chips = {
            one: Chip(words)
            for one, (words, _key) in _PICKS.items()
            if one is not Pick.ON_ACCOUNT or choice.may_be_on_account
        }
        super().__init__(*self._chips.values(), gap=8)
        self.setAccessibleName(_("How much"))
        for one, chip in self._chips.items():
            chip.clicked.connect(partial(self._press, pick, one))

    def refresh(self, choice: Choice) -> None:
        """Show which one is in use, what it comes to, and why one is off."""
        for one, chip in self._chips.items():
            why, key = choice.why_not_pick(one), _PICKS[one][1]
            chip.setText(_words(one, choice))
            chip.setChecked(choice.pick is one)
            chip.setEnabled(not why)
            chip.setToolTip(why or f"{_PICKS[one][0]} ({key})")
            chip.setAccessibleDescription(why or key)

    def _press(self, pick: Callable[[Pick], None], one: Pick, _checked: bool = False) -> None:
        pick(one)
        if self._form.choice is not None:
            self.refresh(self._form.choice)  # a chip that was in stays in


class SplitRow(Column):
    """What the first of two cards pays; `start`, which has its own place, is the press for it."""

    def __init__(self, form: Form, currency: str) -> None:
        self._form = form
        self.start = Button(_("Split over two cards"), "link", icon="credit-card")
        self.start.setToolTip(_("Split over two cards ({key})").format(key=_SPLIT_KEY))
        self.first = MoneyEdit(currency, label=_("First card"), limit=self._limit)
        self.error = self.first.take_error()
        self._second, self._one = Paragraph("", "medium", "text"), Button(_("One card"), "ghost")
        beside = Column(12, self._second, Paragraph(_("Offered when the first card is approved")))
        self._amounts = Column(10, Row(self.first, (beside, 1), self._one, gap=16), self.error)
        super().__init__(self._amounts)
        self.start.clicked.connect(self.begin)
        self._one.clicked.connect(lambda: form.split(False))
        self.first.changed.connect(self._type)

    def refresh(self, choice: Choice) -> None:
        """Show what is left for the second card."""
        self.start.setVisible(not choice.why_not_split and not choice.is_split)
        if choice.is_split != self._amounts.isVisibleTo(self):
            self._amounts.setVisible(choice.is_split)
            self.first.set_value(choice.first)
        left = choice.for_second
        self._second.setText(
            _("Then {left} on a second card").format(left=left)
            if left
            else _("Then the rest on a second card")
        )

    def begin(self) -> None:
        """Pay with two cards, and type what the first one pays."""
        choice = self._form.choice
        if choice is not None and not choice.is_split and not choice.why_not_split:
            self._form.split(True)
        if choice is not None and choice.is_split:
            self.first.edit.setFocus()
            self.first.edit.selectAll()

    def _type(self) -> None:
        choice = self._form.choice
        if choice is not None and choice.is_split and choice.first != self.first.value():
            self._form.type_first(self.first.value())

    def _limit(self, money: Money) -> str:
        choice = self._form.choice
        problem = choice.problem_of_first(money) if choice and choice.is_split else None
        return problem.text if problem else ""


class PickKeys:
    """The keys of these; they mean something while the form shows."""

    def __init__(
        self, view: Region, keys: Keys, pick: Callable[[Pick], None], split: Callable[[], None]
    ) -> None:
        self._picks: dict[Pick, Key] = {}
        for one, (words, key) in _PICKS.items():
            self._picks[one] = keys.add(view, words, key, partial(_do, pick, one), minor=True)
        self._split = keys.add(view, _("Split over two cards"), _SPLIT_KEY, split, minor=True)

    def show(self, choice: Choice | None) -> None:
        """Let them work for what is to be chosen; None where nothing is."""
        for one, key in self._picks.items():
            if choice is None or (one is Pick.ON_ACCOUNT and not choice.may_be_on_account):
                key.hide()
            else:
                key.set_on_unless(choice.why_not_pick(one))
        if choice is None or not choice.policy.split:
            self._split.hide()
        else:
            self._split.set_on_unless(choice.why_not_split)


def _do(pick: Callable[[Pick], None], one: Pick, _checked: bool = False) -> None:
    pick(one)


def _words(one: Pick, choice: Choice) -> str:
    items = {Pick.EVERYTHING: choice.payable, Pick.OVERDUE: choice.overdue}.get(one, [])
    amount = total([item.outstanding.money for item in items], choice.currency)
    return f"{_PICKS[one][0]} {amount}" if items else _PICKS[one][0]
