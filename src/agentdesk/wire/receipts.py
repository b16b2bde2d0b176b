"""A receipt as the customer gets it: what the PDF shows and what the mail around it says."""

from agentdesk.wire.model import Wire


class ReceiptLine(Wire):
    """One line of the receipt."""

    label: str
    value: str


class ReceiptPage(Wire):
    """The PDF's contents from top to bottom, then those of the mail. `sender` None: no mail is sent here."""

    business: str
    title: str
    amount: str
    paid: str
    lines: list[ReceiptLine]
    foot: str
    sender: str | None
    subject: str
    words: str
    file_name: str
