"""The list of adapters: each entry exists, speaks its port and hides its secrets."""

import inspect
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from agentdesk.adapters import base, cards, links, records, rehearsals, telephony
from agentdesk.adapters.base import Misconfigured
from agentdesk.adapters.registry import ADAPTERS, build, load

PORTS: dict[str, type] = {
    "capture": base.CapturePort,
    "processor": base.ProcessorPort,
    "cards": cards.CardPort,
    "link": links.LinkPort,
    "messages": links.MessagePort,
    "recorder": telephony.RecorderPort,
    "phone": telephony.PhonePort,
    "webhooks": base.WebhookPort,
    "crm": records.CrmPort,
    "accounting": records.AccountingPort,
    "rehearsal": rehearsals.RehearsalPort,
}
ENTRIES = [(kind, name) for kind, names in ADAPTERS.items() for name in names]
SECRET_WORDS = ("secret", "token", "password", "key")
STRIPE = {"secret_key": "sk_test_very_private"}


def test_every_kind_has_a_port() -> None:
    assert set(ADAPTERS) == set(PORTS)


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_an_adapter_speaks_its_port(kind: Any, name: str) -> None:
    adapter, port = load(kind, name), PORTS[kind]
    assert adapter.name == name
    for method, wanted in inspect.getmembers(port, inspect.isfunction):
        if method.startswith("_"):
            continue
        ours = getattr(adapter, method)
        assert inspect.iscoroutinefunction(ours) is inspect.iscoroutinefunction(wanted), method
        assert list(inspect.signature(ours).parameters) == list(inspect.signature(wanted).parameters), method


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_what_an_adapter_is_told_has_titles_and_hides_secrets(kind: Any, name: str) -> None:
    config: type[BaseModel] = load(kind, name).Config
    assert config.model_config.get("title")
    assert config.model_config.get("hide_input_in_errors")
    for field, info in config.model_fields.items():
        assert info.title, field
        if any(word in field for word in SECRET_WORDS):
            assert SecretStr.__name__ in str(info.annotation), f"{field} is not hidden"


def test_builds_by_name() -> None:
    assert build("processor", "stripe", STRIPE).name == "stripe"
    assert build("webhooks", "cti", {"secret": "s"}).name == "cti"


@pytest.mark.parametrize(("kind", "name"), [("processor", "nobody"), ("nothing", "stripe"), ("crm", "")])
def test_a_name_that_is_not_there_is_for_an_administrator(kind: Any, name: str) -> None:
    with pytest.raises(Misconfigured, match="there are"):
        build(kind, name, {})


@pytest.mark.parametrize(
    ("config", "wrong"),
    [({}, "secret_key"), ({**STRIPE, "colour": "red"}, "colour"), ({**STRIPE, "timeout_s": 0}, "timeout_s")],
)
def test_a_wrong_setting_is_named_and_no_secret_is(config: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Misconfigured, match=wrong) as refused:
        build("processor", "stripe", config)
    assert "very_private" not in str(refused.value)


def test_a_configuration_does_not_show_its_secrets() -> None:
    config = load("processor", "stripe").Config(**STRIPE)
    assert "very_private" not in f"{config!r} {config} {config.model_dump_json()}"
