"""The caller's phone page: complete, self-contained, and without a card number on it."""

import re

import httpx
import pytest

from agentdesk.sandbox import cards
from agentdesk.sandbox.journal import has_digit_run
from agentdesk.sandbox.phone import BADGES, MISHAPS


@pytest.mark.parametrize("path", ["/phone", "/phone?call=CA1", "/phone/CA1"])
def test_it_opens_with_or_without_a_call(sim: httpx.Client, path: str) -> None:
    reply = sim.get(path)
    assert (reply.status_code, "SANDBOX" in reply.text) == (200, True)
    assert ('data-call="CA1"' in reply.text) == ("CA1" in path)


def test_the_first_page_lists_the_phones(sim: httpx.Client) -> None:
    call = sim.post("/_sim/calls", json={"from": "+441632960123"}).json()
    text = sim.get("/").text
    assert f'href="/phone/{call["sid"]}">+441632960123</a>' in text
    assert "Ringing" in text
    parts = re.findall(r'href="([^"#]+)', text)
    assert {part: sim.get(part).status_code for part in parts if sim.get(part).status_code != 200} == {}


def test_it_shows_every_card_and_no_number(sim: httpx.Client) -> None:
    text = sim.get("/phone").text
    assert [card.name for card in cards.CARDS if f'value="{card.name}"' not in text] == []
    assert not has_digit_run(text)


def test_it_loads_nothing_from_elsewhere(sim: httpx.Client) -> None:
    reply = sim.get("/phone")
    assert "default-src 'self'" in reply.headers["content-security-policy"]
    parts = re.findall(r'(?:src|href)="([^"#]+)', reply.text)
    assert [part for part in parts if not part.startswith("/")] == []
    assert {part: sim.get(part).status_code for part in parts if sim.get(part).status_code != 200} == {}


def test_every_icon_that_is_used_is_drawn(sim: httpx.Client) -> None:
    used = set(re.findall(r'phone-icons\.svg#([\w-]+)"', sim.get("/phone").text))
    used |= set(re.findall(r"phone-icons\.svg#([\w-]+)", sim.get("/page/phone.js").text))
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', sim.get("/page/phone-icons.svg").text))
    assert used == drawn


def test_every_mishap_does_something(sim: httpx.Client) -> None:
    script = sim.get("/page/phone.js").text
    (table,) = re.findall(r"const MISHAPS = \{(.*?)\n\};", script, re.DOTALL)
    assert {name for name, _, _ in MISHAPS} == set(re.findall(r'^  "?([\w-]+)"?:', table, re.MULTILINE))


def test_every_kind_of_badge_belongs_to_a_card() -> None:
    assert set(BADGES) <= {card.does for card in cards.CARDS}
