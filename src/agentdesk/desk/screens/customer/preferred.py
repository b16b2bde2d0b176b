"""The way to pay that the customer prefers: set by the agent, offered first."""

from agentdesk.desk.screens.customer.view_model import CustomerViewModel
from agentdesk.desk.widgets.box import Column
from agentdesk.desk.widgets.button import Chip
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _
from agentdesk.wire.customers import Customer

_SHORT = {"keypad": _("Keypad"), "link": _("Link"), "saved": _("Saved card")}


class Preferred(Column):
    """One chip for each way that the firm allows, and for the chosen one; pressing that forgets it."""

    def __init__(self, model: CustomerViewModel, customer: Customer) -> None:
        readiness = model.session.readiness
        chips = []
        for route in readiness.routes if readiness else []:
            chosen = route.route == customer.preferred_route
            if not (route.allowed or chosen):
                continue
            chip = Chip(_SHORT.get(route.route, route.title), checked=chosen)
            chip.setAccessibleName(_("Prefers {title}").format(title=route.title))
            chip.clicked.connect(lambda _=False, name=route.route: model.prefer(name))
            chips.append(chip)
        error = Paragraph(model.prefer_error.text, role="danger") if model.prefer_error else None
        super().__init__(6, Flow(Text(_("Prefers"), role="text_2"), *chips, gap=8), error)
        self.setAccessibleName(_("The way to pay they prefer"))
