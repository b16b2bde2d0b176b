"""The log: one line per record, and no card number or secret in any of them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from agentdesk import log

CARD = "4242 4242 4242 4242"  # a public test number, here to prove that it is refused
IDENTIFIER = "0198f3a2-7c44-7d8e-9b1a-2f4242424242"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    out = io.StringIO()
    log.setup(json=True, stream=out)
    yield out
    root.handlers, root.level = before, level


def _records(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_record_of_ours_has_time_level_name_and_values(stream: io.StringIO) -> None:
    structlog.get_logger("agentdesk.hub").info("attempt sent", attempt=IDENTIFIER, amount=1250)
    (record,) = _records(stream)
    assert record["event"] == "attempt sent"
    assert (record["level"], record["logger"]) == ("info", "agentdesk.hub")
    assert (record["attempt"], record["amount"]) == (IDENTIFIER, 1250)
    assert str(record["timestamp"]).endswith("Z")


def test_a_record_of_the_standard_library_comes_out_the_same_way(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 42)
    (record,) = _records(stream)
    assert (record["event"], record["logger"]) == ("Started server process [42]", "uvicorn.error")


@pytest.mark.parametrize(
    "say",
    [
        lambda: logging.getLogger("uvicorn.access").info("GET /search?q=%s", CARD),
        lambda: logging.getLogger("any.library").info("INSERT", extra={"parameters": [("note", CARD)]}),
        lambda: structlog.get_logger("hub").info("note " + CARD),
        lambda: structlog.get_logger("hub").info("note", text=CARD.replace(" ", "-")),
        lambda: structlog.get_logger("hub").info("note", digits=int(CARD.replace(" ", ""))),
        lambda: structlog.get_logger("hub").info("note", body={"deep": [{CARD: "x"}, CARD.encode()]}),
        lambda: structlog.get_logger("hub").info("note", error=ValueError(CARD)),
    ],
    ids=["argument", "extra", "event", "value", "number", "nested", "object"],
)
def test_a_card_number_never_reaches_the_log(stream: io.StringIO, say) -> None:
    say()
    assert "4242" not in stream.getvalue()
    assert log.REFUSED in stream.getvalue()


def test_a_card_number_in_a_traceback_never_reaches_the_log(stream: io.StringIO) -> None:
    try:
        raise ValueError(CARD)
    except ValueError:
        logging.getLogger("asyncio").info("failed", exc_info=True)
    (record,) = _records(stream)
    assert record["exception"] == log.REFUSED
    assert record["event"] == "failed"


def test_a_secret_is_hidden_by_its_name(stream: io.StringIO) -> None:
    structlog.get_logger("hub").info(
        "vendor", headers={"Authorization": "Bearer abc", "x": "y"}, auth_token="abc"
    )
    (record,) = _records(stream)
    assert record["headers"] == {"Authorization": log.HIDDEN, "x": "y"}
    assert record["auth_token"] == log.HIDDEN


def test_whole_addresses_are_not_logged(stream: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET https://vendor.test/search?name=Smith")
    assert stream.getvalue() == ""


def test_people_get_lines_without_json() -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    out = io.StringIO()
    log.setup(json=False, stream=out)
    structlog.get_logger("hub").info("ready", text=CARD)
    root.handlers, root.level = before, level
    assert "ready" in out.getvalue()
    assert "4242" not in out.getvalue()


def test_a_logger_with_its_own_handler_loses_it(stream: io.StringIO) -> None:
    other = io.StringIO()
    logger = logging.getLogger("third.party")
    logger.addHandler(logging.StreamHandler(other))
    logger.propagate = False
    log.setup(json=True, stream=stream)
    logger.info("note %s", CARD)
    assert other.getvalue() == ""
    assert log.REFUSED in stream.getvalue()
