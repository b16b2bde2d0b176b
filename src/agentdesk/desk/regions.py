"""The three regions side by side; where they do not fit, customer or call folds to a strip."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from agentdesk.desk.region import Region
from agentdesk.desk.theme import load_tokens, theme
from agentdesk.desk.widgets.box import Row
from agentdesk.desk.widgets.folded import Folded

#: From this width on the side regions take their larger width.
WIDE = 1400
#: Below this width at 100 % one of the side regions folds.
_ROOM_FOR_THREE = 1000


class Regions(Row):
    """Customer left, `middle`, call right, each always in its place.

    With little room the call shows, for its words to say; the customer shows while it is worked on, and
    while `nobody` says that nobody is chosen. Signal `wanted(region)`: the strip of a folded one was pressed.
    """

    wanted = Signal(object)

    def __init__(self, customer: Region, middle: QWidget, call: Region, nobody: Callable[[], bool]) -> None:
        self.customer, self.call, self._nobody = customer, call, nobody
        self._strips = {
            customer: Folded(customer.title, "user", "r"),
            call: Folded(call.title, "phone-call", "l"),
        }
        self._marked = call
        left, right = self._strips.values()
        super().__init__(left, customer, (middle, 1), call, right, fill=True)
        for region, strip in self._strips.items():
            strip.hide()
            strip.clicked.connect(lambda _=False, region=region: self.wanted.emit(region))
        theme.changed.connect(self._share)

    def name_customer(self, name: str) -> None:
        """Write on the customer's strip who it is."""
        self._strips[self.customer].set_about(name)

    def unfold(self, region: Region) -> None:
        """Show a region that may be folded, so that it can take the keyboard; `fold` then makes room."""
        region.show()

    def fold(self, marked: Region) -> None:
        """Fold the side region that is not needed, if there is no room for both; `marked` is worked in."""
        self._marked = marked
        folded = self._folded(marked) if self._is_narrow() else None
        for region, strip in self._strips.items():
            strip.setVisible(region is folded)
            region.setVisible(region is not folded)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the side regions the width of the grid, and the rest to the payment."""
        self._share()

    def _share(self) -> None:
        sizes, narrow, wide = load_tokens()["size"], self._is_narrow(), self.width() >= WIDE
        room = self.width() - sizes["payment_region_min"]
        for region, token, share in (
            (self.customer, "customer_region", 0.52),
            (self.call, "call_region", 0.48),
        ):
            width = theme.px(sizes[token][wide])
            region.setFixedWidth(width if narrow else min(width, int(room * share)))
        self.fold(self._marked)

    def _is_narrow(self) -> bool:
        return self.width() < theme.px(_ROOM_FOR_THREE)

    def _folded(self, marked: Region) -> Region:
        focused = QApplication.focusWidget()
        typing = focused is not None and self.customer.isAncestorOf(focused)
        shows = marked is self.customer or typing or (self._nobody() and marked is not self.call)
        return self.call if shows else self.customer
