"""A mail inbox for receipts: an SMTP server that keeps what it gets and sends nothing on."""

import asyncio
import email
import email.policy
import socket
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse

from agentdesk.sandbox.clock import Clock
from agentdesk.sandbox.web import page

RESERVED = (".example", ".test", ".invalid", ".localhost", ".example.com", ".example.net", ".example.org")
"""Names that RFC 2606 keeps free for examples: no mail for a real person can end up here."""

LARGEST = 10_000_000


@dataclass(frozen=True)
class Mail:
    """One message as it arrived."""

    n: int
    at: str
    sender: str
    recipients: list[str]
    message: EmailMessage

    def html(self) -> str:
        """Return the HTML part, "" when there is none."""
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part else ""

    def text(self) -> str:
        """Return the plain part, "" when there is none."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""

    def attachments(self) -> list[EmailMessage]:
        """Return the attachments in order."""
        return [part for part in self.message.iter_attachments() if isinstance(part, EmailMessage)]

    def listed(self) -> dict[str, Any]:
        """Return what the list shows and the script API gives."""
        return {
            "n": self.n,
            "at": self.at,
            "from": self.sender,
            "to": self.recipients,
            "subject": str(self.message["Subject"] or ""),
            "text": self.text(),
            "html": self.html(),
            "attachments": [_about(part) for part in self.attachments()],
        }


def _about(part: EmailMessage) -> dict[str, Any]:
    size = len(_content(part))
    return {"name": part.get_filename() or "attachment", "type": part.get_content_type(), "bytes": size}


def _content(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else part.as_bytes()


class Inbox:
    """Every message of this process, and the handler that the SMTP server calls."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.mails: list[Mail] = []

    async def listen(self, sock: socket.socket) -> asyncio.Server:
        """Serve SMTP on a bound socket."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(self._connection, sock=sock)

    def _connection(self) -> SMTP:
        return SMTP(self, hostname="sandbox.localhost", data_size_limit=LARGEST, enable_SMTPUTF8=True)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept a recipient at a reserved name, refuse to relay to any other."""
        domain = "." + address.rpartition("@")[2].lower()
        if not domain.endswith(RESERVED):
            return "550 5.7.1 Relaying denied: the sandbox takes mail for example addresses only"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep a message."""
        content = envelope.original_content or b""
        message = email.message_from_bytes(content, policy=email.policy.default)
        at = self._clock.now().isoformat(timespec="seconds")
        sender = envelope.mail_from or ""
        self.mails.append(Mail(len(self.mails) + 1, at, sender, list(envelope.rcpt_tos), message))
        return "250 OK, kept here and sent nowhere"


def router(inbox: Inbox) -> APIRouter:
    """Return the inbox's pages and its list for scripts."""
    routes = APIRouter()

    def mail(n: int) -> Mail:
        if not 1 <= n <= len(inbox.mails):
            raise HTTPException(404, "There is no such message.")
        return inbox.mails[n - 1]

    @routes.get("/_sim/inbox")
    async def listed() -> list[dict[str, Any]]:
        return [kept.listed() for kept in inbox.mails]

    @routes.get("/inbox")
    async def all_mails() -> HTMLResponse:
        return page("inbox.html", mails=[kept.listed() for kept in reversed(inbox.mails)])

    @routes.get("/inbox/{n}")
    async def one(n: int) -> HTMLResponse:
        return page("inbox_message.html", "frame-src 'self'", mail=mail(n).listed())

    @routes.get("/inbox/{n}/html")
    async def html(n: int) -> HTMLResponse:
        """Give the HTML part alone, without scripts and without anything from outside."""
        policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        return HTMLResponse(mail(n).html(), headers={"Content-Security-Policy": policy})

    @routes.get("/inbox/{n}/attachments/{place}")
    async def attachment(n: int, place: int) -> Response:
        parts = mail(n).attachments()
        if not 0 <= place < len(parts):
            raise HTTPException(404, "There is no such attachment.")
        about = _about(parts[place])
        name = "".join(c if c.isalnum() or c in "._- " else "_" for c in about["name"])
        shown = "inline" if about["type"] == "application/pdf" else "attachment"
        headers = {
            "Content-Disposition": f'{shown}; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        }
        return Response(_content(parts[place]), media_type=about["type"], headers=headers)

    return routes
