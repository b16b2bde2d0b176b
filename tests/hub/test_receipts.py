"""The receipt: what it says, and how the mail server's answers are understood."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from io import BytesIO

import pytest
from pydantic import ValidationError
from pypdf import PdfReader

from agentdesk.adapters.base import NotSent, OutcomeUnknown, Rejected
from agentdesk.hub import payments, posting, receipts, write_backs
from agentdesk.hub.db.engine import Sessions
from agentdesk.hub.db.query import approved_attempt
from agentdesk.hub.db.tables import Attempt, PaymentIntent, WriteBack
from agentdesk.hub.receipts import Receipt
from agentdesk.hub.settings import Mail
from agentdesk.wire.payments import ReceiptIn
from tests.hub.mail_server import mail_server
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
_MM = 72 / 25.4


@pytest.fixture
async def till(database_url: str, sessions: Sessions) -> AsyncIterator[Till]:
    """Give a till whose hub has a mail server, on no port yet."""
    mail = Mail(host="127.0.0.1", port=1, sender="pay@northwind.example", starttls=False)
    till = Till(database_url, sessions, mail=mail)
    await till.open()
    yield till
    await till.hub.finish()


async def _receipt(till: Till) -> Receipt:
    attempt_id = await till.paid()
    async with till.hub.sessions() as session:
        intent = await session.get_one(PaymentIntent, (await till.show(attempt_id)).intent_id)
        attempt = await approved_attempt(session, intent.intent_id)
        return await receipts.prepare(session, intent, attempt, till.hub.settings)


async def _send(till: Till, port: int, receipt: Receipt | None = None) -> None:
    assert till.hub.settings.mail
    object.__setattr__(till.hub.settings.mail, "port", port)
    wanted = receipt or await _receipt(till)
    await receipts.send(till.hub, wanted, "amara@example.com", "PMT-1:amara@example.com")


async def test_receipt_says_what_was_paid_for_what_with_which_card(till: Till) -> None:
    receipt = await _receipt(till)
    assert (str(receipt.amount), receipt.customer_name, receipt.account) == (
        "£123.36",
        "Amara Okafor",
        "40012345",
    )
    assert (str(receipt.card), receipt.authorization_code) == ("Visa ending 4242", "A1B2C3")
    assert [(number, str(amount)) for number, amount in receipt.parts] == [("INV-7", "£123.36")]
    drawn = receipts.pdf(receipt)
    assert drawn.startswith(b"%PDF")


@pytest.mark.parametrize("name", ["Amaranthe " * 7, "X" * 70], ids=["words", "one word"])
async def test_a_long_name_stays_in_its_column(till: Till, name: str) -> None:
    receipt = replace(await _receipt(till), customer_name=name.strip())
    (sheet,) = PdfReader(BytesIO(receipts.pdf(receipt))).pages
    drawn: list[tuple[str, float, float]] = []

    def look(text: str, _at: list[float], place: list[float], _font: object, _size: float) -> None:
        drawn.append((text.strip(), place[4] / _MM, place[5] / _MM))

    sheet.extract_text(visitor_text=look)
    lines = [(x, y) for text, x, y in drawn if text and set(text) <= set(name)]
    said = "".join(text for text, _x, _y in drawn if text and set(text) <= set(name))
    assert said.replace(" ", "") == name.replace(" ", "")
    assert len(lines) == 2
    assert all(22 + 50 <= x < 188 for x, _y in lines)
    (account,) = (y for text, _x, y in drawn if text == "Account")
    assert account < min(y for _x, y in lines) - 6  # the next row is under all of them


async def test_receipt_goes_to_the_address_with_the_pdf(till: Till) -> None:
    async with mail_server() as server:
        await _send(till, server.port)
    mail = message_from_bytes(server.mails[0])
    assert (mail["To"], mail["From"]) == ("amara@example.com", "pay@northwind.example")
    attached = [part.get_filename() for part in mail.walk() if part.get_content_type() == "application/pdf"]
    assert len(attached) == 1


async def test_same_receipt_again_is_recognisable_and_its_id_names_nobody(till: Till) -> None:
    receipt = await _receipt(till)
    async with mail_server() as server:
        await _send(till, server.port, receipt)
        await _send(till, server.port, receipt)
    first, second = (message_from_bytes(mail)["Message-ID"] for mail in server.mails)
    assert first == second
    assert "amara" not in first


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"RCPT": "550 nobody here"}, Rejected),
        ({"RCPT": "450 try again, greylisted"}, NotSent),
        ({"MAIL": "553 not your sender"}, Rejected),
        ({"MAIL": "451 busy"}, NotSent),
        ({"MAIL_TAKEN": "554 spam"}, Rejected),
        ({"MAIL_TAKEN": "452 disk full"}, NotSent),
        ({"MAIL_TAKEN": "hang up"}, OutcomeUnknown),
    ],
)
async def test_answers_of_the_mail_server(
    till: Till, answers: dict[str, str], error: type[Exception]
) -> None:
    async with mail_server(**answers) as server:
        with pytest.raises(error):
            await _send(till, server.port)


@pytest.mark.allow_log("write-back not done")
async def test_receipt_does_not_wait_for_a_posting_that_is_tried_again_later(till: Till) -> None:
    attempt_id = await till.paid()
    for row in await till.rows(WriteBack):
        await till.change(WriteBack, row.write_back_id, tries=10)  # its next try is far away
    till.ledger.fails["post_payment"] = NotSent("does not answer")
    await till.work()
    intent_id = (await till.show(attempt_id)).intent_id
    await payments.send_receipt(till.hub, till.who, intent_id, ReceiptIn(email="amara@example.com"))
    assert till.hub.settings.mail
    async with mail_server() as server:
        object.__setattr__(till.hub.settings.mail, "port", server.port)
        await till.work()
    assert len(server.mails) == 1


async def test_mail_that_was_taken_is_sent_however_the_server_parts(till: Till) -> None:
    async with mail_server(QUIT="421 gone") as server:
        await _send(till, server.port)
    assert len(server.mails) == 1


@pytest.mark.parametrize("email", ["no-at", "a@b.example\nBcc: c@d.example", "a@b.example, c@d.example"])
def test_what_is_no_address_is_refused_at_the_door(email: str) -> None:
    with pytest.raises(ValidationError):
        ReceiptIn(email=email)


async def test_mail_server_that_is_down_is_tried_again(till: Till) -> None:
    with pytest.raises(NotSent):
        await _send(till, 1)


async def test_without_a_mail_server_it_says_so(till: Till) -> None:
    object.__setattr__(till.hub, "settings", till.hub.settings.model_copy(update={"mail": None}))
    with pytest.raises(Rejected, match="no mail server"):
        await receipts.send(till.hub, await _receipt(till), "amara@example.com", "PMT-1:a")


async def test_the_preview_says_what_the_mail_says(till: Till) -> None:
    receipt = await _receipt(till)
    shown = receipts.page(receipt)
    assert [(one.label, one.value) for one in shown.lines] == [
        ("Customer", "Amara Okafor"),
        ("Account", "40012345"),
        ("Invoice INV-7", "£123.36"),
        ("Card", "Visa ending 4242"),
        ("Approval code", "A1B2C3"),
        ("Reference", receipt.reference),
    ]
    assert (shown.amount, shown.title) == (
        "£123.36",
        "Receipt for a card payment. Test mode: no real money moved.",
    )
    async with mail_server() as server:
        await _send(till, server.port, receipt)
    mail = message_from_bytes(server.mails[0])
    assert mail["From"] == shown.sender
    parts = {part.get_content_type(): part for part in mail.walk()}
    words = parts["text/plain"].get_payload(decode=True)
    assert isinstance(words, bytes)
    assert words.decode().replace("\r\n", "\n") == shown.words
    assert parts["application/pdf"].get_filename() == shown.file_name
    assert str(make_header(decode_header(mail["Subject"]))) == shown.subject


@pytest.mark.parametrize(
    ("language", "title", "amount"),
    [
        ("de", "Beleg", "123,36\u00a0£"),
        ("es", "Recibo", "123,36\u00a0£"),
        ("fr", "Reçu", "123,36\u00a0£"),
        ("tlh", "Receipt", "£123.36"),
        (None, "Receipt", "£123.36"),
    ],
)
async def test_a_receipt_speaks_the_customers_language(
    till: Till, language: str | None, title: str, amount: str
) -> None:
    receipt = replace(await _receipt(till), language=language)
    shown = receipts.page(receipt)
    assert (shown.title.split()[0], shown.amount) == (title, amount)
    drawn = receipts.pdf(receipt)
    assert title in PdfReader(BytesIO(drawn)).pages[0].extract_text()


@pytest.mark.parametrize(
    ("zone", "language", "said"),
    [
        ("UTC", None, "Paid 30 June 2026, 22:43 UTC"),
        ("Europe/Berlin", "de", "Bezahlt am 1. Juli 2026, 00:43 MESZ"),
        ("Europe/Berlin", "en", "Paid 1 July 2026, 00:43 CEST"),
        ("Europe/London", "en", "Paid 30 June 2026, 23:43 BST"),
        ("Europe/Madrid", "es", "Pagado el 1 de julio de 2026, 00:43 CEST"),
    ],
)
async def test_a_receipt_has_the_firms_day_and_hour(
    till: Till, zone: str, language: str | None, said: str
) -> None:
    attempt_id = (await _paid_at(till, datetime(2026, 6, 30, 22, 43, tzinfo=UTC))).attempt_id
    settings = till.hub.settings.model_copy(update={"time_zone": zone})
    async with till.hub.sessions() as session:
        attempt = await session.get_one(Attempt, attempt_id)
        intent = await session.get_one(PaymentIntent, attempt.intent_id)
        receipt = await receipts.prepare(session, intent, attempt, settings)
    shown = receipts.page(replace(receipt, language=language))
    assert shown.paid == said


async def test_the_mail_has_the_firms_hour(till: Till) -> None:
    object.__setattr__(
        till.hub, "settings", till.hub.settings.model_copy(update={"time_zone": "Asia/Kolkata"})
    )
    attempt = await _paid_at(till, datetime(2026, 6, 30, 22, 43, tzinfo=UTC))
    async with till.hub.sessions.begin() as session:
        intent = await session.get_one(PaymentIntent, attempt.intent_id)
        await write_backs.owe_receipt(session, intent, "amara@example.com")
    async with till.hub.sessions() as session:
        row = next(one for one in await till.rows(WriteBack) if one.kind == "receipt")
        prepared = await posting.prepare(till.hub, session, row)
    assert isinstance(prepared, Receipt)
    assert receipts.page(prepared).paid == "Paid 1 July 2026, 04:13"


async def _paid_at(till: Till, at: datetime) -> Attempt:
    """Return an attempt that was approved at an instant."""
    attempt_id = await till.paid()
    await till.change(Attempt, attempt_id, ended_at=at)
    row = await till.row(Attempt, attempt_id)
    assert isinstance(row, Attempt)
    return row


@pytest.mark.parametrize(
    ("live", "test_mode", "is_test"),
    [
        (True, True, False),
        (True, False, False),
        (False, True, True),
        (False, False, True),
        (None, True, True),
        (None, False, False),
    ],
)
async def test_a_receipt_says_of_its_own_payment_whether_real_money_moved(
    till: Till, live: bool | None, test_mode: bool, is_test: bool
) -> None:
    attempt_id = await till.paid()
    await till.change(Attempt, attempt_id, live=live)
    async with till.hub.sessions() as session:
        attempt = await session.get_one(Attempt, attempt_id)
        intent = await session.get_one(PaymentIntent, attempt.intent_id)
        settings = till.hub.settings.model_copy(update={"test_mode": test_mode})
        receipt = await receipts.prepare(session, intent, attempt, settings)
    assert ("Test mode" in receipts.page(receipt).title) is is_test
