"""An SMTP server for tests: takes mail, or answers a command as a test wants."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class MailServer:
    """Takes mail as an SMTP server does; `answers` replaces its answer to a command."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.mails: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        writer.write(b"220 mail.example\r\n")
        while line := (await reader.readline()).decode().strip():
            command = line.partition(" ")[0].upper()
            answer = self.answers.get(command, "250 fine")
            if command == "QUIT":
                answer = self.answers.get("QUIT", "221 bye")
            if command == "DATA" and "DATA" not in self.answers:
                writer.write(b"354 go on\r\n")
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                answer = self.answers.get("MAIL_TAKEN", "250 taken")
            if answer == "hang up":
                break
            writer.write(answer.encode() + b"\r\n")
            if command == "QUIT":
                break
        writer.close()


@asynccontextmanager
async def mail_server(**answers: str) -> AsyncIterator[MailServer]:
    """Serve on a free port."""
    server = MailServer(**answers)
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
        server.port = listening.sockets[0].getsockname()[1]
        yield server
