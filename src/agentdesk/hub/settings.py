"""What the hub is told: from the command line, the environment, secret files and one TOML file.

Sandbox and live differ in the vendors' addresses and keys, nothing else.
"""

import ipaddress
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from agentdesk.adapters import registry
from agentdesk.adapters.base import Misconfigured
from agentdesk.domain.call import DISPOSITIONS
from agentdesk.domain.link import LinkWay
from agentdesk.domain.rehearsal import QUEUE
from agentdesk.hub.caller_policy import CallerCheck
from agentdesk.hub.policies import Amounts, Part, Plans, SavedCards
from agentdesk.i18n import LANGUAGES, N_, _

HIDDEN = "(hidden)"
_ROOT_DATA = Path("/var/lib/agentdesk")  # the database's own account cannot enter root's home


class SettingsError(Exception):
    """The settings cannot be used; the text names each wrong one, never its value."""


def default_data_dir() -> Path:
    """Return where a hub keeps its data unless it is told."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return _ROOT_DATA if root else platformdirs.user_data_path("agentdesk")


class Route(Part):
    """A way to pay, as the agent picks it."""

    route: str
    title: str
    detail: str


class Mail(Part):
    """The mail server that takes receipts and links. No user name: none is sent."""

    host: str
    port: int = 587
    sender: str
    username: str | None = None
    password: SecretStr | None = None
    starttls: bool = True


class Link(Part):
    """Payment links: who makes the page, how its address may reach the customer, how long it can be paid.

    `ways` with `qr` puts the address on agents' screens. `thanks_url` is where the customer comes after
    paying; empty: the hub's own page.
    """

    page: str = "stripe"
    ways: list[LinkWay] = Field(default=[LinkWay.TEXT, LinkWay.EMAIL], min_length=1)
    messages: str = "twilio"  # sends the texts
    minutes: int = Field(default=60, ge=35, le=1435)  # Stripe takes 30 min to 24 h, by its own clock
    thanks_url: str = ""


_KEYPAD = Route(
    route="keypad", title=N_("Card by keypad"), detail=N_("The caller keys the card on the phone.")
)
_LINK = Route(route="link", title=N_("Secure link"), detail=N_("The customer pays on a page of their own."))
_SAVED = Route(route="saved", title=N_("Saved card"), detail=N_("A card the customer had kept."))


class Settings(BaseSettings):
    """Everything a hub can be told.

    `vendors` holds each vendor's own configuration by its name in the list of adapters; which vendor
    plays which part is said by `capture` to `webhooks`.
    """

    model_config = SettingsConfigDict(
        env_prefix="AGENTDESK_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8790, ge=0, le=65535)  # 0: any free one
    public_url: str = ""  # what vendors call; empty: the address listened on
    database_url: SecretStr | None = None  # None: the embedded PostgreSQL in data_dir
    database_wait_s: int = Field(default=60, ge=0)  # for one that starts or recovers when the hub starts
    data_dir: Path = Field(default_factory=default_data_dir)
    business: str = "Agent Desk"
    currency: str = "GBP"
    region: str = Field(default="GB", pattern="^[A-Z]{2}$")  # telephone numbers without a country
    time_zone: str = "UTC"  # of the business day
    language: str = "en"  # of notes, receipts and all that is kept; each desk has its own
    test_mode: bool = True  # no real money: evidence of the other kind is refused
    card_brands: list[str] = ["visa", "mastercard", "amex"]
    dispositions: dict[str, str] = Field(default_factory=lambda: dict(DISPOSITIONS))
    queues: dict[str, dict[str, str]] = {}  # queues with dispositions of their own
    caller_check: CallerCheck | None = None  # None: callers are not checked
    caller_checks: dict[str, CallerCheck] = {}  # queues with a check of their own
    routes: list[Route] = [_KEYPAD]
    say_insufficient_funds: bool = False  # may agents read that reason out? They then see it, too
    amounts: Amounts = Amounts()
    duplicate_minutes: int = Field(default=30, ge=0, le=1440)  # a like payment stops the next; 0: never
    capture: str = "twilio"
    processor: str = "stripe"
    recorder: str = "twilio"
    phone: str = "cti"
    crm: str = "tryton"
    accounting: str = "tryton"
    webhooks: list[str] = ["twilio", "stripe", "cti"]
    vendors: dict[str, dict[str, Any]] = {}
    promise_days: int = Field(default=30, ge=1, le=366)  # how far ahead a customer may promise to pay
    stale_minutes: int = Field(default=10, ge=1, le=1440)  # a balance read longer ago is shown as old
    note_for: list[str] = []  # dispositions that need a note
    wrap_up_s: int = Field(default=120, ge=0, le=3600)  # after a call; then the agent is warned; 0: never
    link: Link | None = None  # None: no payment links are sent
    saved_cards: SavedCards | None = None  # None: no card is kept, and none that was kept is charged
    plans: Plans | None = None  # None: no payment plan is made, and none that was made takes anything
    write_back_overdue_minutes: int = Field(default=15, ge=1)  # then an alarm is raised
    mail: Mail | None = None  # None: receipts are made but not sent
    rehearsal: str | None = None  # who plays callers for agents to practise with; in test mode only

    @field_validator("database_url")
    @classmethod
    def _address_of_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_postgresql(value.get_secret_value()):
            raise ValueError("use postgresql://user:password@host:port/database; it is not shown here")
        return value

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, value: str) -> str:
        if not re.fullmatch("[A-Z]{3}", value):
            raise ValueError("use an ISO 4217 code such as GBP")
        return value

    @field_validator("language")
    @classmethod
    def _spoken(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueError(f"one of {', '.join(LANGUAGES)}")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            return value if value == "UTC" else ZoneInfo(value).key
        except (KeyError, OSError):
            raise ValueError("use a name such as Europe/London") from None

    @field_validator("vendors", mode="before")
    @classmethod
    def _lists_from_text(cls, vendors: Any) -> Any:
        """Read a list that came as JSON from the environment: only the vendor's own model knows it is one."""
        if not isinstance(vendors, dict):
            return vendors
        return {
            vendor: {k: _list_from_text(v) for k, v in config.items()} if isinstance(config, dict) else config
            for vendor, config in vendors.items()
        }

    @model_validator(mode="before")
    @classmethod
    def _own_address(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not values.get("public_url"):
            host, port = str(values.get("host", "127.0.0.1")), values.get("port", 8790)
            if not is_loopback(host):
                raise ValueError("public_url is needed where host is not 127.0.0.1: what vendors call")
            shown = f"[{host}]" if ":" in host else host
            values = values | {"public_url": f"http://{shown}:{port}"}
        return values | {"public_url": str(values["public_url"]).rstrip("/")}

    @model_validator(mode="after")
    def _fit_together(self) -> "Settings":
        if self.rehearsal and not self.test_mode:
            raise ValueError("rehearsal is for a hub in test mode: nothing is pretended where money is real")
        if self.plans and self.saved_cards is None:
            raise ValueError("plans needs saved_cards: a plan charges a card that its holder had kept")
        known = {code for reasons in (self.dispositions, *self.queues.values()) for code in reasons}
        if unknown := sorted(set(self.note_for) - known):
            raise ValueError(f"note_for names what is no disposition: {', '.join(unknown)}")
        return self

    @property
    def zone(self) -> tzinfo:
        """The business day's time zone."""
        return UTC if self.time_zone == "UTC" else ZoneInfo(self.time_zone)

    @property
    def known_routes(self) -> list[Route]:
        """Every way to pay there is, allowed or not, as agents see them."""
        named = {one.route for one in self.routes}
        return [*self.routes, *(one for one in (_KEYPAD, _LINK, _SAVED) if one.route not in named)]

    def allows(self, route: str) -> bool:
        """Say whether the firm takes payments this way."""
        if route == _LINK.route:
            return self.link is not None
        if route == _SAVED.route:
            return self.saved_cards is not None
        return any(one.route == route for one in self.routes)

    def sends_links_by(self, way: LinkWay) -> bool:
        """Say whether links go this way here."""
        wanted = self.link is not None and way in self.link.ways
        return wanted and (way is not LinkWay.EMAIL or self.mail is not None)

    @property
    def thanks_url(self) -> str:
        """Where customers come after paying on a link."""
        return (self.link and self.link.thanks_url) or f"{self.public_url}/thank-you"

    def dispositions_of(self, queue: str | None) -> dict[str, str]:
        """Return the wrap-up reasons of a queue, code to words; those of everyone where it has none."""
        chosen = self.queues.get(queue or "", self.dispositions)
        return {code: _(words) for code, words in chosen.items()}  # the firm's own words stay as they are

    def check_of(self, queue: str | None) -> CallerCheck | None:
        """Return what callers of a queue are asked; that of everyone where it has none."""
        is_played = self.rehearsal and queue == QUEUE  # who plays a caller has no answers
        return self.caller_checks.get(queue or "", None if is_played else self.caller_check)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing by itself: `load` does, so that it can say where each value came from."""
        return (init_settings,)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and for each dotted name the source that won."""

    settings: Settings
    sources: Mapping[str, str]

    def lines(self) -> list[tuple[str, str, str]]:
        """Return every effective setting as name, value in words and source; secrets hidden."""
        shown = _flat(_shown(self.settings))
        return [(name, _text(value), self.sources.get(name, "default")) for name, value in shown.items()]


def load(config: Path | None = None, **given: Any) -> Loaded:
    """Read the settings. What is given here wins over the environment, secret files and the TOML file.

    `config` None: the file named by AGENTDESK_CONFIG, or none. Secret files lie in AGENTDESK_SECRETS_DIR or
    systemd's CREDENTIALS_DIRECTORY under the same names as in the environment. Raises SettingsError.
    """
    found = _read(config, {name: value for name, value in given.items() if value is not None})
    merged: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, values in reversed(found):
        merged = _merged(merged, values)
        sources |= dict.fromkeys(_flat(values), name)
    try:
        return Loaded(Settings(**merged), sources)
    except ValidationError as error:
        raise SettingsError(_words(error)) from None


def _read(config: Path | None, given: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return each source's name and values, the strongest first."""
    file = config or (Path(named) if (named := os.environ.get("AGENTDESK_CONFIG")) else None)
    if file is not None and not os.path.lexists(file):
        raise SettingsError(f"The settings file {file} is not there.")
    secrets = os.environ.get("AGENTDESK_SECRETS_DIR") or os.environ.get("CREDENTIALS_DIRECTORY")
    return [(name, _values(name, source)) for name, source in _sources(given, secrets, file)]


def _values(name: str, source: Callable[[], PydanticBaseSettingsSource]) -> dict[str, Any]:
    """Read one source. The text of what goes wrong may hold values: it is not told."""
    try:
        return source()()
    except OSError as error:
        raise SettingsError(f"The settings ({name}) cannot be read: {error.strerror}.") from None
    except ValueError:  # TOML, JSON or not even text
        raise SettingsError(f"The settings ({name}) cannot be read; check the syntax.") from None


def _sources(
    given: dict[str, Any], secrets: str | None, file: Path | None
) -> Iterator[tuple[str, Callable[[], PydanticBaseSettingsSource]]]:
    yield "command line", lambda: InitSettingsSource(Settings, given)
    yield "environment", lambda: EnvSettingsSource(Settings)
    if secrets:
        yield (
            "secret files",
            lambda: NestedSecretsSettingsSource(Settings, secrets_dir=secrets),  # type: ignore[arg-type]
        )
    if file:
        yield str(file), lambda: TomlConfigSettingsSource(Settings, toml_file=_readable(file))


def _readable(file: Path) -> Path:
    """Return the file; the source takes one it cannot read for an empty one. Raises OSError."""
    with file.open("rb"):
        return file


def _is_postgresql(url: str) -> bool:
    try:
        return make_url(url).drivername in ("postgresql", "postgresql+psycopg")
    except (ArgumentError, ValueError):
        return False


def is_loopback(host: str) -> bool:
    """Say whether an address is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _list_from_text(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value.startswith("[") else value


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = dict(below)
    for name, value in above.items():
        old = both.get(name)
        both[name] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


def _flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[before + name] = value
    return flat


def _shown(settings: Settings) -> dict[str, Any]:
    shown = settings.model_dump(mode="python")
    shown["vendors"] = {name: _vendor_shown(name, config) for name, config in settings.vendors.items()}
    return shown


def _vendor_shown(name: str, config: dict[str, Any]) -> dict[str, Any]:
    """Read the vendor's values through its own model, which knows the secrets; hide all where it has none."""
    try:
        kind = next(kind for kind, adapters in registry.ADAPTERS.items() if name in adapters)
        return dict(registry.load(kind, name).Config.model_validate(config))
    except (StopIteration, Misconfigured, ValidationError):
        return dict.fromkeys(config, HIDDEN)


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, dict) and "title" in value:
        return f"{value['route']} ({value['title']})"
    if isinstance(value, list | tuple):
        value = ", ".join(_text(one) for one in value)
    return "(none)" if value in (None, "", {}) else str(value)


def _words(error: ValidationError) -> str:
    wrong = [
        ": ".join([*filter(None, [".".join(map(str, e["loc"]))]), e["msg"].removeprefix("Value error, ")])
        for e in error.errors(include_input=False)
    ]
    return "These settings are not right:\n" + "\n".join(wrong)
