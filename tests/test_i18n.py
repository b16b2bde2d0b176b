"""The language of the process, and a reader's own."""

from datetime import date

import pytest

from agentdesk import dates, i18n
from agentdesk.domain.money import Money
from agentdesk.pseudo import Pseudo

DAY = date(2026, 12, 4)


def test_a_process_speaks_english_unless_told() -> None:
    assert i18n.language() == "en"
    assert i18n._("Approved") == "Approved"


def test_a_language_is_chosen_before_a_text_is_read() -> None:
    i18n.use("en")  # again is no harm
    with pytest.raises(RuntimeError, match="en already"):
        i18n.use("de")
    with pytest.raises(ValueError, match="en, de, es, fr"):
        i18n.use("tlh")


def test_what_goes_to_a_customer_speaks_theirs() -> None:
    with i18n.speaking("de_AT"):
        said = i18n._("Approved"), str(Money(123450, "EUR")), dates.said(DAY)
    assert said == ("Genehmigt", "1.234,50\u00a0€", "Freitag, 4. Dezember")
    assert i18n._("Approved") == "Approved"


def test_one_word_may_mean_two_things() -> None:
    with i18n.speaking("fr"):
        assert (i18n._("Down"), i18n.pgettext("key", "Down")) == ("En panne", "Bas")
    assert i18n.pgettext("key", "Down") == "Down"


@pytest.mark.parametrize("unknown", [None, "", "tlh", "pt-BR"])
def test_a_language_that_does_not_ship_is_the_process_own(unknown: str | None) -> None:
    with i18n.speaking(unknown):
        assert i18n._("Approved") == "Approved"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", ("4 Dec", "4 December 2026", "Friday 4 December")),
        ("de", ("4. Dez.", "4. Dezember 2026", "Freitag, 4. Dezember")),
        ("es", ("4 dic", "4 de diciembre de 2026", "viernes, 4 de diciembre")),
        ("fr", ("4 déc.", "4 décembre 2026", "vendredi 4 décembre")),
    ],
)
def test_days_are_written_as_the_language_does(code: str, words: tuple[str, str, str]) -> None:
    with i18n.speaking(code):
        assert (dates.short(DAY), dates.in_full(DAY), dates.said(DAY)) == words


def test_names_are_listed_as_people_say_them() -> None:
    assert [i18n.listed(names) for names in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == [
        "",
        "A",
        "A and B",
        "A, B and C",
    ]


def test_the_language_nobody_speaks_keeps_placeholders_and_keys_and_is_longer() -> None:
    text = "Press F8, **{amount}** is next"
    said = Pseudo(leftwards=False).gettext(text)
    assert "F8" in said and "**{amount}**" in said
    assert len(said) > 1.3 * len(text)
    leftwards = Pseudo(leftwards=True)
    assert leftwards.ngettext("one", "many", 2).startswith("⟦")
    assert "\u2068{amount}\u2069" in leftwards.gettext(text)


@pytest.mark.parametrize(
    ("code", "typed"), [("en", "04/12/2026"), ("de", "04.12.2026"), ("fr", "04/12/2026")]
)
def test_a_day_is_filled_in_as_the_language_types_it(code: str, typed: str) -> None:
    with i18n.speaking(code):
        assert dates.typed(DAY) == typed
