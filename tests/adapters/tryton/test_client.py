"""What Tryton's answers allow us to conclude, and its values on the wire."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from agentdesk.adapters.base import Misconfigured, NeedsDecision, NotSent, RateLimited, Rejected
from agentdesk.adapters.tryton.client import Tryton, _failure
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.values import dumps, unmark
from agentdesk.cli.demo.tryton import TrytonServer
from tests.tryton_server import config_of


@pytest.fixture
async def tryton(tryton_server: TrytonServer) -> AsyncIterator[Tryton]:
    """A client of its own."""
    client = Tryton(TrytonConfig.model_validate(config_of(tryton_server)))
    yield client
    await client.aclose()


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (["UserWarning", ["ab12.overpay", "More than is open.", ""]], NeedsDecision, "ab12.overpay"),
        (["UserError", ["The period is closed.", None, None]], Rejected, "UserError"),
        (["ConcurrencyException", "Records were modified"], NotSent, "ConcurrencyException"),
        (["LoginException", ["password", "Password", "password"]], Misconfigured, "LoginException"),
        (["RateLimitException", None], RateLimited, None),
        (["'nope' is not a method", "Traceback of the server"], Rejected, "ServerError"),
    ],
)
def test_each_kind_of_error_says_what_may_be_concluded(
    answer: list[object], error: type[Exception], code: str | None
) -> None:
    failure = _failure(answer)
    assert type(failure) is error
    assert failure.vendor_code == code
    assert "Traceback" not in str(failure)


def test_a_card_number_in_an_answer_is_not_passed_on() -> None:
    assert "4242" not in str(_failure(["UserError", ["Note 4242 4242 4242 4242", None]]))


def test_values_survive_the_wire() -> None:
    assert b'"decimal":"12.50"' in dumps({"amount": Decimal("12.50")})
    assert b'"month":11' in dumps([date(2026, 11, 21)])
    marked = {
        "__class__": "datetime",
        "year": 2026,
        "month": 11,
        "day": 21,
        "hour": 9,
        "minute": 5,
        "second": 1,
    }
    assert unmark([{"at": marked}]) == [{"at": datetime(2026, 11, 21, 9, 5, 1, tzinfo=UTC)}]
    assert unmark({"__class__": "Decimal", "decimal": "1.10"}) == Decimal("1.10")
    assert unmark({"__class__": "date", "year": 2026, "month": 1, "day": 2}) == date(2026, 1, 2)


def test_a_value_without_a_wire_form_is_not_sent() -> None:
    with pytest.raises(TypeError):
        dumps({"amount": {1, 2}})


@pytest.mark.anyio
async def test_what_does_not_exist_is_refused_without_a_traceback(tryton: Tryton) -> None:
    for attempt in (
        tryton.search("no.such.model", [], ["id"]),
        tryton.search("party.party", [], ["no_such_field"]),
        tryton.call("model.party.party.no_such_method"),
        tryton.call("model.res.user.create", [{"name": "x", "login": "x"}]),
    ):
        with pytest.raises(Rejected) as refused:
            await attempt
        assert "Traceback" not in refused.value.detail


@pytest.mark.anyio
async def test_an_answer_long_enough_to_be_compressed_is_read(tryton: Tryton) -> None:
    # answers of JSON-RPC over 1400 bytes are gzip whatever was asked for
    rows = await tryton.call("model.party.party.search_read", [], 0, 100, None, ["name", "code"])
    assert len(rows) == 100
