"""F8 and F9: ask for the next field of a card, and start the one again that is being keyed."""

from PySide6.QtWidgets import QWidget

from agentdesk.desk.keys import Keys
from agentdesk.desk.screens.payment.actions import FIELD_WORDS
from agentdesk.desk.screens.payment.place import Place
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.i18n import _


class FieldKeys:
    """They mean something while a card is captured and no question stands in the action bar."""

    def __init__(self, model: PaymentViewModel, owner: QWidget, keys: Keys) -> None:
        self._model = model
        self._ask_key = keys.add(owner, _("Ask for the next field"), "F8", self._ask)
        self._reset_key = keys.add(owner, _("Reset this field"), "F9", self._reset)

    def refresh(self, asking: bool) -> None:
        """Let each key mean what it does now."""
        model = self._model
        if model.place is not Place.CAPTURE or asking:
            self._ask_key.hide()
            self._reset_key.hide()
            return
        live = model.live_field
        if model.next_field is not None:
            self._ask_key.set_on(_("Ask for the next field"))
        elif live is not None:
            keyed = _("The {field} is being keyed").format(field=FIELD_WORDS[live.field])
            self._ask_key.set_off(keyed, _("Ask for the next field"))
        else:
            self._ask_key.hide()
        if live is not None:
            self._reset_key.set_on(_("Reset this field"))
        elif model.keying.can_slow:
            self._reset_key.set_on(_("Ask slowly"))
        else:
            self._reset_key.hide()

    def _ask(self) -> None:
        if (field := self._model.next_field) is not None:
            self._model.ask(field.field)

    def _reset(self) -> None:
        if (field := self._model.live_field) is not None:
            self._model.ask(field.field)
        else:
            self._model.keying.ask_slowly()
