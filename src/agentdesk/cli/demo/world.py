"""The demo's world: a real ledger and customer records, the sandbox, the hub and its people."""

import contextlib
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentdesk.cli.demo import tryton
from agentdesk.cli.demo.call import Refused, call
from agentdesk.cli.demo.programs import Program, start
from agentdesk.cli.demo.tryton import Progress, TrytonServer
from agentdesk.hub.settings import default_data_dir

BUSINESS = "Northwind Energy"
#: The demo's people. Their password is known, and this is the only place that has one.
PASSWORD = "demo-only-password"
ADMIN = ("admin", "Demo Administrator", "admin", None)
AGENT = ("priya.nair", "Priya Nair", "agent", 200_000)
SUPERVISOR = ("ruth.adeyemi", "Ruth Adeyemi", "supervisor", None)
QUEUE = "Billing"
#: The contact centre's number: rung by callers, and what its texts come from.
NUMBER = "+442079460000"
SIGNATURE_HEADER = "X-Sandbox-Signature"
#: What callers of one queue are asked; those of the queue that rings by itself are not.
CHECK = {
    "items": {
        "name": "Full name",
        "post_code": "Post code of the address on file",
        "last_paid": "What was paid last",
    },
    "must_pass": 2,
    "required": True,
}
#: What the demo's firm wants.
_POLICY = {
    "BUSINESS": BUSINESS,
    "CARD_BRANDS": '["visa", "mastercard"]',  # one brand is refused, to be seen
    "LINK__MINUTES": "60",
    "LINK__WAYS": '["text", "email", "qr"]',  # a firm has to want the last
    "AMOUNTS__LOOKUP": "optional",  # all there is: also on account
    "SAVED_CARDS__WORDING": "2026-11",
    "PLANS__WORDING": "2026-11",
    "PLANS__FROM_HOUR": "0",  # at any hour, to be seen
    "REHEARSAL": "sandbox",
    "CALLER_CHECKS": json.dumps({"Moving home": CHECK}),  # agentdesk call --number … --queue "Moving home"
}


@dataclass(frozen=True, slots=True)
class World:
    """Everything that runs, and where."""

    ledger: TrytonServer
    sandbox: Program
    hub: Program
    folder: Path

    def sign_in(self, person: tuple[str, str, str, int | None]) -> str:
        """Return a session token of one of the demo's people."""
        session = call("POST", f"{self.hub.url}/v1/sessions", {"username": person[0], "password": PASSWORD})
        return str(session["token"])

    def ring(self, number: str | None) -> str:
        """Let a caller ring the contact centre; return the call's id at the phone network."""
        wish = {"from": number or "anonymous", "to": NUMBER, "queue": QUEUE}
        return str(call("POST", f"{self.sandbox.url}/_sim/calls", wish)["sid"])


