"""The receipt: a PDF of one approved payment, and the email that carries it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from fpdf import FPDF, FontFace
from fpdf.enums import CellBordersLayout
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk import dates
from agentdesk.assets import asset
from agentdesk.domain.card import CardSummary
from agentdesk.domain.ids import short_reference
from agentdesk.domain.money import Money
from agentdesk.hub import mail
from agentdesk.hub.context import Hub
from agentdesk.hub.db.customers import CustomerCopy
from agentdesk.hub.db.query import charged, given_minor, is_live, paid_parts
from agentdesk.hub.db.tables import Attempt, PaymentIntent, Refund
from agentdesk.hub.settings import Settings
from agentdesk.i18n import _, speaking
from agentdesk.wire.receipts import ReceiptLine, ReceiptPage

#: How wide the lines are, and of that the labels' column.
_WIDTH_MM, _LABEL_MM = 166, 50
_BLACK, _GREY = (20, 24, 31), (98, 108, 124)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says, of a payment or of a refund of it (`given_back`). `paid_at` is the firm's time.

    `is_test`: no real money moved. `sender` None: this hub sends no mail.
    """

    business: str
    sender: str | None
    reference: str
    short_reference: str
    customer_name: str
    account: str | None
    amount: Money
    parts: tuple[tuple[str, Money], ...]
    card: CardSummary
    authorization_code: str | None
    paid_at: datetime
    is_test: bool
    given_back: bool = False
    language: str | None = None  # of the customer; None is the hub's


async def prepare(
    session: AsyncSession,
    intent: PaymentIntent,
    attempt: Attempt,
    settings: Settings,
    refund: Refund | None = None,
) -> Receipt:
    """Read what the receipt of an approved attempt says, or that of a refund of it."""
    paid = await _of_payment(session, intent, attempt, settings)
    if refund is None:
        return paid
    return replace(
        paid,
        reference=refund.reference,
        amount=Money(given_minor(refund), paid.amount.currency),
        parts=(),
        authorization_code=None,
        paid_at=(refund.done_at or refund.sent_at).astimezone(settings.zone),
        given_back=True,
    )


async def _of_payment(
    session: AsyncSession, intent: PaymentIntent, attempt: Attempt, settings: Settings
) -> Receipt:
    copy = await session.get(CustomerCopy, intent.customer_id)
    return Receipt(
        business=settings.business,
        sender=settings.mail.sender if settings.mail else None,
        reference=intent.reference,
        short_reference=short_reference(intent.intent_id),
        customer_name=intent.customer_name,
        account=copy.record.get("account") if copy else None,
        amount=charged(intent, attempt),
        parts=() if attempt.charged_currency else tuple(_parts(intent, attempt)),
        card=CardSummary(attempt.card_brand, attempt.card_last4),
        authorization_code=attempt.authorization_code,
        paid_at=(attempt.ended_at or attempt.started_at).astimezone(settings.zone),
        is_test=not is_live(attempt, test_mode=settings.test_mode),
        language=copy.record.get("language") if copy else None,
    )


def _parts(intent: PaymentIntent, attempt: Attempt) -> Iterator[tuple[str, Money]]:
    for part in paid_parts(intent, attempt):
        yield part.number, part.amount


def page(receipt: Receipt) -> ReceiptPage:
    """Return what the customer gets, in their language: the PDF and the mail are made of it."""
    with speaking(receipt.language):
        return _page(receipt)


def _page(receipt: Receipt) -> ReceiptPage:
    what = "refund" if receipt.given_back else "receipt"
    title = _("Refund to your card") if receipt.given_back else _("Receipt for a card payment")
    if receipt.is_test:
        title += ". " + _("Test mode: no real money moved.")
    paid = _("Refunded {day}, {time}") if receipt.given_back else _("Paid {day}, {time}")
    subject = _("Your receipt from {business}: {amount}")
    if receipt.given_back:
        subject = _("Your refund from {business}: {amount}")
    done = _("{amount} was paid by {card}.").format(amount=receipt.amount, card=receipt.card)
    if receipt.given_back:
        done = _("{amount} goes back to {card}. Your bank may take some days to show it.").format(
            amount=receipt.amount, card=receipt.card
        )
    return ReceiptPage(
        business=receipt.business,
        title=title,
        amount=str(receipt.amount),
        paid=paid.format(day=dates.in_full(receipt.paid_at), time=dates.minute_and_zone(receipt.paid_at)),
        lines=[ReceiptLine(label=label, value=value) for label, value in _lines(receipt)],
        foot=_("Keep this receipt. Questions? Give us the reference {short_reference}.").format(
            short_reference=receipt.short_reference
        ),
        sender=receipt.sender,
        subject=subject.format(business=receipt.business, amount=receipt.amount),
        words=_("Thank you. {done}\nReference {short_reference}.\nThe receipt is attached.\n").format(
            done=done, short_reference=receipt.short_reference
        ),
        file_name=f"{what}-{receipt.short_reference}.pdf",
    )


