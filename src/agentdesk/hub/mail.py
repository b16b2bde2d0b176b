"""Mail to customers: the one way out, through the firm's own mail server."""

import asyncio
import hashlib
import smtplib
from contextlib import closing, suppress
from dataclasses import dataclass
from email.message import EmailMessage

from agentdesk.adapters.base import NotSent, OutcomeUnknown, Rejected, VendorError
from agentdesk.hub.settings import Mail
from agentdesk.i18n import _

_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. `reference` names it: the same one always gives the same Message-ID.

    `pdf` is an attachment as name and content.
    """

    to: str
    subject: str
    words: str
    reference: str
    pdf: tuple[str, bytes] | None = None


async def send(mail: Mail | None, letter: Letter) -> None:
    """Hand a letter to the mail server; None: there is none.

    Raises NotSent, Rejected (the address is refused) or OutcomeUnknown.
    """
    if mail is None:
        raise Rejected(_("no mail server is set up"))
    await asyncio.to_thread(_deliver, mail, _message(mail, letter))


def _message(mail: Mail, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = mail.sender, letter.to
    message["Subject"] = letter.subject
    mark = hashlib.sha256(letter.reference.encode()).hexdigest()[:32]  # an address fits no Message-ID
    message["Message-ID"] = f"<{mark}@{mail.sender.partition('@')[2]}>"
    message.set_content(letter.words)
    if letter.pdf is not None:
        name, content = letter.pdf
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return message


def _deliver(mail: Mail, message: EmailMessage) -> None:
    try:
        with closing(smtplib.SMTP(mail.host, mail.port, timeout=_TIMEOUT_S)) as server:
            if mail.starttls:
                server.starttls()
            if mail.username and mail.password:
                server.login(mail.username, mail.password.get_secret_value())
            server.send_message(message)
            with suppress(smtplib.SMTPException, OSError):
                server.quit()  # the mail is taken, however they part
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(next(iter(error.recipients.values()))[0]) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code) from error
    except (ConnectionError, TimeoutError) as error:
        raise NotSent(_("does not answer")) from error
    except (smtplib.SMTPException, OSError) as error:
        raise OutcomeUnknown(_("broke off")) from error


def _refusal(code: int) -> VendorError:
    """Return what a reply allows to conclude (RFC 5321 §4.2.1): 5xx is final, 4xx asks to come again."""
    return (
        Rejected(_("refused it (code {code})").format(code=code))
        if code >= 500
        else NotSent(_("is busy (code {code})").format(code=code))
    )
