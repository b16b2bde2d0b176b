"""A person at the hub's own routes, and callers at the sandbox's: what the desk does, without a screen."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from agentdesk.cli.demo import tryton
from agentdesk.cli.demo.call import Refused, call
from agentdesk.cli.demo.world import ADMIN, AGENT, PASSWORD, World, new_key
from tests.until import until

FIELDS = ("number", "expiry", "security_code")
ENDED = ("approved", "declined", "not_sent")


@dataclass
class Person:
    """Somebody signed in to the hub."""

    world: World
    account: tuple[str, str, str, int | None]
    token: str = ""

    def __post_init__(self) -> None:
        self.token = self.world.sign_in(self.account)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Call a route and return its answer. Raises Refused."""
        return call(method, f"{self.world.hub.url}{path}", body, token=self.token)

    def refused(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Call a route that must refuse and return the problem document."""
        import json

        try:
            answer = self.ask(method, path, body)
        except Refused as error:
            return dict(json.loads(error.body))
        raise AssertionError(f"was not refused: {answer}")

    def finish_calls(self) -> None:
        """End what is left of this person's calls."""
        for one in self.ask("GET", "/v1/calls/current"):
            for intent_id in one["payment_intent_ids"] if one["agent"] else []:
                self._cancel(intent_id)
            if one["agent"]:
                end = {"disposition": "enquiry", "note": ""}
                self.ask("POST", f"/v1/calls/{one['call_id']}/wrap-up", end)

    def _cancel(self, intent_id: str) -> None:
        for attempt in self.ask("GET", f"/v1/payment-intents/{intent_id}")["payment"]["attempts"]:
            if attempt["state"] == "open":
                self.ask("POST", f"/v1/attempts/{attempt['attempt_id']}/cancel")

    def take_call(self, number: str | None) -> "Line":
        """Let this number ring and answer it; waits until the customer was looked up."""
        ref = self.world.ring(number)
        ringing: list[dict[str, Any]] = []

        def arrived() -> bool:
            calls = self.ask("GET", "/v1/calls/current")
            ringing[:] = [one for one in calls if one["state"] == "ringing" and one["agent"] is None]
            return any(one["matches"] or one["match_problem"] for one in ringing)

        until(arrived)
        call_id = ringing[-1]["call_id"]
        self.ask("POST", f"/v1/calls/{call_id}/answer")
        line = Line(self, call_id, ref)
        until(lambda: line.at_network()["status"] == "in-progress")
        return line


def hire(world: World, who: tuple[str, str, str, int | None]) -> Person:
    """Return an agent who may refund, made by the administrator unless they are there."""
    admin, (username, name, role, limit_minor) = world.sign_in(ADMIN), who
    known = call("GET", f"{world.hub.url}/v1/agents", token=admin)
    if name not in [one["name"] for one in known]:
        new = {"username": username, "name": name, "role": role, "limit_minor": limit_minor}
        new |= {"password": PASSWORD, "may_refund": True}
        call("POST", f"{world.hub.url}/v1/people", new, token=admin)
    return Person(world, who)


class Strangers:
    """Customers without a story, each for one test alone.

    Who paid a moment ago is stopped by the guard against second payments, whichever test comes next.
    """

    def __init__(self, world: World) -> None:
        self._agent = Person(world, AGENT)
        people = tryton.callers(world.folder / "tryton")
        self._left = [one for one in people if one["phone"] and not one["special"]]
        self._owed: dict[str, list[int]] = {}

    def owing(self, bills: int = 1, more_than: int = 0) -> str:
        """Return the number of the next who owes so many bills, each of more than this."""
        for one in self._left:
            owed = self._bills(str(one["code"]))
            if len(owed) >= bills and all(minor > more_than for minor in owed):
                self._left.remove(one)
                return str(one["phone"])
        raise AssertionError("nobody is left who owes that")

    def _bills(self, code: str) -> list[int]:
        if code not in self._owed:
            found = self._agent.ask("GET", f"/v1/customers?q={quote(code)}")["rows"]
            customer = self._agent.ask("GET", f"/v1/customers/{found[0]['customer_id']}")
            self._owed[code] = [item["outstanding"]["minor"] for item in customer["open_items"]]
        return self._owed[code]


@dataclass
class Line:
    """An answered call."""

    person: Person
    call_id: str
    ref: str
    keys: list[str] = field(default_factory=list)

    def show(self) -> dict[str, Any]:
        """Return the call as the hub has it."""
        return dict(self.person.ask("GET", f"/v1/calls/{self.call_id}"))

    def at_network(self) -> dict[str, Any]:
        """Return the call as the phone network has it."""
        return dict(call("GET", f"{self.person.world.sandbox.url}/_sim/calls/{self.ref}"))

    def customer(self) -> dict[str, Any]:
        """Return the customer of the call."""
        return dict(self.person.ask("GET", f"/v1/customers/{self.show()['customer_id']}"))

    def intent_body(
        self, minor: int, invoices: list[dict[str, Any]] | None = None, **more: Any
    ) -> dict[str, Any]:
        """Return a payment intent of this call; with invoices, each is paid in full."""
        return {
            "key": new_key(),
            "call_id": self.call_id,
            "customer_id": self.show()["customer_id"],
            "amount": {"minor": minor, "currency": "GBP"},
            "allocations": [
                {"invoice_id": one["invoice_id"], "amount": one["outstanding"]} for one in invoices or []
            ],
            **more,
        }

    def agree(self, minor: int, invoices: list[dict[str, Any]] | None = None, **more: Any) -> "Taking":
        """Write down what the caller pays."""
        made = self.person.ask("POST", "/v1/payment-intents", self.intent_body(minor, invoices, **more))
        return Taking(self, made["intent_id"])

    def hang_up(self) -> None:
        """The caller hangs up."""
        call("POST", f"{self.person.world.sandbox.url}/_sim/calls/{self.ref}/hang-up")

    def script(self, what: str, **body: Any) -> None:
        """Have the caller do something."""
        call("POST", f"{self.person.world.sandbox.url}/_sim/calls/{self.ref}/{what}", body)


@dataclass
class Taking:
    """A payment being taken on a line."""

    line: Line
    intent_id: str

    def show(self) -> dict[str, Any]:
        """Return the payment."""
        return dict(self.line.person.ask("GET", f"/v1/payment-intents/{self.intent_id}")["payment"])

    def timeline(self) -> list[dict[str, Any]]:
        """Return the payment's time line."""
        return list(self.line.person.ask("GET", f"/v1/payment-intents/{self.intent_id}")["timeline"])

    def attempt(self) -> dict[str, Any]:
        """Return the last attempt."""
        return dict(self.show()["attempts"][-1])

    def start(self) -> dict[str, Any]:
        """Secure the line; return the attempt."""
        body = {"key": new_key(), "route": "keypad"}
        self.line.person.ask("POST", f"/v1/payment-intents/{self.intent_id}/attempts", body)
        return self.attempt()

    def send_link(self) -> str:
        """Text the caller a link, and return it as it came to the phone."""
        body = {"key": new_key(), "route": "link"}
        self.line.person.ask("POST", f"/v1/payment-intents/{self.intent_id}/attempts", body)
        return self.texted_link()

    def texted_link(self) -> str:
        """Return the newest link as it came to the phone, when it has arrived."""
        until(lambda: self.attempt()["link"]["delivered_at"])
        return str(self.line.at_network()["texts"][-1]["body"].rpartition(" ")[2])

    def mail_link(self, address: str) -> None:
        """Send a link by email."""
        body = {"key": new_key(), "route": "link", "send_by": "email", "send_to": address}
        self.line.person.ask("POST", f"/v1/payment-intents/{self.intent_id}/attempts", body)

    def mailed_link(self, address: str) -> str:
        """Return the newest link that came to this address."""
        until(lambda: self.attempt()["link"]["sent_at"])
        mails = call("GET", f"{self.line.person.world.sandbox.url}/_sim/inbox")
        newest = next(one for one in reversed(mails) if one["to"] == [address])
        return next(word for word in newest["text"].split() if "/c/pay/" in word)

    def pay_link(self, url: str, card: str) -> str:
        """Pay on the page as its customer, with a card by its name; return what the page says then."""
        pages = f"{self.line.person.world.sandbox.url}/_sim/links"
        return str(call("POST", f"{pages}/{url.rpartition('/')[2]}/pay", {"card": card})["state"])

    def field(self, name: str) -> dict[str, Any]:
        """Return one field's progress."""
        return next(f for f in self.attempt()["capture"]["fields"] if f["field"] == name)

    def ask(self, name: str) -> None:
        """Ask for a field."""
        self.line.person.ask("POST", f"/v1/attempts/{self.attempt()['attempt_id']}/fields/{name}")

    def key(self, name: str, card: str) -> None:
        """Ask for a field and have the caller key it from a card by its name."""
        self.ask(name)
        self.line.script("key-card", card=card, field="auto", gap_ms=0)
        until(lambda: self.field(name)["state"] in ("done", "failed"))

    def key_card(self, card: str) -> None:
        """Secure the line and have the caller key the whole card."""
        assert self.start()["capture"]["secured_at"], self.attempt()
        for name in FIELDS:
            self.key(name, card)
            assert self.field(name)["state"] == "done", self.field(name)

    def submit(self) -> None:
        """Submit, as F10 does."""
        self.line.person.ask("POST", f"/v1/attempts/{self.attempt()['attempt_id']}/submit")

    def cancel(self) -> None:
        """Cancel, as the agent does."""
        self.line.person.ask("POST", f"/v1/attempts/{self.attempt()['attempt_id']}/cancel")

    def take(self, card: str) -> dict[str, Any]:
        """Take the payment with this card and return the attempt when its outcome is known."""
        self.key_card(card)
        self.submit()
        until(lambda: self.attempt()["state"] in ENDED)
        return self.attempt()

    def charges(self) -> list[dict[str, Any]]:
        """Return the charges the processor made for any attempt of this payment."""
        ids = {one["attempt_id"] for one in self.show()["attempts"]}
        found = call("GET", f"{self.line.person.world.sandbox.url}/_sim/charges")
        return [one for one in found if one["metadata"].get("attempt") in ids]

    def written(self) -> dict[str, str]:
        """Return the state of each write-back by its kind."""
        return {one["kind"]: one["state"] for one in self.show()["write_backs"]}


@dataclass
class Phone:
    """The sandbox's script side."""

    world: World

    def fault(self, **wish: Any) -> None:
        """Arm a fault."""
        call("POST", f"{self.world.sandbox.url}/_sim/faults", wish)

    def has_struck(self, kind: str) -> bool:
        """Say whether a request ran into a fault of this kind."""
        told = call("GET", f"{self.world.sandbox.url}/_sim/journal")
        return any(one["what"] == "fault" and one["facts"]["kind"] == kind for one in told)

    def disarm(self) -> None:
        """Disarm every fault."""
        call("DELETE", f"{self.world.sandbox.url}/_sim/faults")

    def hang_up(self, ref: str) -> None:
        """The caller hangs up."""
        call("POST", f"{self.world.sandbox.url}/_sim/calls/{ref}/hang-up")

    def key(self, ref: str, digits: str) -> None:
        """The caller presses these keys."""
        call("POST", f"{self.world.sandbox.url}/_sim/calls/{ref}/keys", {"digits": digits, "gap_ms": 10})

    def key_card(self, ref: str, card: str) -> None:
        """The caller keys the field that is asked from the card of this name."""
        wish = {"card": card, "field": "auto", "gap_ms": 10}
        call("POST", f"{self.world.sandbox.url}/_sim/calls/{ref}/key-card", wish)