def _lines(receipt: Receipt) -> list[tuple[str, str]]:
    rows = [(_("Customer"), receipt.customer_name)]
    if receipt.account:
        rows.append((_("Account"), receipt.account))
    rows += [(_("Invoice {number}").format(number=number), str(amount)) for number, amount in receipt.parts]
    rows.append((_("Card"), str(receipt.card)))
    if receipt.authorization_code:
        rows.append((_("Approval code"), receipt.authorization_code))
    return [*rows, (_("Reference"), receipt.reference)]


def pdf(receipt: Receipt) -> bytes:
    """Draw the receipt on one A4 page."""
    shown = page(receipt)
    sheet = FPDF(format="A4")
    with speaking(receipt.language):
        sheet.set_title(_("Receipt {reference}").format(reference=receipt.reference))
    sheet.set_creator("Agent Desk")
    sheet.set_creation_date(receipt.paid_at)
    for style, name in (("", "Inter-Regular.ttf"), ("B", "Inter-SemiBold.ttf")):
        sheet.add_font("Inter", style, str(asset(f"fonts/{name}")))
    sheet.set_margins(22, 24)
    sheet.add_page()
    _head(sheet, shown)
    _table(sheet, shown.lines)
    sheet.ln(8)
    sheet.set_font("Inter", "", 9)
    sheet.set_text_color(*_GREY)
    sheet.multi_cell(0, 5, shown.foot)
    return bytes(sheet.output())


def _head(sheet: FPDF, shown: ReceiptPage) -> None:
    sheet.set_text_color(*_BLACK)
    sheet.set_font("Inter", "B", 16)
    sheet.cell(0, 8, shown.business, new_x="LMARGIN", new_y="NEXT")
    sheet.set_font("Inter", "", 10)
    sheet.set_text_color(*_GREY)
    sheet.cell(0, 7, shown.title, new_x="LMARGIN", new_y="NEXT")
    sheet.ln(8)
    sheet.set_text_color(*_BLACK)
    sheet.set_font("Inter", "B", 28)
    sheet.cell(0, 14, shown.amount, new_x="LMARGIN", new_y="NEXT")
    sheet.set_font("Inter", "", 11)
    sheet.cell(0, 7, shown.paid, new_x="LMARGIN", new_y="NEXT")
    sheet.ln(6)


def _table(sheet: FPDF, lines: list[ReceiptLine]) -> None:
    """Draw labels and their values, each on as many lines as it needs."""
    sheet.set_draw_color(229, 232, 237)
    with sheet.table(
        width=_WIDTH_MM,
        col_widths=(_LABEL_MM, _WIDTH_MM - _LABEL_MM),
        text_align=("LEFT", "RIGHT"),
        v_align="TOP",
        line_height=6,
        padding=(2, 0),
        borders_layout="NONE",
        first_row_as_headings=False,
    ) as table:
        for one in lines:
            row = table.row()
            row.cell(one.label, style=FontFace("Inter", "", 11, _GREY), border=CellBordersLayout.TOP)
            row.cell(one.value, style=FontFace("Inter", "B", 11, _BLACK), border=CellBordersLayout.TOP)


async def send(hub: Hub, receipt: Receipt, email: str, reference: str) -> None:
    """Send the receipt. The same reference always gives the same Message-ID, so a resend is recognisable.

    Raises NotSent, Rejected (the address is refused) or OutcomeUnknown.
    """
    shown = page(receipt)
    attached = (shown.file_name, pdf(receipt))
    letter = mail.Letter(email, shown.subject, shown.words, reference, attached)
    await mail.send(hub.settings.mail, letter)
