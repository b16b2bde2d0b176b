"""The hosted pay page: no card field on the merchant's origin, tokens only across the border."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from agentdesk.sandbox import cards
from tests.sandbox.merchant import Merchant, fresh_attempt
from tests.until import until


class Parts(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one tag."""
        self.found.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        """Return the attributes of all these tags."""
        return [attrs for tag, attrs in self.found if tag in tags]


def origin(url: str | None) -> str:
    """Return scheme, host and port."""
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}"


def keyed(card: cards.TestCard, **other: str) -> dict[str, str]:
    """Return what a customer types for a card."""
    typed = {"number": card.number, "expiry": f"{card.expiry[:2]} / {card.expiry[2:]}", "cvc": card.cvc}
    return {**typed, **other}


def tokenise(merchant: Merchant, typed: Any) -> httpx.Response:
    """Do what the script of the card fields does."""
    return merchant.sim.post(f"{merchant.sandbox.ready['frame_url']}/frame/tokens", json=typed)


def confirm(merchant: Merchant, link: str, token: str) -> Any:
    """Do what the script of the page does with the token that the frame sent."""
    answer = merchant.sim.post(f"/c/pay/{link}/confirm", json={"payment_method": token})
    return answer.raise_for_status().json()["state"]


def test_the_page_says_who_what_and_how_long(merchant: Merchant) -> None:
    link = merchant.link()
    page = merchant.sim.get(str(link.url))
    for words in ("<title>Northwind Energy</title>", "£123.36", "Invoice INV-2051", "SANDBOX", "expires"):
        assert words in page.text
    assert re.search(r"Pay £123\.36</button>", page.text)


def test_the_page_of_the_merchant_has_no_card_field(merchant: Merchant) -> None:
    link = merchant.link()
    page = merchant.sim.get(str(link.url))
    parts = Parts(page.text)
    assert parts.all("input", "select", "textarea", "form") == []
    (frame,) = parts.all("iframe")
    assert origin(frame["src"]) == merchant.sandbox.ready["frame_url"]
    assert origin(frame["src"]) != origin(str(link.url))


def test_the_card_fields_are_in_the_frame_of_another_origin(merchant: Merchant) -> None:
    link = merchant.link()
    (frame,) = Parts(merchant.sim.get(str(link.url)).text).all("iframe")
    inside = merchant.sim.get(str(frame["src"]))
    assert [field["id"] for field in Parts(inside.text).all("input")] == ["number", "expiry", "cvc"]
    assert f"frame-ancestors {merchant.sandbox.url}" in inside.headers["Content-Security-Policy"]


def test_no_page_may_load_anything_from_elsewhere(merchant: Merchant) -> None:
    link = merchant.link()
    page = merchant.sim.get(str(link.url))
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';") and "frame-ancestors 'none'" in policy
    assert f"frame-src {merchant.sandbox.ready['frame_url']}" in policy
    for part in Parts(page.text).all("script", "link"):
        assert str(part.get("src") or part.get("href")).startswith("/page/")
    for name in ("colours.css", "sandbox.css", "pay.js", "fields.js", "bank.js", "mark.svg"):
        assert merchant.sim.get(f"/page/{name}").status_code == 200
    assert merchant.sim.get("/fonts/Inter-Regular.ttf").status_code == 200


def test_the_frame_gives_a_token_and_the_page_pays_with_it(merchant: Merchant) -> None:
    attempt = fresh_attempt()
    link = merchant.link(payment_intent_data={"metadata": {"attempt": attempt}})
    answer = tokenise(merchant, keyed(cards.by_name("visa-approves")))
    assert answer.status_code == 201 and list(answer.json()) == ["payment_method"]
    token = answer.json()["payment_method"]
    assert token.startswith("pm_")
    assert confirm(merchant, link.id, token) == "paid"
    page = merchant.sim.get(f"/c/pay/{link.id}").text
    assert "Paid £123.36" in page and f"/inbox?paid={link.id}" in page
    assert [c["status"] for c in merchant.charges(attempt)] == ["succeeded"]


