"""Every day and amount of what is being agreed, and the words that the caller is asked with."""

from datetime import date

from agentdesk.desk import days
from agentdesk.desk.screens.plan.terms import Terms
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Card, Look, Row, Rows
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph, Text
from agentdesk.domain.plan import Instalment, Rhythm
from agentdesk.i18n import _
from agentdesk.wire.plans import PlanRules

_ASK = {
    Rhythm.WEEKLY: _(
        "We take **{total}** from your **{card}** in {count} payments: **{first}** on {day}, "
        "then **{each}** every week, the last on {last}."
    ),
    Rhythm.FORTNIGHTLY: _(
        "We take **{total}** from your **{card}** in {count} payments: **{first}** on {day}, "
        "then **{each}** every two weeks, the last on {last}."
    ),
    Rhythm.MONTHLY: _(
        "We take **{total}** from your **{card}** in {count} payments: **{first}** on {day}, "
        "then **{each}** every month, the last on {last}."
    ),
}
_ASK_TWO = _(
    "We take **{total}** from your **{card}** in two payments: **{first}** on {day} and **{each}** on {last}."
)


class Preview(Card):
    """One row for each payment, and the sum; it says aloud what changed, once it can be told."""

    def __init__(self, today: date) -> None:
        self._today, self._said = today, ""
        self._rows = Rows(self._row)
        self._total = Row(look=Look("sunken", sides="t"), margins=(8, 14))
        super().__init__(self._rows, self._total)
        self.setAccessibleName(_("What is taken when"))

    def show_terms(self, terms: Terms) -> None:
        """Show other terms; nothing where a day or an amount cannot be told."""
        instalments = terms.instalments
        self.setVisible(bool(instalments))
        self._rows.show_values((one, one.number == 1) for one in instalments)
        if not instalments:
            return
        self._total.set_items(
            [Text(_("In all"), role="text_2"), ..., MoneyLabel(terms.total, style="strong")]
        )
        self._tell(instalments)

    def _row(self, shown: tuple[Instalment, bool]) -> Row:
        one, is_first = shown
        day = days.words(one.due_on, self._today)
        alone = days.alone(one.due_on, self._today)
        number = Row(Text(str(one.number), role="text_3"), ..., width=24)
        money = MoneyLabel(one.amount)
        look = Look(sides="" if is_first else "t")
        row = Row(number, (Paragraph(alone, role="text"), 1), money, margins=(6, 14), gap=8, look=look)
        row.setAccessibleName(
            _("Payment {number}: {amount} on {day}").format(number=one.number, amount=one.amount, day=day)
        )
        return row

    def _tell(self, instalments: list[Instalment]) -> None:
        last = instalments[-1]
        told = _("{count} payments, {amount} each, the last on {day}").format(
            count=len(instalments), amount=last.amount, day=days.words(last.due_on, self._today)
        )
        if self._said and told != self._said:
            announce(self, told)
        self._said = told


def asked(terms: Terms, rules: PlanRules, today: date) -> str:
    """Return what is read out to the caller: what is taken when, then the firm's own words."""
    instalments = terms.instalments
    first, last = instalments[0], instalments[-1]
    what = _ASK_TWO if len(instalments) == 2 else _ASK[terms.rhythm]
    words = what.format(
        total=terms.total,
        card=terms.card.label.partition(",")[0] if terms.card else "",  # nobody reads the expiry aloud
        count=len(instalments),
        first=first.amount,
        day=days.words(first.due_on, today),
        each=last.amount,
        last=days.words(last.due_on, today),
    )
    return f"{words} {rules.words}"
