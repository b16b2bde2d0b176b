"""The mail inbox: keeps receipts, relays nothing."""

import smtplib
from email.message import EmailMessage

import httpx
import pytest

from tests.processes import Running


def send(sandbox: Running, to: str, html: str = "<h1>Receipt</h1>") -> None:
    """Send a receipt the way the hub does."""
    mail = EmailMessage()
    mail["Subject"] = "Your receipt for £123.36"
    mail["From"] = "billing@northwind.example"
    mail["To"] = to
    mail.set_content("Thank you")
    mail.add_alternative(html, subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="receipt.pdf")
    host, _, port = sandbox.ready["smtp"].partition(":")
    with smtplib.SMTP(host, int(port), timeout=10) as smtp:
        smtp.send_message(mail)


def test_a_receipt_arrives_with_its_attachment(sandbox: Running, sim: httpx.Client) -> None:
    send(sandbox, "amara.okafor@example.com")
    mail = sim.get("/_sim/inbox").json()[-1]
    assert (mail["subject"], mail["to"]) == ("Your receipt for £123.36", ["amara.okafor@example.com"])
    assert mail["attachments"] == [{"name": "receipt.pdf", "type": "application/pdf", "bytes": 8}]
    assert "Your receipt for £123.36" in sim.get("/inbox").text
    page = sim.get(f"/inbox/{mail['n']}").text
    assert "SANDBOX" in page and "receipt.pdf" in page
    attachment = sim.get(f"/inbox/{mail['n']}/attachments/0")
    assert (attachment.content, attachment.headers["content-type"]) == (b"%PDF-1.7", "application/pdf")
    assert sim.get(f"/inbox/{mail['n']}/attachments/1").status_code == 404


def test_a_payment_link_in_a_mail_can_be_opened_and_nothing_else_in_it_is_code(
    sandbox: Running, sim: httpx.Client
) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Pay", "pay@northwind.example", "amara@example.com"
    mail.set_content("<b>Pay</b> at http://127.0.0.1:8791/c/pay/cs_1 soon")
    host, _, port = sandbox.ready["smtp"].partition(":")
    with smtplib.SMTP(host, int(port), timeout=10) as smtp:
        smtp.send_message(mail)
    page = sim.get(f"/inbox/{sim.get('/_sim/inbox').json()[-1]['n']}").text
    assert 'href="http://127.0.0.1:8791/c/pay/cs_1"' in page
    assert "<b>Pay" not in page


def test_the_html_of_a_mail_is_shown_without_its_scripts(sandbox: Running, sim: httpx.Client) -> None:
    send(sandbox, "amara.okafor@example.com", "<script>alert(1)</script><p>Hello</p>")
    n = sim.get("/_sim/inbox").json()[-1]["n"]
    assert "<script>alert" not in sim.get(f"/inbox/{n}").text
    letter = sim.get(f"/inbox/{n}/html")
    assert "<p>Hello</p>" in letter.text
    assert letter.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize("to", ["someone@gmail.com", "someone@notexample.com"])
def test_mail_for_a_real_address_is_not_relayed(sandbox: Running, to: str) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        send(sandbox, to)
    ((code, words),) = caught.value.recipients.values()
    assert code == 550 and b"Relaying denied" in words


def test_a_mail_that_never_came_is_not_found(sim: httpx.Client) -> None:
    for path in ("/inbox/0", "/inbox/999", "/inbox/999/html"):
        assert sim.get(path).status_code == 404
