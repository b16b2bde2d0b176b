"""Tryton's adapters on a real server."""

import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from agentdesk.adapters.records import AccountingPort, CrmPort
from agentdesk.adapters.tryton.accounting import TrytonAccounting
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.crm import TrytonCrm
from agentdesk.cli.demo import tryton
from agentdesk.cli.demo.tryton import TrytonServer
from tests.adapters.contract_crm import customer_of
from tests.tryton_server import config_of


@pytest.fixture(scope="session")
async def crm(tryton_server: TrytonServer) -> AsyncIterator[TrytonCrm]:
    """Customer records."""
    adapter = TrytonCrm(TrytonConfig.model_validate(config_of(tryton_server)))
    yield adapter
    await adapter.aclose()


@pytest.fixture(scope="session")
async def accounting(tryton_server: TrytonServer) -> AsyncIterator[TrytonAccounting]:
    """The ledger."""
    adapter = TrytonAccounting(TrytonConfig.model_validate(config_of(tryton_server)))
    yield adapter
    await adapter.aclose()


@pytest.fixture(scope="session")
def ordinary_accounts(tryton_server: TrytonServer) -> Iterator[str]:
    """The accounts of customers without a story, each handed out once."""
    people = tryton.callers(tryton_server.data_dir)
    return iter([str(person["code"]) for person in people if person["special"] is None])


@pytest.fixture
async def debtor(crm: CrmPort, accounting: AccountingPort, ordinary_accounts: Iterator[str]) -> str:
    """A customer who owes something and is no other test's."""
    for account in ordinary_accounts:
        customer = await customer_of(crm, account)
        if await accounting.open_items(customer):
            return customer
    raise AssertionError("the demo has no debtor left")


@pytest.fixture
def unused_url() -> Iterator[str]:
    """An address where nothing listens, and nothing will: it is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
