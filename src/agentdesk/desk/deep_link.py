"""`agentdesk://call?number=…&ref=…&queue=…`: a phone program tells the running desk of a call.

The desk listens on loopback and leaves the port and a key in a file that only its user can read.
Plain sockets, because Qt's local ones need a library that a bare machine does not have.
"""

import asyncio
import contextlib
import hmac
import json
import os
import re
import secrets
import socket
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import platformdirs
import structlog
from pydantic import ValidationError

from agentdesk.desk.session import Session
from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.errors import AgentDeskError, Invalid, NotSignedIn
from agentdesk.i18n import _
from agentdesk.wire.calls import NewCall

LONGEST = 1000
NO_DESK = _("No desk that is signed in runs here. Start it with: agentdesk desk")
_PATIENCE_S = 2
#: The desk answers only after the hub has.
_HUB_PATIENCE_S = 40
_TAKEN = "ok"
#: Sent in place of a link that looked like a card number: the desk hears of it, and no digit goes on.
REFUSED = "refused"

log = structlog.get_logger(__name__)


def parse(link: str) -> NewCall:
    """Read a link. Raises Invalid: it comes from outside and may hold anything."""
    if link == REFUSED:
        raise Invalid("card_number_refused")
    if len(link) > LONGEST:
        raise Invalid("body_too_large")
    try:
        parts = urlsplit(link)
    except ValueError as error:
        raise Invalid("field_invalid", field="link", reason=_("it is not a link")) from error
    given = _given(parts.query)
    texts = [link, *(text for pair in given for text in pair)]
    if any(looks_like_pan(text) or looks_like_pan(_decoded(text)) for text in texts):
        raise Invalid("card_number_refused")
    if parts.scheme != "agentdesk" or parts.netloc != "call":
        raise Invalid("field_invalid", field="link", reason=_("it is not an agentdesk://call link"))
    last = {name: value for name, value in given if value}
    try:
        return NewCall(number=last.get("number"), queue=last.get("queue"), call_ref=last.get("ref"))
    except ValidationError as error:
        raise Invalid("field_invalid", field="link", reason=_("a part of it is too long")) from error


def _given(query: str) -> list[tuple[str, str]]:
    pairs = parse_qsl(query, keep_blank_values=True)
    # a + that nobody encoded comes out as a space, and no telephone number begins with one
    return [(name, re.sub("^ ", "+", value) if name == "number" else value) for name, value in pairs]


def _decoded(text: str) -> str:
    """Undo percent encoding, however often it was done."""
    while (plain := unquote(text)) != text:
        text = plain
    return text


def card() -> Path:
    """Return the file that says where this user's desk listens."""
    return platformdirs.user_data_path("agentdesk") / "desk.json"


def send(link: str, at: Path) -> str:
    """Hand a link to the running desk; return why its call does not show, empty where it does."""
    try:
        where = json.loads(at.read_text())
        with socket.create_connection(("127.0.0.1", where["port"]), _PATIENCE_S) as line:
            line.settimeout(_HUB_PATIENCE_S)
            line.sendall(f"{where['key']} {link}\n".encode())
            with line.makefile(encoding="utf-8") as answer:
                words = answer.readline().strip() or NO_DESK
    except (OSError, ValueError):
        return NO_DESK
    return "" if words == _TAKEN else words


class Listener:
    """Takes links from this user only and tells the hub of their calls."""

    def __init__(self, session: Session, at: Path) -> None:
        self._session, self._at, self._key = session, at, secrets.token_urlsafe()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen, and say where."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, limit=2 * LONGEST)
        port = self._server.sockets[0].getsockname()[1]
        self._at.parent.mkdir(parents=True, exist_ok=True)
        self._at.unlink(missing_ok=True)
        descriptor = os.open(self._at, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"port": port, "key": self._key}, file)

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            self._at.unlink(missing_ok=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            try:
                line = (await asyncio.wait_for(reader.readline(), _PATIENCE_S)).decode(errors="replace")
            except (ValueError, TimeoutError, OSError):
                return
            key, _, link = line.strip().partition(" ")
            if hmac.compare_digest(key.encode(), self._key.encode()):
                answer = await self._session.tasks.start(self._tell_hub(link))
                writer.write(f"{answer}\n".encode())

    async def _tell_hub(self, link: str) -> str:
        """Return what the sender is told: the hub's words where it refused."""
        try:
            new = parse(link)
            if self._session.person is None:
                raise NotSignedIn("not_signed_in")
            await self._session.add_call(new)
        except AgentDeskError as error:
            log.info("a link was refused", code=error.code)
            if self._session.person is not None:
                self._session.failed.emit(error)
                await self._note(error)
            return error.text
        return _TAKEN

    async def _note(self, refusal: AgentDeskError) -> None:
        """Have the hub keep that a card number was refused here."""
        if refusal.code != "card_number_refused":
            return
        try:
            await self._session.client.note_refusal()
        except AgentDeskError as error:
            log.warning("a refusal is not in the audit log", code=error.code)
