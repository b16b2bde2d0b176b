"""How a payment link reaches the customer: by mail, as a QR code, again, and what the firm allows."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx
import pytest
import segno

from agentdesk.adapters.base import Health
from agentdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.hub import calls, link_messages, outcomes, payments
from agentdesk.hub.db.engine import Sessions
from agentdesk.hub.db.query import lock_attempt
from agentdesk.hub.db.tables import Attempt, AuditEntry, Call, PaymentLink
from agentdesk.hub.readiness import Board
from agentdesk.hub.settings import Mail, Settings
from agentdesk.wire import payments as wire
from agentdesk.wire.calls import WrapUp
from agentdesk.wire.readiness import Part, RouteInfo
from tests.hub.mail_server import MailServer, mail_server
from tests.hub.outside import Quiet
from tests.hub.till import Till, refused

pytestmark = pytest.mark.anyio
AMARA, ON_FILE = "amara@example.com", "+441134960000"
PNG = b"\x89PNG\r\n"
ALL = {"ways": ["text", "email", "qr"]}


@pytest.fixture
async def post() -> AsyncIterator[MailServer]:
    """Give a mail server that takes everything."""
    async with mail_server() as server:
        yield server


@pytest.fixture
async def till(database_url: str, sessions: Sessions, post: MailServer) -> AsyncIterator[Till]:
    """Give a till whose hub sends links every way."""
    mail = Mail(host="127.0.0.1", port=post.port, sender="pay@northwind.example", starttls=False)
    till = Till(database_url, sessions, mail=mail, link=ALL)
    await till.open()
    yield till
    await till.hub.finish()


async def _mailed(till: Till) -> str:
    return await till.link(send_by=LinkWay.EMAIL, send_to=AMARA)


def _drawn(address: str) -> bytes:
    segno.make(address, error="m", micro=False).save(png := io.BytesIO(), kind="png", scale=8)
    return png.getvalue()


def _mails(post: MailServer) -> list[EmailMessage]:
    return [message_from_bytes(one, policy=policy.default) for one in post.mails]


# ---------------------------------------------------------------- by mail
async def test_a_link_is_mailed_to_the_address_and_nowhere_else(till: Till, post: MailServer) -> None:
    attempt_id = await _mailed(till)
    (letter,) = _mails(post)
    assert (letter["To"], letter["Subject"]) == (AMARA, "Pay £123.36 to Northwind Energy")
    words = letter.get_content()
    assert f"https://pay.example/cs-{attempt_id}" in words
    assert "£123.36" in words
    assert "Amara" not in words  # an address may be wrong
    assert till.texts.sent == []
    link = await till.link_of(attempt_id)
    assert (link.way, link.sent_to, link.delivered_at) == (LinkWay.EMAIL, AMARA, None)
    assert link.sent_at
    assert "pay.example" not in (await till.show(attempt_id)).model_dump_json()
    assert "Link emailed" in await till.titles(attempt_id)


async def test_the_address_is_committed_before_the_page_is_asked_for(till: Till) -> None:
    seen: list[tuple[str, str]] = []

    async def look() -> None:
        (row,) = await till.rows(PaymentLink)
        seen.append((row.way, row.sent_to))

    till.pages.meanwhile["open"] = look
    await _mailed(till)
    assert seen == [("email", AMARA)]


@pytest.mark.parametrize(
    "address", [None, "", "amara", "a b@example.com", "a@b@c", "a@b", "x@y\nBcc: z@example.com"]
)
async def test_what_is_no_address_starts_nothing(till: Till, address: str | None) -> None:
    intent_id = await till.intent()
    link = till.link(intent_id, send_by=LinkWay.EMAIL, send_to=address)
    assert (await refused(Invalid, link)).code == "link_needs_email"
    assert await till.rows(Attempt) == []


@pytest.mark.allow_log("link not sent")
async def test_a_mail_whose_answer_was_lost_is_sent_again_as_the_same_mail(
    till: Till, post: MailServer
) -> None:
    post.answers["MAIL_TAKEN"] = "hang up"
    attempt_id = await _mailed(till)
    assert (await till.link_of(attempt_id)).problem == "The mail server does not answer. It is tried again."
    del post.answers["MAIL_TAKEN"]
    await till.due()
    await till.work()
    first, second = _mails(post)
    assert first["Message-ID"] == second["Message-ID"]
    link = await till.link_of(attempt_id)
    assert (link.problem, bool(link.sent_at)) == (None, True)


@pytest.mark.allow_log("link not sent")
async def test_a_wrong_address_is_told_and_a_new_link_goes_to_another_under_the_same_payment(
    till: Till, post: MailServer
) -> None:
    post.answers["RCPT"] = "550 nobody here"
    intent_id = await till.intent()
    attempt_id = await till.link(intent_id, send_by=LinkWay.EMAIL, send_to="amra@example.com")
    link = await till.link_of(attempt_id)
    assert (link.sent_at, link.problem) == (None, "The mail server did not take it. Check the address.")
    other = till.link(intent_id, send_by=LinkWay.EMAIL, send_to=AMARA)
    assert (await refused(Conflict, other)).code == "step_not_possible"  # the first may still be paid
    await payments.cancel(till.hub, till.who, attempt_id)
    await till.work()
    del post.answers["RCPT"]
    again = await till.link(intent_id, send_by=LinkWay.EMAIL, send_to=AMARA)
    assert (await till.link_of(again)).sent_at
    assert await till.holding() == [False, True]


async def test_a_mailed_link_that_is_paid_is_posted(till: Till) -> None:
    attempt_id = await _mailed(till)
    till.pages.end(attempt_id, AttemptEvent.APPROVED)
    await till.due()
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.APPROVED
    assert len(till.ledger.booked) == 1


# ---------------------------------------------------------------- once its call is over
async def _over(till: Till) -> str:
    """Return a payment whose call is over; its customer has another number on file than they rang from."""
    till.records.amara = replace(till.records.amara, phones=(ON_FILE,), email="Amara@Example.com")
    intent_id = await till.intent()
    (call,) = await till.rows(Call)
    await calls.wrap_up(till.hub, till.who, call.call_id, WrapUp(disposition="call_dropped"))
    return intent_id


@pytest.mark.parametrize(
    ("way", "send_to"), [("text", "+447400123456"), ("email", "peter@example.com"), ("qr", None)]
)
async def test_a_payment_of_an_ended_call_goes_to_nobody_but_its_own_customer(
    till: Till, way: LinkWay, send_to: str | None
) -> None:
    intent_id = await _over(till)
    await till.call(customer="cus_2")  # whose number and address are asked for
    link = till.link(intent_id, send_by=way, send_to=send_to)
    assert (await refused(Conflict, link)).code == "link_only_to_file"
    assert await till.rows(Attempt) == []


@pytest.mark.parametrize(("way", "send_to"), [("text", None), ("text", ON_FILE), ("email", AMARA)])
async def test_a_payment_of_an_ended_call_goes_where_it_rang_from_or_what_is_on_file(
    till: Till, way: LinkWay, send_to: str | None
) -> None:
    attempt_id = await till.link(await _over(till), send_by=way, send_to=send_to)
    assert (await till.link_of(attempt_id)).sent_at


async def test_after_the_call_a_new_link_goes_where_the_one_before_went(till: Till) -> None:
    intent_id = await till.intent()
    theirs = {"send_by": LinkWay.EMAIL, "send_to": "new@example.com"}
    first = await till.link(intent_id, **theirs)
    (call,) = await till.rows(Call)
    await calls.wrap_up(till.hub, till.who, call.call_id, WrapUp(disposition="call_dropped"))
    await payments.cancel(till.hub, till.who, first)
    await till.work()
    assert (await till.link_of(await till.link(intent_id, **theirs))).sent_at


# ---------------------------------------------------------------- again
@pytest.mark.parametrize("way", ["text", "email"])
async def test_one_press_sends_it_again_once(till: Till, post: MailServer, way: str) -> None:
    attempt_id = await (_mailed(till) if way == "email" else till.link())
    first, second = new_ulid(), new_ulid()
    for key in (first, first, second):
        await link_messages.resend(till.hub, till.who, attempt_id, key)
        await till.work()
    sent = len(post.mails) if way == "email" else len(till.texts.sent)
    assert sent == 3
    assert len({mail["Message-ID"] for mail in _mails(post)}) == (3 if way == "email" else 0)
    assert [one.action for one in await till.rows(AuditEntry)].count("link.resend") == 2


# ---------------------------------------------------------------- as a QR code
async def test_a_qr_code_is_shown_to_its_owner_and_that_is_written_down(till: Till) -> None:
    attempt_id = await till.link(send_by=LinkWay.QR)
    assert (till.texts.sent, (await till.link_of(attempt_id)).sent_to) == ([], "")
    assert (await till.link_of(attempt_id)).sent_at is None
    picture = await link_messages.picture(till.hub, till.who, attempt_id)
    assert picture == _drawn(f"https://pay.example/cs-{attempt_id}")
    first = (await till.link_of(attempt_id)).sent_at
    await link_messages.picture(till.hub, till.who, attempt_id)
    assert first is not None
    assert (await till.link_of(attempt_id)).sent_at == first
    assert [one.action for one in await till.rows(AuditEntry)].count("link.qr") == 2
    assert "Link shown as a QR code" in await till.titles(attempt_id)


async def test_a_texted_link_can_be_shown_too(till: Till) -> None:
    attempt_id = await till.link()
    sent_at = (await till.link_of(attempt_id)).sent_at
    assert (await link_messages.picture(till.hub, till.who, attempt_id)).startswith(PNG)
    assert (await till.link_of(attempt_id)).sent_at == sent_at


async def test_a_link_that_is_not_open_is_not_shown(till: Till) -> None:
    attempt_id = await till.link(send_by=LinkWay.QR)
    await payments.cancel(till.hub, till.who, attempt_id)
    await refused(Conflict, link_messages.picture(till.hub, till.who, attempt_id))
    await till.work()
    await refused(Conflict, link_messages.picture(till.hub, till.who, attempt_id))
    keypad = await till.start(await till.intent())
    await refused(Conflict, link_messages.picture(till.hub, till.who, keypad))
    assert "link.qr" not in [one.action for one in await till.rows(AuditEntry)]


async def test_a_qr_link_is_not_sent_again(till: Till) -> None:
    attempt_id = await till.link(send_by=LinkWay.QR)
    await refused(Conflict, link_messages.resend(till.hub, till.who, attempt_id, new_ulid()))


@pytest.mark.allow_log("late success")
async def test_a_qr_code_of_a_debt_that_was_paid_meanwhile_is_not_shown_and_closed(till: Till) -> None:
    keypad = await till.sending()
    await till.learn(keypad, AttemptEvent.REFUSED)
    other = await till.intent()
    async with till.hub.sessions.begin() as session:  # neither sees the other
        late = till.bank.says(AttemptEvent.APPROVED, keypad, Money(12336, "GBP"))
        await outcomes.apply(till.hub, session, await lock_attempt(session, keypad), late)
        await session.flush()
        new = wire.NewAttempt(key=new_ulid(), route="link", send_by=LinkWay.QR)
        shown = await payments.start_attempt(till.hub, till.who, other, new)
    await till.work()
    attempt_id = shown.attempts[-1].attempt_id
    await refused(Conflict, link_messages.picture(till.hub, till.who, attempt_id))
    assert (await till.link_of(attempt_id)).state is LinkState.CLOSING
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.NOT_SENT


# ---------------------------------------------------------------- what the firm allows
@pytest.mark.parametrize(
    ("told", "way"),
    [({}, LinkWay.QR), ({"ways": ["qr"]}, LinkWay.TEXT), ({"ways": ["text"]}, LinkWay.EMAIL)],
)
async def test_a_way_that_is_not_allowed_starts_nothing(
    database_url: str, sessions: Sessions, told: dict[str, list[str]], way: LinkWay
) -> None:
    till = Till(database_url, sessions, link=told)
    await till.open()
    link = till.link(send_by=way, send_to=AMARA if way is LinkWay.EMAIL else None)
    assert (await refused(NotAllowed, link)).code == "link_way_off"
    assert await till.rows(Attempt) == []


async def test_without_a_mail_server_no_link_is_mailed(database_url: str, sessions: Sessions) -> None:
    till = Till(database_url, sessions)
    await till.open()
    assert (await refused(NotAllowed, _mailed(till))).code == "link_way_off"


async def test_where_qr_codes_are_off_no_link_is_shown(database_url: str, sessions: Sessions) -> None:
    till = Till(database_url, sessions)
    await till.open()
    attempt_id = await till.link()
    shown = link_messages.picture(till.hub, till.who, attempt_id)
    assert (await refused(NotAllowed, shown)).code == "link_way_off"


async def test_a_keypad_that_is_not_allowed_starts_nothing(database_url: str, sessions: Sessions) -> None:
    till = Till(database_url, sessions, routes=[])
    await till.open()
    assert (await refused(Invalid, till.start(await till.intent()))).code == "route_unknown"
    assert await till.link()


async def test_nobody_else_is_shown_a_link(till: Till) -> None:
    attempt_id = await till.link(send_by=LinkWay.QR)
    other = await till.colleague()
    async with till.hub.sessions() as session:
        assert (
            await refused(NotFound, payments.of_attempt(session, other, attempt_id))
        ).code == "payment_unknown"


async def _route(settings: Settings, texts: Quiet | None = None, name: str = "link") -> RouteInfo:
    board = Board(settings, dict.fromkeys(Part, Quiet().check), texts.check if texts else None)
    await board.ask()
    return next(one for one in board.show().routes if one.route == name)


async def test_every_way_is_told_with_why_it_is_off() -> None:
    route = await _route(Settings(link={}))  # type: ignore[arg-type]
    assert route.off_reason is None
    assert [(one.way, one.off_reason) for one in route.ways] == [
        (LinkWay.TEXT, None),
        (LinkWay.EMAIL, "No mail server is set up."),
        (LinkWay.QR, "Links are not shown on screens here."),
    ]


async def test_a_text_service_that_is_down_leaves_the_other_ways_and_is_told_at_once() -> None:
    mail = Mail(host="mail", sender="pay@northwind.example")
    texts = Quiet()
    settings = Settings(link={}, mail=mail)  # type: ignore[arg-type]
    board = Board(settings, dict.fromkeys(Part, Quiet().check), texts.check)
    await board.ask()
    texts.health = Health("down", "does not answer", 3.0)
    assert await board.ask()
    assert not await board.ask()
    route = next(one for one in board.show().routes if one.route == "link")
    assert [one.off_reason for one in route.ways][:2] == ["The text service does not answer.", None]
    assert route.off_reason is None


async def test_where_no_way_is_left_the_link_is_off() -> None:
    texts = Quiet()
    texts.health = Health("down", "does not answer", 3.0)
    route = await _route(Settings(link={}), texts)  # type: ignore[arg-type]
    assert route.off_reason == "The text service does not answer."


async def test_ways_to_pay_that_are_off_are_listed_with_the_reason() -> None:
    assert (await _route(Settings())).off_reason == "Payment links are not set up."
    keypad = await _route(Settings(routes=[]), name="keypad")
    assert keypad.off_reason == "Cards are not taken by keypad here."


async def test_a_picture_of_somebody_elses_link_is_not_found(hub_client: httpx.AsyncClient) -> None:
    answer = await hub_client.post("/v1/attempts/pa_nobody/qr")
    assert answer.status_code == 401
