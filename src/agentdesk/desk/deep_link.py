"""`agentdesk://call?number=…&ref=…&queue=…`: a phone program tells the running desk of a call.

The desk listens on loopback and leaves the port and a key in a file that only its user can read.
Plain sockets, because Qt's local ones need a library that a bare machine does not have.
"""

import asyncio
import contextlib
import hmac
import json
import os
import secrets
import socket
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import platformdirs
import structlog
from pydantic import ValidationError

from agentdesk.desk.command import Command
from agentdesk.desk.session import Session
from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.errors import Invalid
from agentdesk.wire.calls import NewCall

LONGEST = 1000
_PATIENCE_S = 2

log = structlog.get_logger(__name__)


def parse(link: str) -> NewCall:
    """Read a link. Raises Invalid: it comes from outside and may hold anything."""
    if len(link) > LONGEST:
        raise Invalid("body_too_large")
    if looks_like_pan(link):
        raise Invalid("card_number_refused")
    parts = urlsplit(link)
    if parts.scheme != "agentdesk" or parts.netloc != "call":
        raise Invalid("field_invalid", field="link", reason="it is not an agentdesk://call link")
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    try:
        return NewCall(number=given.get("number"), queue=given.get("queue"), call_ref=given.get("ref"))
    except ValidationError as error:
        raise Invalid("field_invalid", field="link", reason="a part of it is too long") from error


def card() -> Path:
    """Return the file that says where this user's desk listens."""
    return platformdirs.user_data_path("agentdesk") / "desk.json"


def send(link: str, at: Path) -> bool:
    """Hand a link to the running desk; False where none runs."""
    try:
        where = json.loads(at.read_text())
        with socket.create_connection(("127.0.0.1", where["port"]), _PATIENCE_S) as line:
            line.sendall(f"{where['key']} {link}\n".encode())
            return line.recv(3) == b"ok\n"
    except (OSError, ValueError):
        return False


class Listener:
    """Takes links from this user only and tells the hub of their calls."""

    def __init__(self, session: Session, at: Path) -> None:
        self._session, self._at, self._key = session, at, secrets.token_urlsafe()
        self._tell = Command(session.tasks, session.add_call, session)
        self._tell.failed.connect(session.failed)
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
            if hmac.compare_digest(key.encode(), self._key.encode()) and self._tell_hub(link):
                writer.write(b"ok\n")

    def _tell_hub(self, link: str) -> bool:
        try:
            new = parse(link)
        except Invalid as error:
            log.info("a link was refused", code=error.code)
            return False
        return self._session.person is not None and self._tell.start(new)
