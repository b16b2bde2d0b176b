"""What an email address looks like."""

import pytest

from agentdesk.domain.contact import LONGEST_EMAIL, is_email


@pytest.mark.parametrize("text", ["amara.okafor@example.com", "a@b.c", "ö+1@mail.example.co.uk"])
def test_an_address(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "amara",
        "amara@example",
        "@example.com",
        "amara@",
        "a@b.c@d",
        "a b@example.com",
        " amara@example.com",
        "amara@example.com\n",
        "x@y.z\nBcc: z@example.com",
        "Amara <amara@example.com>",
        "one@example.com,two@example.com",
        "one@example.com;two@example.com",
    ],
)
def test_no_address(text: str) -> None:
    assert not is_email(text)


def test_no_address_is_longer_than_mail_allows() -> None:
    rest = "@example.com"
    assert is_email("a" * (LONGEST_EMAIL - len(rest)) + rest)
    assert not is_email("a" * (LONGEST_EMAIL - len(rest) + 1) + rest)
