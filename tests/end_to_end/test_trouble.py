"""Outside systems that go away, and a hub that is killed: nothing taken is lost, nothing is taken twice."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agentdesk.cli.demo import tryton
from agentdesk.cli.demo.programs import start
from agentdesk.cli.demo.world import AGENT, World, hub_environment, passing_home, world
from tests.end_to_end.desk_by_hand import Person, Phone
from tests.until import until

FATIMA = "+441614960134"
DEREK = "+441144960126"


@pytest.fixture(scope="module")
def fragile(request: pytest.FixtureRequest) -> Iterator[World]:
    """A world of its own, whose hub keeps its port through a restart."""
    os.environ["AGENTDESK_DEMO_PORT"] = str(tryton.free_port())
    request.addfinalizer(lambda: os.environ.pop("AGENTDESK_DEMO_PORT", None))
    with passing_home() as folder, world(folder, lambda *_: None) as made:
        yield made


def _restart_hub(made: World) -> World:
    environment = hub_environment(made.ledger, made.sandbox.ready, made.folder)
    return replace(made, hub=start("hub", ["hub"], made.folder / "hub.log", environment))


def test_hub_killed_while_the_charge_is_out_finds_the_charge(fragile: World) -> None:
    agent, phone = Person(fragile, AGENT), Phone(fragile)
    line = agent.take_call(FATIMA)
    item = line.customer()["open_items"][0]
    taking = line.agree(item["outstanding"]["minor"], [item])
    taking.key_card("visa-approves")
    phone.fault(face="stripe", route="POST /v1/payment_intents", kind="delay", delay_s=10)
    phone.fault(face="stripe", route="payment_intent.succeeded", kind="callback_lost", count=3)
    taking.submit()
    until(lambda: phone.has_struck("delay"))
    assert taking.attempt()["state"] == "sending"
    fragile.hub.process.send_signal(signal.SIGKILL)
    fragile.hub.process.wait()
    again = _restart_hub(fragile)
    try:
        seen: list[str] = []

        def over() -> bool:
            seen.append(taking.attempt()["state"])
            return seen[-1] == "approved"

        until(over, 90)
        assert set(seen) <= {"sending", "unknown", "approved"}
        assert len([c for c in taking.charges() if c["status"] == "succeeded"]) == 1
        until(lambda: set(taking.written().values()) == {"done"}, 60)
        line.hang_up()
    finally:
        again.hub.stop()


def test_ledger_that_is_down_is_shown_with_the_age_of_the_copy_and_catches_up(fragile: World) -> None:
    again = _restart_hub(fragile)
    try:
        agent = Person(again, AGENT)
        line = agent.take_call(DEREK)
        customer = line.customer()
        item = customer["open_items"][0]
        port = int(fragile.ledger.url.rsplit(":", 1)[1])
        fragile.ledger.stop()
        stale = line.customer()
        assert set(stale["stale"]) == {"customer_records", "accounts"}
        assert stale["balance"] == customer["balance"]
        assert stale["account_as_of"] == customer["account_as_of"]
        lamps = {"accounts", "customer_records"}
        until(
            lambda: (
                lamps
                <= {
                    one["part"]
                    for one in agent.ask("GET", "/v1/readiness")["lamps"]
                    if one["state"] == "down"
                }
            ),
            60,
        )
        taking = line.agree(item["outstanding"]["minor"], [item])
        assert taking.take("visa-approves")["state"] == "approved"
        until(lambda: any(w["tries"] for w in taking.show()["write_backs"]))
        assert set(taking.written().values()) == {"queued"}
        back = tryton.start(port=port, data_dir=fragile.folder / "tryton")
        try:
            until(lambda: set(taking.written().values()) == {"done"}, 60)
            assert (
                line.customer()["balance"]["minor"]
                == customer["balance"]["minor"] - item["outstanding"]["minor"]
            )
        finally:
            back.stop()
    finally:
        again.hub.stop()
