"""Reading the balance again: what came of it is seen and heard."""

from agentdesk.desk import times
from agentdesk.desk.screens.customer.account import owed
from agentdesk.desk.screens.customer.view_model import CustomerViewModel
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column
from agentdesk.desk.widgets.notices import ErrorNote
from agentdesk.domain.errors import AgentDeskError
from agentdesk.i18n import _


class ReadingAgain(Column):
    """Stands under the balance and is empty until a customer who shows could not be read again."""

    def __init__(self, model: CustomerViewModel) -> None:
        self._model, self._asked = model, False
        self._note = ErrorNote(flush=16)
        super().__init__(self._note)
        command = model.session.load_customer
        command.done.connect(self._read)
        command.failed.connect(self._missed)

    def start(self) -> None:
        """Read record and account from the outside systems; what comes of it is announced."""
        self._asked = True
        self._note.set_error(None)  # the same again is news
        self._model.refresh()

    def _read(self, _customer: object) -> None:
        self._note.set_error(None)
        customer = self._model.session.customer
        if self._asked and customer is not None and customer.account_as_of is not None:
            read_at = times.minute(customer.account_as_of)
            words = _("{balance}, as of {minute}").format(balance=owed(self._model, customer), minute=read_at)
            announce(self, words[:1].upper() + words[1:])
        self._asked = False

    def _missed(self, error: AgentDeskError) -> None:
        self._asked = False
        self._note.set_error(error)
