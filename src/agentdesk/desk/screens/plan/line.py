"""Where a customer's payment plan stands, in one line under what they owe, and the press that opens it."""

from datetime import date

from PySide6.QtCore import Signal

from agentdesk.desk.screens.plan.standing import line
from agentdesk.desk.widgets.box import Column, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.domain.plan import PlanState
from agentdesk.i18n import _
from agentdesk.wire.plans import PaymentPlan


class PlanLine(Column):
    """Amber with its reason while it is paused, quiet once it is over. Signal `wanted()`: to be seen."""

    wanted = Signal()

    def __init__(self, plan: PaymentPlan, today: date) -> None:
        words = line(plan, today)
        if plan.state is PlanState.PAUSED:
            banner = Banner("warning", "pause-circle-fill", _("Payment plan"), words, _("Show"), flush=16)
            super().__init__(banner)
            banner.pressed.connect(self.wanted)
        else:
            show = Button(_("Show"), "link")
            super().__init__(_row(plan, words, show))
            show.setAccessibleName(_("Show the payment plan"))
            show.clicked.connect(self.wanted)
        self.setAccessibleName(_("Payment plan: {words}").format(words=words))


def _row(plan: PaymentPlan, words: str, show: Button) -> Row:
    active = plan.state is PlanState.ACTIVE
    title = Paragraph(_("Payment plan"), "caption", "text_2")
    text = Paragraph(words, "caption", "text" if active else "text_3")
    icon = Icon("calendar-check", "icon", "info" if active else "text_3")
    return Row(icon, (Column(title, text), 1), show, gap=8, margins=(4, 16, 8, 16))
