"""Who a link can go to: the caller, the contact details on file, or what is typed where that may be."""

from agentdesk.desk.numbers import readable
from agentdesk.desk.proof import only_to_file
from agentdesk.desk.session import Session
from agentdesk.domain.link import LinkWay
from agentdesk.i18n import _
from agentdesk.wire.calls import Call
from agentdesk.wire.customers import Customer
from agentdesk.wire.readiness import WayInfo

#: Why a link to somebody who is not proven does not go this way.
_NOT_ON_FILE = {
    LinkWay.TEXT: _("No number is on file"),
    LinkWay.EMAIL: _("No address is on file"),
    LinkWay.QR: _("The caller is not verified: only to the details on file"),
}


class Recipients:
    """What is known of the payment's own customer and call, and what was typed: another number or address."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.number = self.address = ""

    def forget(self) -> None:
        """Forget what was typed."""
        self.number = self.address = ""

    @property
    def callers_number(self) -> str:
        """The caller's number by its last three digits; empty where it is not known here."""
        call = self._call
        return f"•••• {call.number[-3:]}" if call and call.number else ""

    @property
    def on_file(self) -> list[str]:
        """The numbers on the customer record, in E.164, best first."""
        customer = self._customer
        return list(customer.phones) if customer else []

    @property
    def others_on_file(self) -> list[str]:
        """Those that the caller does not ring from."""
        call = self._call
        return [one for one in self.on_file if call is None or one != call.number]

    @property
    def address_on_file(self) -> str:
        """The email address on the customer record; empty where there is none."""
        customer = self._customer
        return (customer.email if customer else None) or ""

    def why_not(self, told: WayInfo) -> str:
        """Why it cannot go this way; empty where it can."""
        reason = (told.off_reason or "").rstrip(".")
        if reason or not only_to_file(self._session) or self.is_known(told.way):
            return reason
        return _NOT_ON_FILE[told.way]

    def is_known(self, way: LinkWay) -> bool:
        """Say whether the hub or the customer record knows where it goes."""
        if way is LinkWay.TEXT:
            if only_to_file(self._session):
                return bool(self.on_file)
            return self._call is None or bool(self.callers_number)
        return way is LinkWay.EMAIL and bool(self.address_on_file)

    def to(self, way: LinkWay) -> str | None:
        """Return where it goes; None where that is the caller's own number, this screen, or not known yet."""
        if way is LinkWay.TEXT:
            return self._typed_number or self._first_on_file or None
        if way is not LinkWay.EMAIL:
            return None
        typed = "" if only_to_file(self._session) else self.address.strip()
        return typed or self.address_on_file or None

    def words(self, way: LinkWay) -> str:
        """Say where it goes without asking; empty where nothing is known."""
        known = {
            LinkWay.TEXT: readable(self._first_on_file) or self.callers_number or _("the caller’s phone"),
            LinkWay.EMAIL: self.address_on_file,
        }
        return known.get(way, "") if self.is_known(way) else ""

    def detail(self, way: LinkWay) -> str:
        """Say beside a way where it leads."""
        if way is LinkWay.QR:
            return _("For a customer who stands in front of you")
        if way is LinkWay.TEXT:
            return self._text_detail()
        to = self.address_on_file
        return (
            _("To {customers_address}").format(customers_address=to) if to else _("None is known: type one")
        )

    def _text_detail(self) -> str:
        if self._first_on_file:
            return _("To {number}, on file").format(number=readable(self._first_on_file))
        if self._call is None:
            return _("To the caller’s phone")
        if self.callers_number:
            return _("To the caller’s phone, {known}").format(known=self.callers_number)
        if self.on_file:
            return _("The caller’s number is withheld: choose or type one")
        return _("The caller’s number is withheld: type one")

    @property
    def _first_on_file(self) -> str:
        """The number on file that stands for the caller's, where it must be one of them; else empty."""
        call = self._call
        theirs = call is not None and call.number in self.on_file
        return next(iter(self.on_file), "") if only_to_file(self._session) and not theirs else ""

    @property
    def _typed_number(self) -> str:
        typed = self.number.strip()
        return "" if only_to_file(self._session) and typed not in self.on_file else typed

    @property
    def _call(self) -> Call | None:
        """The call, where the payment that shows is of it; of another's caller nothing is known."""
        call, payment = self._session.call, self._session.shown_payment
        return call if call and (payment is None or payment.call_id == call.call_id) else None

    @property
    def _customer(self) -> Customer | None:
        """The customer, where the payment that shows is theirs."""
        customer, payment = self._session.customer, self._session.shown_payment
        theirs = customer and (payment is None or payment.customer_id == customer.customer_id)
        return customer if theirs else None
