"""The receipt: a PDF of one approved payment, and the email that carries it."""

from dataclasses import dataclass, replace
from datetime import datetime

from fpdf import FPDF
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.assets import asset
from agentdesk.domain.card import CardSummary
from agentdesk.domain.ids import short_reference
from agentdesk.domain.money import Money
from agentdesk.hub import mail
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import charged, paid_parts
from agentdesk.hub.db.tables import Attempt, CustomerCopy, PaymentIntent, Refund

_TITLES = {False: "Receipt for a card payment", True: "Refund to your card"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says, of a payment or of a refund of it (`given_back`). `paid_at` is UTC."""

    reference: str
    short_reference: str
    customer_name: str
    account: str | None
    amount: Money
    parts: tuple[tuple[str, Money], ...]
    card: CardSummary
    authorization_code: str | None
    paid_at: datetime
    given_back: bool = False


async def prepare(
    session: AsyncSession, intent: PaymentIntent, attempt: Attempt, refund: Refund | None = None
) -> Receipt:
    """Read what the receipt of an approved attempt says, or that of a refund of it."""
    paid = await _of_payment(session, intent, attempt)
    if refund is None:
        return paid
    return replace(
        paid,
        reference=refund.reference,
        amount=Money(refund.amount_minor, intent.currency),
        parts=(),
        authorization_code=None,
        paid_at=refund.done_at or refund.sent_at,
        given_back=True,
    )


async def _of_payment(session: AsyncSession, intent: PaymentIntent, attempt: Attempt) -> Receipt:
    copy = await session.get(CustomerCopy, intent.customer_id)
    return Receipt(
        reference=intent.reference,
        short_reference=short_reference(intent.intent_id),
        customer_name=intent.customer_name,
        account=copy.record.get("account") if copy else None,
        amount=charged(intent, attempt),
        parts=tuple((part.number, part.amount) for part in paid_parts(intent, attempt)),
        card=CardSummary(attempt.card_brand, attempt.card_last4),
        authorization_code=attempt.authorization_code,
        paid_at=attempt.ended_at or attempt.started_at,
    )


def pdf(receipt: Receipt, business: str, *, test_mode: bool) -> bytes:
    """Draw the receipt on one A4 page."""
    page = FPDF(format="A4")
    page.set_title(f"Receipt {receipt.reference}")
    page.set_creator("Agent Desk")
    page.set_creation_date(receipt.paid_at)
    for style, name in (("", "Inter-Regular.ttf"), ("B", "Inter-SemiBold.ttf")):
        page.add_font("Inter", style, str(asset(f"fonts/{name}")))
    page.set_margins(22, 24)
    page.add_page()
    _heading(page, business, _TITLES[receipt.given_back], test_mode=test_mode)
    _amount(page, receipt)
    for label, value in _lines(receipt):
        _line(page, label, value)
    page.ln(8)
    page.set_font("Inter", "", 9)
    page.set_text_color(98, 108, 124)
    page.multi_cell(0, 5, f"Keep this receipt. Questions? Give us the reference {receipt.short_reference}.")
    return bytes(page.output())


def _heading(page: FPDF, business: str, title: str, *, test_mode: bool) -> None:
    page.set_text_color(20, 24, 31)
    page.set_font("Inter", "B", 16)
    page.cell(0, 8, business, new_x="LMARGIN", new_y="NEXT")
    page.set_font("Inter", "", 10)
    page.set_text_color(98, 108, 124)
    title += ". Test mode: no real money moved." if test_mode else ""
    page.cell(0, 7, title, new_x="LMARGIN", new_y="NEXT")
    page.ln(8)


def _amount(page: FPDF, receipt: Receipt) -> None:
    page.set_text_color(20, 24, 31)
    page.set_font("Inter", "B", 28)
    page.cell(0, 14, str(receipt.amount), new_x="LMARGIN", new_y="NEXT")
    page.set_font("Inter", "", 11)
    word = "Refunded" if receipt.given_back else "Paid"
    page.cell(0, 7, f"{word} {receipt.paid_at:%d %B %Y, %H:%M} UTC", new_x="LMARGIN", new_y="NEXT")
    page.ln(6)


def _lines(receipt: Receipt) -> list[tuple[str, str]]:
    rows = [("Customer", receipt.customer_name)]
    if receipt.account:
        rows.append(("Account", receipt.account))
    rows += [(f"Invoice {number}", str(amount)) for number, amount in receipt.parts]
    rows.append(("Card", str(receipt.card)))
    if receipt.authorization_code:
        rows.append(("Approval code", receipt.authorization_code))
    return [*rows, ("Reference", receipt.reference)]


def _line(page: FPDF, label: str, value: str) -> None:
    page.set_draw_color(229, 232, 237)
    page.line(22, page.get_y(), 188, page.get_y())
    page.set_font("Inter", "", 11)
    page.set_text_color(98, 108, 124)
    page.cell(50, 10, label)
    page.set_text_color(20, 24, 31)
    page.set_font("Inter", "B", 11)
    page.cell(0, 10, value, align="R", new_x="LMARGIN", new_y="NEXT")


async def send(hub: Hub, receipt: Receipt, email: str, reference: str) -> None:
    """Send the receipt. The same reference always gives the same Message-ID, so a resend is recognisable.

    Raises NotSent, Rejected (the address is refused) or OutcomeUnknown.
    """
    what = "refund" if receipt.given_back else "receipt"
    subject = f"Your {what} from {hub.settings.business}: {receipt.amount}"
    done = f"{receipt.amount} was paid by {receipt.card}."
    if receipt.given_back:
        done = f"{receipt.amount} goes back to {receipt.card}. Your bank may take some days to show it."
    words = f"Thank you. {done}\nReference {receipt.short_reference}.\nThe receipt is attached.\n"
    content = pdf(receipt, hub.settings.business, test_mode=hub.settings.test_mode)
    name = f"{what}-{receipt.short_reference}.pdf"
    await mail.send(hub.settings.mail, mail.Letter(email, subject, words, reference, (name, content)))
