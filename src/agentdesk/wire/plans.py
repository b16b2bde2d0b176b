"""Payment plans."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from agentdesk.domain.plan import InstalmentState, PlanPolicy, PlanState, Rhythm
from agentdesk.wire.model import Amount, Instant, Wire
from agentdesk.wire.payments import Email

#: The last day of what begins earlier is still a day of the calendar.
_NO_DAY_FROM = date(9900, 1, 1)


class NewPlan(Wire):
    """What the caller agreed to; `key` as in NewPaymentIntent: one press, one plan.

    All that is left of the chosen invoices is taken, in `count` instalments from `first_on`. `wording` is
    the version of the words that the caller agreed to.
    """

    key: str = Field(min_length=16, max_length=64)
    call_id: str = Field(max_length=64)
    saved_card: str = Field(max_length=64)
    invoices: list[str] = Field(min_length=1, max_length=100)
    total: Amount
    count: int = Field(ge=1, le=100)
    first_on: Annotated[date, Field(lt=_NO_DAY_FROM)]
    rhythm: Rhythm
    wording: str = Field(min_length=1, max_length=40)
    receipt_email: Email | None = None


class PlanWish(StrEnum):
    """What a person can do to a plan."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    SKIP = "skip"  # the instalment that is next, and only that


class PlanChange(Wire):
    """A wish and its reason; `number` is the instalment to skip, so that a second press skips no other."""

    wish: PlanWish
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
    number: int | None = None


class Instalment(Wire):
    """One payment of a plan. `intent_id` names the payment once one was started; `why` says why it failed."""

    number: int
    due_on: date
    amount: Amount
    state: InstalmentState
    intent_id: str | None
    why: str | None


class PaymentPlan(Wire):
    """A payment plan; `why` says in words why it is paused or over, None where it is active.

    `next` is the instalment that is taken next, None where none will be; `paid` is what its payments took.
    """

    plan_id: str
    reference: str
    short_reference: str
    customer_id: str
    state: PlanState
    why: str | None
    card_id: str
    card: str
    total: Amount
    paid: Amount
    numbers: list[str]
    rhythm: Rhythm
    instalments: list[Instalment]
    next: Instalment | None
    receipt_email: str | None
    made_by: str
    made_at: Instant


class PlanRules(Wire):
    """The firm's rules. `words` are read to the caller before a plan is made, `wording` is their version."""

    wording: str
    words: str
    most: int
    longest_days: int
    least: list[Amount]

    @property
    def policy(self) -> PlanPolicy:
        """The rules as the domain knows them."""
        return PlanPolicy(self.most, self.longest_days, tuple(one.money for one in self.least))
