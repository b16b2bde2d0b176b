"""How to pay: a card for each way, also those that are off, and the number key of each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

from PySide6.QtWidgets import QWidget

from agentdesk.desk.keys import Key, Keys
from agentdesk.desk.screens.payment.place import Place
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.widgets.box import Column, Item, Row, widens
from agentdesk.desk.widgets.choices import RouteCard
from agentdesk.i18n import _

_ICONS = {"keypad": "dots-nine-bold", "link": "link-simple", "saved": "credit-card"}
_KEYS = ("Ctrl 1", "Ctrl 2", "Ctrl 3")


@dataclass(frozen=True)
class Numbered:
    """What a number key chooses; `off` is why it cannot be chosen."""

    title: str
    off: str
    choose: Callable[[], None]


def numbered(model: PaymentViewModel) -> list[Numbered]:
    """Return what can be chosen by its number: ways to pay, ways to send a link, or saved cards."""
    if model.place is Place.SAVED_FORM:
        saved = model.saved
        return [Numbered(one.label, one.off, partial(saved.pick, one.card_id)) for one in saved.options]
    if model.place is Place.LINK_FORM:
        link = model.link
        return [Numbered(one.title, one.off, partial(link.choose, one.way)) for one in link.ways]
    if model.place is Place.CHOOSE:
        form = model.form
        return [
            Numbered(one.title, one.off_reason or "", partial(form.choose_route, one.route))
            for one in form.routes
        ]
    return []


def number_key(place: int) -> str:
    """Return the key of what stands at this place, counted from 0; empty behind the last one."""
    return _KEYS[place] if place < len(_KEYS) else ""


class NumberKeys:
    """Ctrl 1 to Ctrl 3."""

    def __init__(self, model: PaymentViewModel, owner: QWidget, keys: Keys) -> None:
        self._model = model
        self._keys: list[Key] = [
            keys.add(owner, _("Choose"), key, partial(self._choose, place), minor=True)
            for place, key in enumerate(_KEYS)
        ]

    def refresh(self) -> None:
        """Let each key mean what has its number now."""
        found = numbered(self._model)[: len(self._keys)]
        for key, one in zip_longest(self._keys, found):
            if one is None:
                key.hide()
            else:
                key.set_on_unless(one.off.rstrip("."), one.title)

    def _choose(self, place: int, _checked: bool = False) -> None:
        found = numbered(self._model)
        if place < len(found) and not found[place].off:
            found[place].choose()


class Routes(Row):
    """The cards of the ways to pay; one is chosen where any can be."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        self._shown: object = None
        self._showing = False
        self._cards: dict[str, RouteCard] = {}
        super().__init__(fill=True)
        self.refresh()

    def refresh(self) -> None:
        """Show the ways as they are now."""
        form = self._model.form
        if form.routes != self._shown:
            self._shown = form.routes
            focused = next((name for name, card in self._cards.items() if card.hasFocus()), "")
            self._build()
            if focused in self._cards:
                self._cards[focused].setFocus()
        chosen = form.chosen_route
        if chosen is not None:
            self._showing = True
            self._cards[chosen.route].setChecked(True)
            self._showing = False

    def _build(self) -> None:
        self._cards = {}
        for place, route in enumerate(self._model.form.routes):
            icon = _ICONS.get(route.route, "credit-card")
            card = RouteCard(icon, route.title, route.detail, key=number_key(place))
            if route.off_reason:
                card.set_off(route.off_reason)
            card.toggled.connect(partial(self._toggle, route.route))
            self._cards[route.route] = card
        cards: list[Item] = [(card, 1) for card in self._cards.values()]
        cards += [(widens(Column()), 1) for _place in range(2 - len(cards))]
        gap = 12 if len(cards) < 3 else 8  # three fit beside each other in a large text, too
        self.set_items([item for card in cards for item in (gap, card)][1:])

    def _toggle(self, route: str, on: bool) -> None:
        if on and not self._showing:
            self._model.form.choose_route(route)
