"""A field for an email address gives one, or says that there is none."""

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.widgets.email_edit import NOT_AN_EMAIL, EmailEdit

pytestmark = pytest.mark.usefixtures("dressed")


@pytest.fixture
def edit(qtbot: QtBot) -> EmailEdit:
    edit = EmailEdit()
    qtbot.addWidget(edit)
    return edit


def test_an_address_is_given_without_what_is_around_it(edit: EmailEdit) -> None:
    edit.set_text(" amara@example.com ")
    assert edit.address() == "amara@example.com"
    assert not edit.error.isVisibleTo(edit)


@pytest.mark.parametrize("typed", ["", "amara", "amara@example", "a@b.c@d"])
def test_what_is_no_address_is_said_until_it_is_changed(edit: EmailEdit, typed: str) -> None:
    edit.set_text(typed)
    assert edit.address() is None
    assert edit.error.isVisibleTo(edit) and edit.error.accessibleName() == NOT_AN_EMAIL
    edit.set_text("amara@example.co")
    assert not edit.error.isVisibleTo(edit)
