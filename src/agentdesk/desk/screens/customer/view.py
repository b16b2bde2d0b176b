"""The customer region: who it is, what they owe, what happened before."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent

from agentdesk.desk.keys import Keys
from agentdesk.desk.region import Region
from agentdesk.desk.screens.customer.account import REFRESH_KEY, Balance, Person, owed, stale_words
from agentdesk.desk.screens.customer.facts import Facts
from agentdesk.desk.screens.customer.finding import Search, chooser, how_many
from agentdesk.desk.screens.customer.history import FILTER_KEY, OPEN_KEY, HistoryPart
from agentdesk.desk.screens.customer.kinds import FILTERS
from agentdesk.desk.screens.customer.preferred import Preferred
from agentdesk.desk.screens.customer.reading import ReadingAgain
from agentdesk.desk.screens.customer.saved_cards import SavedCards
from agentdesk.desk.screens.customer.view_model import CustomerViewModel, Place
from agentdesk.desk.screens.plan.line import PlanLine
from agentdesk.desk.show import Show
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Item, Look, Rows
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.key_cap import KeyCap
from agentdesk.desk.widgets.notices import Banner, EmptyState, Loading, PartError, Toast
from agentdesk.i18n import _, ngettext
from agentdesk.wire.customers import Customer

_HELP = _(
    "Here is who the call is about. Where the number fits several customers, choose one; where it fits "
    "nobody, press Ctrl F and search by name, number, account, post code, email or invoice number. "
    "The balance says when it was read and turns amber when that is long ago; the arrow beside it reads it "
    "again. The history shows what kind you choose."
)


#: What a customer owes, and when it was read: no part of who they are.
_MONEY = {
    *("balance", "overdue", "credit", "open_items", "record_as_of", "account_as_of", "stale"),
    *("promise", "last_paid", "plan"),
}


class CustomerView(Region):
    """Shows one place at a time. Signal `plan_wanted`: the customer's payment plan is to be seen."""

    plan_wanted = Signal()

    def __init__(self, model: CustomerViewModel, keys: Keys) -> None:
        self._balance: Balance | None = None
        self._reading: ReadingAgain | None = None
        self._change = Button(_("Change"), "link")
        super().__init__(_("Customer"), _HELP, KeyCap("Ctrl F"), self._change, sides="r")
        self._model = model
        model.setParent(self)
        self._shown: tuple[object, ...] | None = None
        self._change.clicked.connect(self.find)
        self._search: Search | None = None
        self._history: HistoryPart | None = None
        self._cards: SavedCards | None = None
        self._refresh = keys.add(self, _("Read the balance again"), REFRESH_KEY, self._read_again, minor=True)
        self._filter = keys.add(self, _("History: next kind"), FILTER_KEY, self._next_kind, minor=True)
        self._open = keys.add(
            self, _("Open the last payment"), OPEN_KEY, model.open_newest_payment, minor=True
        )
        model.history_changed.connect(self._offer_past)
        model.changed.connect(Show(self._show, self).ask)
        model.remove_command.done.connect(lambda _none: announce(self, _("The saved card is removed")))
        model.remove_command.failed.connect(lambda error: announce(self, error.text, assertive=True))
        model.session.load_customer.running.connect(self._show_reading)
        model.session.clock.ticked.connect(self._grow_old)
        self._show()

    def find(self) -> None:
        """Open the search, or go to it; say why not where the customer stays."""
        if why := self._model.why_fixed:
            toast = Toast(_("The customer of this call stays"), f"{why}.", "lock-simple", "neutral")
            toast.show_over(self.window())
            return
        if not self._model.searching:
            self._model.start_search()
            self._show()  # at once, also where a step changes more
        if self._search is not None:
            self._search.take_focus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drop help and older lines where there is no room."""
        super().resizeEvent(event)
        self._model.set_low(self.is_low)

    def _show(self) -> None:
        model = self._model
        self._change.setVisible(model.session.customer is not None and model.place is not Place.SEARCH)
        self._change.set_on_unless(model.why_fixed)
        for key in (self._refresh, self._filter):
            key.set_on() if model.place is Place.CUSTOMER else key.hide()
        self._offer_past()
        state = self._state()
        if state == self._shown:
            return  # what is typed or focused stays
        if self._shown is None or state[0] is not self._shown[0]:
            self._say_place()
        self._shown = state
        same = self._history is not None and self._customer_id == model.session.customer_id
        if model.place is not Place.CUSTOMER or not same:
            self._search = self._history = self._reading = None
            self.body.set_items(self._items())
        if model.place is Place.CUSTOMER:
            self._show_customer()

    def _state(self) -> tuple[object, ...]:
        model = self._model
        if model.place is Place.SEARCH:
            return (Place.SEARCH,)
        several = (model.choose_error, *model.matches) if model.place is Place.SEVERAL else ()
        money = (model.paid_now, model.paid_is_in, model.being_checked, model.held_elsewhere)
        return (
            model.place,
            model.session.customer,
            *money,
            model.check,
            model.is_old,
            model.prefer_error,
            (model.removing, model.remove_error, model.remove_command.is_running),
            model.why_nobody,
            *several,
        )

    def _say_place(self) -> None:
        model, customer = self._model, self._model.session.customer
        words = {
            Place.SEVERAL: _several_words(model),
            Place.UNKNOWN: model.why_nobody,
            Place.FAILED: _("The customer did not load"),
            Place.CUSTOMER: _("Customer {name}, {model}").format(
                name=customer.name, model=owed(model, customer)
            )
            if customer
            else "",
        }
        if text := words.get(model.place):
            announce(self, text)

    def _items(self) -> list[Item]:
        build = {
            Place.NOBODY: self._nobody,
            Place.SEVERAL: self._several,
            Place.UNKNOWN: self._unknown,
            Place.SEARCH: self._searching,
            Place.LOADING: self._loading,
            Place.FAILED: self._failed,
            Place.CUSTOMER: self._customer,
        }
        return build[self._model.place]()

    def _nobody(self) -> list[Item]:
        empty = EmptyState(
            "user-circle",
            _("No caller yet"),
            _("The customer shows here by itself when a call arrives."),
            _("Find a customer"),
            action_icon="magnifying-glass",
        )
        empty.pressed.connect(self.find)
        return [(empty, 1)]

    def _several(self) -> list[Item]:
        return [chooser(self._model), ...]

    def _unknown(self) -> list[Item]:
        empty = EmptyState(
            "user-circle",
            _("Who is calling?"),
            self._model.why_nobody,
            _("Find a customer"),
            action_icon="magnifying-glass",
        )
        empty.pressed.connect(self.find)
        return [(empty, 1)]

    def _searching(self) -> list[Item]:
        self._search = Search(self._model)
        return [self._search, ...]

    def _loading(self) -> list[Item]:
        loading = Loading(_("Getting the customer"), (150, 120, 165, 110))
        loading.failed.connect(lambda: self.body.set_items(self._failed(_("The customer is slow to come"))))
        loading.start()
        return [Column(loading, margins=16), ...]

    def _failed(self, title: str = _("The customer did not load")) -> list[Item]:
        error = self._model.session.customer_error
        part = PartError(title, error.text if error else _("No payment was touched."))
        part.retry.connect(self._load_again)
        return [Column(part, margins=16), ...]

    def _load_again(self) -> None:
        self.body.set_items(self._loading())
        self._model.session.load_customer.restart()

    def _customer(self) -> list[Item]:
        self._customer_id = self._model.session.customer_id
        self._stale = Rows(
            lambda words: Banner("warning", "clock-counter-clockwise", *words, flush=16),
            lambda banner, words: banner.set_words(*words),
        )
        self._person, self._money = Rows(self._make_person), Rows(self._make_money)
        self._history, self._reading = HistoryPart(self._model), ReadingAgain(self._model)
        return [self._stale, self._person, self._money, self._reading, self._history, ...]

    def _show_customer(self) -> None:
        """Show what changed of the customer; the rest stays as it is."""
        model, customer, cards = self._model, self._model.session.customer, self._cards
        assert customer is not None, "the place says that there is one"
        who = customer.model_dump(exclude=_MONEY)
        removal = (model.removing, model.remove_error, model.remove_command.is_running)
        money = (model.paid_now, model.paid_is_in, model.being_checked, model.held_elsewhere, model.is_old)
        self._show_stale(customer, model.session.clock.now())
        self._person.show_values([(who, model.matched_by_number, model.check, model.prefer_error, removal)])
        self._money.show_values([(customer, money)])
        if self._cards is not None and self._cards is not cards and self._cards.keep is not None:
            self._cards.keep.setFocus()
            if not model.remove_command.is_running:
                announce(self, self._cards.asked, assertive=True)

    def _show_stale(self, customer: Customer, now: datetime) -> None:
        words = stale_words(self._model, customer, now)
        self._stale.show_values([words] if words else [])

    def _make_person(self, _shown: object) -> Person:
        model, customer = self._model, self._model.session.customer
        assert customer is not None, "as above"
        person = Person(customer, matched=model.matched_by_number, check=model.check)
        person.add(Preferred(model, customer))
        self._cards = SavedCards(model, customer)
        person.add(self._cards)
        self.droppable[:] = person.droppable
        return person

    def _make_money(self, _shown: object) -> Column:
        model, customer = self._model, self._model.session.customer
        assert customer is not None, "as above"
        self._balance = Balance(model, customer, model.session.clock.now())
        self._balance.wanted.connect(self._read_again)
        self._show_reading(model.session.load_customer.is_running)
        plan = PlanLine(customer.plan, model.session.clock.today()) if customer.plan else None
        if plan is not None:
            plan.wanted.connect(self.plan_wanted)
        return Column(self._balance, Facts(model, customer), plan, look=Look("sunken", sides="tb"))

    def _read_again(self) -> None:
        if self._reading is not None:
            self._reading.start()

    def _show_reading(self, on: bool) -> None:
        if self._reading is not None and self._balance is not None:
            self._balance.set_reading(on)

    def _offer_past(self) -> None:
        self._open.set_on() if self._model.newest_payment else self._open.hide()

    def _next_kind(self) -> None:
        self._model.next_filter()
        count = len(self._model.history_rows)
        words = ngettext("History: {kind}, {count} line", "History: {kind}, {count} lines", count)
        announce(self, words.format(kind=FILTERS[self._model.filter], count=count))

    def _grow_old(self, now: datetime) -> None:
        customer = self._model.session.customer
        if self._model.place is not Place.CUSTOMER or customer is None or self._history is None:
            return
        self._show_stale(customer, now)
        if self._balance is not None:
            self._balance.grow_old(now)


def _several_words(model: CustomerViewModel) -> str:
    if not model.matches:
        return ""
    return _("{count}. Nobody is chosen yet.").format(count=how_many(model.matches))
