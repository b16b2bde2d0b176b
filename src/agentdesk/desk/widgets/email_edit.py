"""A field for one email address."""

from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.domain.contact import is_email
from agentdesk.i18n import _

NOT_AN_EMAIL = _("That is not an email address. Nothing was sent. Type it like name@example.com.")


class EmailEdit(LineEdit):
    """A line that gives an address only where one was typed."""

    def __init__(self, label: str = "", *, name: str = _("Email for the receipt")) -> None:
        super().__init__(label, name=name, placeholder="name@example.com")

    def address(self) -> str | None:
        """Return what was typed; None where that is no address, which the field then says."""
        typed = self.text().strip()
        if is_email(typed):
            return typed
        self.set_error(NOT_AN_EMAIL)
        return None