def test_a_decline_is_said_on_the_page_and_another_card_pays(merchant: Merchant) -> None:
    link = merchant.link()
    assert confirm(merchant, link.id, merchant.token("visa-insufficient-funds")) == "open"
    page = merchant.sim.get(f"/c/pay/{link.id}").text
    assert "Your card has insufficient funds." in page and "Nothing was charged" in page
    assert confirm(merchant, link.id, merchant.token("mastercard-approves")) == "paid"


@pytest.mark.parametrize(("agrees", "state"), [(True, "paid"), (False, "open")])
def test_the_bank_asks_in_a_frame_of_its_own(merchant: Merchant, agrees: bool, state: str) -> None:
    link = merchant.link()
    assert confirm(merchant, link.id, merchant.token("visa-needs-3ds")) == "challenge"
    (frame,) = Parts(merchant.sim.get(str(link.url)).text).all("iframe")
    where = str(frame["src"])
    assert origin(where) == merchant.sandbox.ready["frame_url"]
    asked = merchant.sim.get(where).text
    assert "Visa ending 3155" in asked and "Yes, approve £123.36" in asked and "SANDBOX" in asked
    merchant.sim.post(where, json={"agrees": agrees}).raise_for_status()
    page = merchant.sim.get(f"/c/pay/{link.id}").text
    assert f'data-state="{state}"' in page
    assert "nothing to answer here" in merchant.sim.get(where).text


def test_a_late_answer_shows_as_still_deciding(merchant: Merchant) -> None:
    link = merchant.link()
    assert confirm(merchant, link.id, merchant.token("visa-late")) == "processing"
    assert "still deciding" in merchant.sim.get(f"/c/pay/{link.id}").text
    until(lambda: 'data-state="paid"' in merchant.sim.get(f"/c/pay/{link.id}").text)


def test_an_expired_page_offers_nothing(merchant: Merchant) -> None:
    link = merchant.link()
    merchant.sim.post(f"/_sim/links/{link.id}/expire").raise_for_status()
    page = merchant.sim.get(str(link.url)).text
    assert "This page has expired" in page and Parts(page).all("iframe", "button") == []
    answer = merchant.sim.post(f"/c/pay/{link.id}/confirm", json={"payment_method": merchant.token()})
    assert answer.status_code == 400


def test_an_unknown_page_is_not_found(merchant: Merchant) -> None:
    assert merchant.sim.get("/c/pay/cs_test_nothing").status_code == 404
    assert merchant.sim.get(f"{merchant.sandbox.ready['frame_url']}/frame/bank/pi_nothing").status_code == 404


def not_a_test_card() -> str:
    """Return a number that passes the check digit but is nobody's test card."""
    start = "499999999999999"
    return next(start + digit for digit in "0123456789" if cards.passes_luhn(start + digit))


CARD = cards.by_name("visa-approves")
REFUSED: list[tuple[Any, str, str]] = [
    (keyed(CARD, number=not_a_test_card()), "number", "Only test cards are accepted here."),
    (keyed(CARD, number="12"), "number", "This card number is not valid."),
    (keyed(CARD, expiry="13/34"), "expiry", "Write the month and year, such as 12 / 34."),
    (keyed(CARD, expiry="01/20"), "expiry", "This card has expired."),
    (keyed(CARD, cvc="1234"), "cvc", "It has 3 digits."),
    (keyed(cards.by_name("amex-approves"), cvc="123"), "cvc", "It has 4 digits."),
    (["no", "fields"], "number", "That was not card data."),
]


@pytest.mark.parametrize(("typed", "field", "message"), REFUSED)
def test_what_cannot_be_used_is_refused_and_never_repeated(
    merchant: Merchant, typed: Any, field: str, message: str
) -> None:
    answer = tokenise(merchant, typed)
    assert (answer.status_code, answer.json()) == (422, {"field": field, "message": message})


def test_nothing_typed_reaches_the_journal(merchant: Merchant) -> None:
    tokenise(merchant, keyed(CARD))
    tokenise(merchant, keyed(CARD, number=not_a_test_card()))
    journal = merchant.sim.get("/_sim/journal").text
    assert CARD.number not in journal and not_a_test_card() not in journal
    assert not re.search(r"\d{13,19}", journal)


def test_an_unknown_card_name_is_refused(merchant: Merchant) -> None:
    assert merchant.pay(merchant.link(), "no-such-card").status_code == 422
