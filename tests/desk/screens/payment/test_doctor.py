"""The doctor's findings in words: what was counted, and nothing that nobody can know."""

import pytest

from agentdesk.desk.screens.payment import doctor
from agentdesk.domain.capture import CardField
from agentdesk.domain.tones import Remedy, Trouble
from agentdesk.wire.captures import FieldOut, FieldState, FindingOut
from tests.desk import samples


def field(finding: FindingOut, **changes: object) -> FieldOut:
    return samples.field(CardField.NUMBER, FieldState.FAILED, finding=finding, **changes)


def find(trouble: Trouble, remedy: Remedy = Remedy.SLOWLY, keys: int | None = 15) -> FindingOut:
    return FindingOut(trouble=trouble, remedy=remedy, keys=keys, expected=16)


@pytest.mark.parametrize("trouble", Trouble)
@pytest.mark.parametrize("remedy", Remedy)
def test_every_finding_says_what_it_means_for_the_money(trouble: Trouble, remedy: Remedy) -> None:
    finding = find(trouble, remedy)
    words = doctor.short(field(finding), finding)
    assert "Nothing was sent" in words
    assert len(words) <= 60  # one line of the field
    assert "{" not in words + doctor.title(field(finding), finding)
    for link in (True, False):
        assert "Nothing was sent" in doctor.advice(field(finding), finding, link=link)


def test_counts_and_brands_are_said_where_they_are_known() -> None:
    finding = find(Trouble.TOO_FEW)
    assert doctor.short(field(finding), finding).startswith("15 of 16 keys arrived")
    card = find(Trouble.CARD, Remedy.OTHER_CARD)
    assert doctor.title(field(card, brand="amex"), card) == "We do not take Amex"
    assert doctor.title(field(card), card) == "We do not take this card"


def test_each_remedy_names_its_key() -> None:
    slow, route = find(Trouble.WRONG), find(Trouble.WRONG, Remedy.OTHER_ROUTE)
    assert "F9" in doctor.advice(field(slow), slow, link=True)
    assert "F7" in doctor.advice(field(route), route, link=True)
    assert "F7" not in doctor.advice(field(route), route, link=False)
    assert "F9" not in doctor.advice(field(route, slow=True), route, link=True)
    assert "Tried 3 times" in doctor.advice(field(route, tries=3), route, link=True)
