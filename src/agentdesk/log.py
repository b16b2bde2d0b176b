"""Set up logging: one handler for everything in the process, which lets no card number or secret through."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from agentdesk.domain.card import looks_like_pan

#: What stands in the log where a text looked like a card number.
REFUSED = "[refused: looked like a card number]"
HIDDEN = "[hidden]"

#: A key that is, or ends in, one of these holds a secret: hidden whole.
_SECRETS = (
    "password",
    "secret",
    "token",
    "authorization",
    "cookie",
    "api_key",
    "credential",
    "dsn",
    "signature",
)

#: They log whole addresses at INFO, with what a query holds; our own line for each vendor call does not.
_TELL_TOO_MUCH = ("httpx", "httpcore")

_ADDED_BY_STRUCTLOG = ("_record", "_from_structlog")


def setup(*, json: bool, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every log record of this process to `stream` (None: standard error), as JSON lines or for people.

    Replaces the root logger's handlers; loggers that have handlers of their own lose them.
    """
    structlog.configure(
        processors=[*_common(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(json))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    _send_all_to_root()
    for name in _TELL_TOO_MUCH:
        logging.getLogger(name).setLevel(logging.WARNING)


def scrub(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace every text that looks like a card number, and hide what is stored under a secret's name."""
    return {key: value if key in _ADDED_BY_STRUCTLOG else _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: object) -> object:
    if _is_secret(key):
        return HIDDEN
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, Mapping):
        return {REFUSED if looks_like_pan(str(k)) else k: _clean(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", one) for one in value]
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    if looks_like_pan(text):
        return REFUSED
    return value if isinstance(value, int | str) else text


def _is_secret(key: str) -> bool:
    name = key.lower().replace("-", "_")
    return name.endswith(_SECRETS)


def _common() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(json: bool) -> logging.Formatter:
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_common(), structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,  # first to text, so that tracebacks are scrubbed too
            scrub,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            renderer,
        ],
    )


def _send_all_to_root() -> None:
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
