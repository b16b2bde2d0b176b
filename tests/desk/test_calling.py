"""Who calls and where from."""

import pytest

from agentdesk.desk.calling import caller, where
from agentdesk.wire.calls import Call
from tests.desk import samples


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (samples.ringing(), "Amara Okafor"),
        (samples.ringing(matches=[samples.match(exact=False)]), "Perhaps Amara Okafor"),
        (samples.ringing(matches=[samples.match(1), samples.match(2)]), "2 customers have this number"),
        (samples.ringing(matches=[]), "Nobody known by this number"),
        (samples.ringing(matches=[], number=None), "Number withheld"),
    ],
)
def test_who_rings(call: Call, words: str) -> None:
    assert caller(call) == words


@pytest.mark.parametrize(
    ("call", "more", "words"),
    [
        (samples.ringing(), 0, "+44 20 7946 0958, Billing queue"),
        (samples.ringing(), 2, "+44 20 7946 0958, Billing queue, 2 more waiting"),
        (samples.ringing(queue=None), 0, "+44 20 7946 0958"),
        (samples.ringing(number=None, queue=None), 1, "1 more waiting"),
        (samples.ringing(number=None, queue=None), 0, ""),
    ],
)
def test_where_from(call: Call, more: int, words: str) -> None:
    assert where(call, more).replace("\u00a0", " ") == words
