"""Customer records in Tryton: parties, their numbers, and notes as the contact log."""

import asyncio
import contextlib
import re
from collections.abc import Sequence
from typing import Any

import phonenumbers

from agentdesk.adapters.base import Health, Rejected
from agentdesk.adapters.records import Activity, HistoryItem, Match, Record
from agentdesk.adapters.tryton.client import NAME, Row, Tryton
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.history import history

_PARTY = (
    "name", "code", "active", "lang.code", "addresses.street", "addresses.city", "addresses.postal_code",
    "contact_mechanisms.type", "contact_mechanisms.value",
)  # fmt: skip
_NUMBER = ("value", "party.name", "party.code", "party.addresses.city", "party.addresses.postal_code")
_NUMBERS = ("phone", "mobile")
_SHORTEST_SEARCH = 2


class TrytonCrm:
    """CrmPort on Tryton's party module. A closed account is a party made inactive."""

    Config = TrytonConfig
    name = NAME

    def __init__(self, config: TrytonConfig) -> None:
        self._tryton = Tryton(config)
        self._region = config.region

    async def aclose(self) -> None:
        """Close the connections."""
        await self._tryton.aclose()

    async def find_by_phone(self, e164: str) -> Sequence[Match]:
        """Return customers with this number, each verified; exact ones first.

        A number that is withheld or not one finds nobody. A match that is not exact has the same national
        number in another country, or stored without one that fits.
        """
        wanted = _parsed(e164, None)
        if wanted is None:
            return []
        national = phonenumbers.national_significant_number(wanted)
        domain = [["type", "in", list(_NUMBERS)], ["value_compact", "like", f"%{national}"]]
        rows = await self._tryton.search("party.contact_mechanism", domain, _NUMBER)
        parties = {row["party"]["id"]: row["party"] for row in rows}
        exact = {row["party"]["id"] for row in rows if self._e164(row["value"]) == e164}
        found = [_match(party, number in exact) for number, party in parties.items()]
        return sorted(found, key=lambda match: (not match.exact, match.name, match.account or ""))

    async def search(self, text: str, *, limit: int = 20) -> Sequence[Match]:
        """Find by name, account, post code, email, invoice number or telephone number.

        Spaces and case do not matter; of a name every word must occur. Whoever has it as their number comes
        first; it may be another one's account all the same.
        """
        if len(_squashed(text)) < _SHORTEST_SEARCH:
            return []
        number = self._e164(text)
        called, named = await asyncio.gather(
            self.find_by_phone(number or ""), self._by_words(text, limit=limit)
        )
        known = {match.customer_id for match in called}
        return [*called, *(match for match in named if match.customer_id not in known)][:limit]

    async def _by_words(self, text: str, *, limit: int) -> list[Match]:
        billed = await self._tryton.search("account.invoice", _bill_domain(text), ["party.id"], limit=limit)
        domain = ["OR", *_party_domains(text), ["id", "in", [row["party"]["id"] for row in billed]]]
        order = [("name", "ASC"), ("code", "ASC")]
        parties = await self._tryton.search("party.party", domain, _PARTY, order=order, limit=limit)
        return [_match(party, exact=False) for party in parties]

    async def record(self, customer_id: str) -> Record | None:
        """Return the customer; None where there is none."""
        party = await self._tryton.get("party.party", customer_id, _PARTY)
        if party is None:
            return None
        mechanisms = party["contact_mechanisms"]
        numbers = (self._e164(row["value"]) for row in mechanisms if row["type"] in _NUMBERS)
        emails = (row["value"] for row in mechanisms if row["type"] == "email")
        return Record(
            customer_id=str(party["id"]),
            name=party["name"],
            account=party["code"],
            phones=tuple(number for number in numbers if number),
            email=next(emails, None),
            address=_address(party),
            language=party["lang"]["code"][:2] if party["lang"] else None,
            closed=not party["active"],
        )

    async def history(self, customer_id: str, *, limit: int = 50) -> Sequence[HistoryItem]:
        """Return the past, newest first: notes and calls, bills, and money that moved or came back."""
        return await history(self._tryton, customer_id, limit)

    async def log_activity(self, customer_id: str, activity: Activity) -> str:
        """Log once for each reference and return the note's id; a second call finds the first.

        Tryton has no unique key for it: of two that overlapping calls wrote, the first stays.
        """
        notes = await self._notes(customer_id, activity.reference)
        if not notes:
            message = f"{_tag(activity.reference)} {activity.subject}\n{activity.body}".rstrip()
            values = {"resource": f"party.party,{customer_id}", "message": message}
            created = await self._tryton.create("ir.note", values)
            notes = await self._notes(customer_id, activity.reference) or [created]
        if len(notes) > 1:
            with contextlib.suppress(Rejected):  # gone already: another writer took it away
                await self._tryton.call("model.ir.note.delete", notes[1:])
        return str(notes[0])

    async def find_activity(self, customer_id: str, reference: str) -> str | None:
        """Return the id of what was logged under the reference."""
        notes = await self._notes(customer_id, reference)
        return str(notes[0]) if notes else None

    async def _notes(self, customer_id: str, reference: str) -> list[int]:
        domain = [
            ["resource", "=", f"party.party,{customer_id}"],
            ["message", "like", f"{_escaped(_tag(reference))}%"],
        ]
        rows = await self._tryton.search("ir.note", domain, ["id"], order=[("id", "ASC")])
        return [row["id"] for row in rows]

    async def check(self) -> Health:
        """Say whether the customer records answer."""
        return await self._tryton.health("party.party")

    def _e164(self, number: str) -> str | None:
        parsed = _parsed(number, self._region)
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if parsed else None


def _parsed(number: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def _match(party: Row, exact: bool) -> Match:
    address = party["addresses"][0] if party["addresses"] else {}
    detail = " ".join(part for part in (address.get("city"), address.get("postal_code")) if part)
    return Match(str(party["id"]), party["name"], party["code"], detail, exact)


def _address(party: Row) -> str | None:
    """Return the first address on one line."""
    if not party["addresses"]:
        return None
    address = party["addresses"][0]
    town = " ".join(part for part in (address["city"], address["postal_code"]) if part)
    street = ", ".join(line.strip() for line in (address["street"] or "").splitlines())
    return ", ".join(part for part in (street, town) if part) or None


def _party_domains(text: str) -> list[list[Any]]:
    words = [["name", "ilike", f"%{_escaped(word)}%"] for word in text.split()]
    spaced = _spaced(text)
    return [
        words,
        ["code", "ilike", spaced],
        ["addresses.postal_code", "ilike", spaced],
        [
            ["contact_mechanisms.type", "=", "email"],
            ["contact_mechanisms.value", "ilike", f"%{_escaped(text)}%"],
        ],
    ]


def _bill_domain(text: str) -> list[Any]:
    return [["type", "=", "out"], ["number", "ilike", _spaced(text)]]


def _spaced(text: str) -> str:
    """Return a pattern for the text from its start, whatever is between its letters and digits.

    What may come between is any text, so `LS6` also finds `LS16`: the nearest a pattern can come.
    """
    return "%".join(_squashed(text)) + "%"


def _squashed(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _tag(reference: str) -> str:
    return f"[PMT:{reference}]"
