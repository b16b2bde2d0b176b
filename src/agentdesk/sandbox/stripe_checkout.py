"""Checkout sessions: a page on which the customer pays, once, before it expires."""

from agentdesk.sandbox import stripe_customers, stripe_objects, stripe_payments
from agentdesk.sandbox.stripe_account import Account
from agentdesk.sandbox.stripe_errors import StripeError, missing
from agentdesk.sandbox.stripe_forms import Form, mapping, metadata, one_of, text, whole
from agentdesk.sandbox.stripe_store import Obj

SOONEST_S = 30 * 60
LATEST_S = 24 * 3600
KEPT = (
    "cancel_url",
    "client_reference_id",
    "customer",
    "customer_email",
    "locale",
    "success_url",
    "submit_type",
)
PAID = frozenset({"succeeded", "processing", "requires_capture"})


class Checkout:
    """The sessions of one account, and what the customer's page needs of them."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._items: dict[str, list[Obj]] = {}
        self._intent_data: dict[str, Form] = {}
        account.watchers.append(self._intent_moved)

    def create(self, account: Account, form: Form) -> Obj:
        """Make an open session and its link."""
        text(form, "success_url")
        if form.get("customer"):
            account.store.get("customer", form["customer"], "customer")
        data = mapping(form, "payment_intent_data")
        metadata(data)
        mode = one_of(form, "mode", ("payment", "setup"), "payment")
        items = [] if mode == "setup" else _items(form)
        made = _session(mode or "payment", items, expires=self._expires(form))
        made |= {name: form[name] for name in KEPT if form.get(name)} | {"metadata": metadata(form)}
        session = account.store.add(made)
        session["url"] = f"{account.box.url}/c/pay/{session['id']}"
        self._items[session["id"]] = [account.store.add(item) for item in items]
        self._intent_data[session["id"]] = data
        account.box.tasks.start(self._expire_in_time(session))
        return session

    def _expires(self, form: Form) -> int:
        now = self.account.clock.unix()
        at = whole(form, "expires_at") if "expires_at" in form else now + LATEST_S
        if not now + SOONEST_S - 5 <= at <= now + LATEST_S + 5:
            message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from now."
            raise StripeError.invalid(message, param="expires_at")
        return at

    def retrieve(self, account: Account, form: Form, session_id: str) -> Obj:
        """Return a session; its line items only when asked for by `expand`."""
        session = account.store.get("checkout.session", session_id)
        if any(path.startswith("line_items") for path in form.get("expand", [])):
            return session | {"line_items": self.line_items(account, {}, session_id)}
        return session

    def line_items(self, account: Account, form: Form, session_id: str) -> Obj:
        """List what is paid for."""
        account.store.get("checkout.session", session_id)
        ids = {item["id"] for item in self._items[session_id]}
        url = f"/v1/checkout/sessions/{session_id}/line_items"
        return account.store.page("item", url, form, lambda row: row["id"] in ids)

    def page(self, account: Account, form: Form) -> Obj:
        """List sessions, newest first."""
        wanted = {name: form[name] for name in ("customer", "payment_intent") if name in form}
        url = "/v1/checkout/sessions"
        return account.store.page(
            "checkout.session", url, form, lambda row: all(row[k] == v for k, v in wanted.items())
        )

    def expire(self, account: Account, form: Form, session_id: str) -> Obj:
        """Close an open session for good; one that is not open may have been paid (400)."""
        session = account.store.get("checkout.session", session_id)
        if session["status"] != "open":
            message = (
                f'Only Checkout Sessions with a status in ["open"] can be expired, not {session["status"]}.'
            )
            raise StripeError.invalid(message)
        session |= {"status": "expired", "url": None}
        intent = self._intent(session)
        if intent and intent["status"] in stripe_payments.CANCELLABLE:
            stripe_payments.cancel(account, {}, intent["id"])
        account.events.emit("checkout.session.expired", session)
        return session

    async def _expire_in_time(self, session: Obj) -> None:
        await self.account.clock.sleep(session["expires_at"] - self.account.clock.unix())
        if session["status"] == "open":
            self.expire(self.account, {}, session["id"])

    def pay(self, session_id: str, token: str) -> Obj:
        """Pay an open session as its customer; return the intent, raise a decline (402)."""
        session = self.account.store.get("checkout.session", session_id)
        if session["status"] != "open":
            raise StripeError.invalid("This page is no longer open.")
        if session["mode"] == "setup":
            return self._keep_card(session, token)
        intent = self._intent(session) or self._begin(session)
        return stripe_payments.confirm(self.account, {"payment_method": token}, intent["id"])

    def _begin(self, session: Obj) -> Obj:
        """Make the payment intent, as the vendor does, only when the customer first tries to pay."""
        amount = {"amount": str(session["amount_total"]), "currency": session["currency"]}
        customer = {"customer": session["customer"]} if session["customer"] else {}
        given = self._intent_data[session["id"]]
        intent = stripe_payments.create(self.account, {**given, **amount, **customer})
        session["payment_intent"] = intent["id"]
        return intent

    def _keep_card(self, session: Obj, token: str) -> Obj:
        customer = {"customer": session["customer"]} if session["customer"] else {}
        setup = stripe_customers.create_setup(
            self.account, {"payment_method": token, "confirm": "true", **customer}
        )
        session["setup_intent"] = setup["id"]
        self._complete(session, "no_payment_required")
        return setup

    def intent_of(self, session_id: str) -> Obj | None:
        """Return the payment intent of a session; None before the customer first tried to pay."""
        return self._intent(self.account.store.get("checkout.session", session_id))

    def _intent(self, session: Obj) -> Obj | None:
        wanted = session["payment_intent"]
        return self.account.store.get("payment_intent", wanted) if wanted else None

    def _intent_moved(self, intent: Obj) -> None:
        """Carry a move of the intent over to the session that waits for it."""
        sessions = self.account.store.newest("checkout.session")
        session = next((row for row in sessions if row["payment_intent"] == intent["id"]), None)
        if session is None:
            return
        paid = "paid" if intent["status"] == "succeeded" else "unpaid"
        if session["status"] == "open" and intent["status"] in PAID:
            self._complete(session, paid)
        elif session["status"] == "complete" and session["payment_status"] == "unpaid":
            self._late(session, intent, paid)

    def _complete(self, session: Obj, payment_status: str) -> None:
        session |= {"status": "complete", "payment_status": payment_status, "url": None}
        self.account.events.emit("checkout.session.completed", session)

    def _late(self, session: Obj, intent: Obj, paid: str) -> None:
        session["payment_status"] = paid
        if paid == "paid":
            self.account.events.emit("checkout.session.async_payment_succeeded", session)
        elif intent["status"] == "requires_payment_method":
            self.account.events.emit("checkout.session.async_payment_failed", session)


def _items(form: Form) -> list[Obj]:
    given = form.get("line_items", [])
    if not given:
        raise missing("line_items")
    items = [_item(mapping(row, "price_data"), row) for row in given]
    if len({item["currency"] for item in items}) > 1:
        raise StripeError.invalid("All line items must have the same currency.", param="line_items")
    total = {"amount": str(sum(item["amount_total"] for item in items)), "currency": items[0]["currency"]}
    stripe_payments.money(total)
    return items


def _item(price: Form, row: Form) -> Obj:
    quantity = whole(row, "quantity") if "quantity" in row else 1
    amount = whole(price, "unit_amount") * quantity
    return {
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": text(price, "currency").lower(),
        "description": text(mapping(price, "product_data"), "name"),
        "price": None,
        "quantity": quantity,
    }


def _session(mode: str, items: list[Obj], expires: int) -> Obj:
    total = sum(item["amount_total"] for item in items)
    return stripe_objects.checkout_session(
        amount_subtotal=total if items else None,
        amount_total=total if items else None,
        currency=items[0]["currency"] if items else None,
        expires_at=expires,
        mode=mode,
        payment_status="unpaid" if mode == "payment" else "no_payment_required",
    )
