"""How often one payment is tried: what reached the bank counts, and its own wish for a link goes beyond."""

import pytest

from agentdesk.domain.payment import Advice, AttemptState, attempts_left, may_try

OPEN, NOT_SENT, DECLINED = AttemptState.OPEN, AttemptState.NOT_SENT, AttemptState.DECLINED
NO = (DECLINED, Advice.OTHER_CARD)
CONFIRM = (DECLINED, Advice.SEND_LINK)
NOTHING = (NOT_SENT, None)


@pytest.mark.parametrize(
    ("tried", "left"),
    [
        ([], 3),
        ([NOT_SENT, NOT_SENT, NOT_SENT, OPEN], 3),
        ([NOT_SENT, DECLINED, OPEN], 2),
        ([DECLINED, DECLINED, AttemptState.UNKNOWN], 0),
        ([DECLINED, DECLINED, DECLINED, DECLINED], 0),
    ],
)
def test_only_what_reached_the_bank_is_counted(tried: list[AttemptState], left: int) -> None:
    assert attempts_left(tried) == left


@pytest.mark.parametrize(
    ("tried", "card", "link"),
    [
        ([], True, True),
        ([NOTHING] * 5, True, True),
        ([NO, NO], True, True),
        ([NO, NO, NO], False, False),
        ([CONFIRM, NO, NO], False, False),
        ([NO, NO, CONFIRM], False, True),
        ([NO, NO, CONFIRM, NOTHING], False, True),  # the link went somewhere else, or ran out
        ([(DECLINED, Advice.STOP)], False, False),
        ([NO, (DECLINED, Advice.STOP), NOTHING], False, False),
        ([NO, NO, CONFIRM, NO], False, False),  # the page was refused, too
    ],
)
def test_a_link_follows_the_last_card_where_the_bank_wants_the_holder(
    tried: list[tuple[AttemptState, Advice | None]], card: bool, link: bool
) -> None:
    assert (may_try(tried, by_link=False), may_try(tried, by_link=True)) == (card, link)