@contextlib.contextmanager
def world(folder: Path, progress: Progress, *, speed: float = 1.0) -> Iterator[World]:
    """Start everything, hand it over, and end what was started.

    `folder` keeps the databases and logs between runs. Raises NotReady, TrytonFailed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        tryton.ensure_database(progress, folder / "tryton")
        ledger, sandbox = _start_outside(folder, speed, stack)
        progress("Hub", 0, 1)
        hub = start("hub", ["hub"], folder / "hub.log", hub_environment(ledger, sandbox.ready, folder))
        stack.callback(hub.stop)
        progress("Hub", 1, 1)
        made = World(ledger, sandbox, hub, folder)
        _make_people(made)
        _connect_sandbox(made)
        yield made


def _start_outside(folder: Path, speed: float, stack: contextlib.ExitStack) -> tuple[TrytonServer, Program]:
    """Start ledger and sandbox at the same time; whichever runs is ended by the stack."""
    arguments = ["sandbox", "--speed", str(speed)]
    with ThreadPoolExecutor(2) as pool:
        ledger = pool.submit(tryton.start, data_dir=folder / "tryton")
        sandbox = pool.submit(start, "sandbox", arguments, folder / "sandbox.log", {})
    for one in (ledger, sandbox):
        if one.exception() is None:
            stack.callback(one.result().stop)
    return ledger.result(), sandbox.result()


def home() -> Path:
    """Return where the demo keeps its databases between runs; AGENTDESK_DEMO_HOME says otherwise."""
    chosen = os.environ.get("AGENTDESK_DEMO_HOME")
    return Path(chosen) if chosen else default_data_dir() / "demo"


@contextlib.contextmanager
def passing_home() -> Iterator[Path]:
    """Give a folder that is gone afterwards.

    Others may pass through it: started by root, the embedded PostgreSQL runs under an account of its own.
    """
    with tempfile.TemporaryDirectory(prefix="agentdesk-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def hub_environment(ledger: TrytonServer, sandbox: Any, folder: Path) -> dict[str, str]:
    """Return the settings of a hub whose vendors are the sandbox and this ledger."""
    host, _, port = str(sandbox["smtp"]).partition(":")
    vendors = {
        "TWILIO": {
            "BASE_URL": sandbox["url"],
            "ACCOUNT_SID": sandbox["account_sid"],
            "AUTH_TOKEN": sandbox["auth_token"],
            "MESSAGES_FROM": NUMBER,
        },
        "STRIPE": {
            "BASE_URL": sandbox["url"],
            "SECRET_KEY": sandbox["stripe_key"],
            "WEBHOOK_SECRETS": f'["{sandbox["stripe_webhook_secret"]}"]',
        },
        "CTI": {
            "SECRET": sandbox["cti_secret"],
            "SIGNATURE_HEADER": SIGNATURE_HEADER,
            "COMMAND_URL": f"{sandbox['url']}/_sim/calls",
        },
        "SANDBOX": {"BASE_URL": sandbox["url"]},
        "TRYTON": {
            "BASE_URL": ledger.url,
            "DATABASE": ledger.database,
            "USER": ledger.user,
            "PASSWORD": ledger.password,
            "KEY": ledger.key,
        },
    }
    settings = {
        "PORT": os.environ.get("AGENTDESK_DEMO_PORT", "0"),
        "DATA_DIR": str(folder / "hub"),
        **_POLICY,
        "MAIL__HOST": host,
        "MAIL__PORT": port,
        "MAIL__SENDER": "receipts@northwind.example",
        "MAIL__STARTTLS": "false",
    }
    flat = {f"VENDORS__{v}__{k}": str(value) for v, config in vendors.items() for k, value in config.items()}
    return {f"AGENTDESK_{name}": value for name, value in {**settings, **flat}.items()}


def _make_people(made: World) -> None:
    base = made.hub.url
    username, name, _, _ = ADMIN
    if call("GET", f"{base}/v1/set-up")["needed"]:
        first = {"username": username, "name": name, "password": PASSWORD}
        token = call("POST", f"{base}/v1/set-up", first)["token"]
    else:
        token = made.sign_in(ADMIN)
    for username, name, role, limit_minor in (AGENT, SUPERVISOR):
        person = {
            "username": username,
            "name": name,
            "role": role,
            "limit_minor": limit_minor,
            "password": PASSWORD,
        }
        try:
            call("POST", f"{base}/v1/people", person, token=token)
        except Refused as error:
            if "user_name_taken" not in error.body:
                raise


def _connect_sandbox(made: World) -> None:
    """Tell the sandbox where the hub takes its messages, and who can ring."""
    config = {
        "cti_url": f"{made.hub.url}/webhooks/cti",
        "stripe_webhook_url": f"{made.hub.url}/webhooks/stripe",
        "business": BUSINESS,
    }
    call("POST", f"{made.sandbox.url}/_sim/config", config)
    known = [
        {"name": str(person["name"]), "number": person["phone"]}
        for person in tryton.callers(made.folder / "tryton")
        if person["phone"]
    ]
    call("POST", f"{made.sandbox.url}/_sim/callers", known)


def new_key() -> str:
    """Return a key for one press of a button."""
    return secrets.token_urlsafe(18)
