"""Under the ways to pay: that a saved card can pay in instalments, or why not; or the plan that stands."""

from agentdesk.desk.screens.plan.place import PLAN_KEY, PlanPlace
from agentdesk.desk.show import Show
from agentdesk.desk.widgets.box import Column, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.i18n import _


class PlanOffer(Column):
    """One quiet line; hidden where no plans are made."""

    def __init__(self, plans: PlanPlace) -> None:
        self._plans = plans
        self._words = Paragraph("")
        self._press = Button("", "link", key=PLAN_KEY, fires=False)
        self._press.clicked.connect(plans.ask)
        self._line = Column(8, Row(Icon("calendar-plus"), (self._words, 1), self._press, gap=8))
        super().__init__(self._line)
        plans.making.changed.connect(Show(self._show, self).ask)
        self._show()

    def _show(self) -> None:
        plans = self._plans
        self._line.setVisible(plans.is_offered)  # not itself: it has no window yet
        why = plans.why_not
        stands, offer = _("A payment plan is in place."), _("Not all today? In parts, from a saved card.")
        self._words.setText(f"{why}." if why else stands if plans.stands else offer)
        self._press.setText(plans.name)
        self._press.set_on_unless(why)
