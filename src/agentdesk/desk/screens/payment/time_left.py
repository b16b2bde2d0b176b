"""Time that runs out while a card is keyed: shown and spoken before it is over, so that one can act."""

from datetime import datetime, timedelta

from agentdesk.desk import times
from agentdesk.desk.screens.payment.place import Place
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Rows
from agentdesk.desk.widgets.notices import Banner
from agentdesk.i18n import _

#: How long before card entry closes by itself the agent is warned, and before the caller's next key is late.
_ENTRY, _KEY = timedelta(seconds=60), timedelta(seconds=10)


class TimeLeft(Column):
    """A banner while card entry that nobody goes on with is about to close; empty else."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        self._said: datetime | None = None
        self._rows = Rows(lambda words: Column(Banner("warning", "hourglass", *words), 12))
        super().__init__(self._rows)
        self.refresh()

    def refresh(self) -> None:
        """Show and say what is about to end; each end is said once."""
        closes, keyed_until = self._ends()
        words = self._closing_words(closes) if closes else None
        self._rows.show_values([words] if words else [])
        if closes and words:
            self._say(closes, " ".join(words), assertive=True)
        elif keyed_until:
            left = times.span(int(_KEY.total_seconds()))
            self._say(keyed_until, _("The caller has {left} left for the next key").format(left=left))

    def _ends(self) -> tuple[datetime | None, datetime | None]:
        """Return when card entry closes, and when the field that is keyed times out; None: not soon."""
        model, now = self._model, self._model.session.clock.now()
        capture, field = model.capture, model.live_field
        if capture is None or model.place is not Place.CAPTURE or model.submit_command.is_running:
            return None, None
        closes, until = capture.deadline, field.deadline if field else None
        return (
            closes if closes and closes - now <= _ENTRY else None,
            until if until and until - now <= _KEY else None,
        )

    def _closing_words(self, closes: datetime) -> tuple[str, str]:
        title = _("Card entry closes by itself at {second}.").format(second=times.second(closes))
        if self._model.can_submit:
            return title, _("Nothing was sent yet: F10 submits. After that the card has to be keyed again.")
        return title, _("Nothing was sent yet: F8 asks for the next field and keeps it open.")

    def _say(self, end: datetime, words: str, *, assertive: bool = False) -> None:
        if end != self._said:
            self._said = end
            announce(self, words, assertive=assertive)
