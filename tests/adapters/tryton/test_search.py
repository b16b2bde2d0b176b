"""Searching in Tryton where the words fit more than one kind of thing."""

from collections.abc import AsyncIterator

import pytest

from agentdesk.adapters.tryton.client import Tryton
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.crm import TrytonCrm
from agentdesk.cli.demo.tryton import TrytonServer
from tests.adapters.contract_crm import AMARA, AMARA_PHONE
from tests.tryton_server import config_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def account_like_a_number(tryton_server: TrytonServer) -> AsyncIterator[str]:
    """Make a customer whose account number is Amara's telephone number; return it."""
    client = Tryton(TrytonConfig.model_validate(config_of(tryton_server)))
    account = "020 7946 0958"
    made = await client.create("party.party", {"name": "Ngozi Adeyemi", "code": account})
    yield account
    await client.call("model.party.party.delete", [made])
    await client.aclose()


async def test_an_account_number_that_could_be_a_telephone_number_finds_both(
    crm: TrytonCrm, account_like_a_number: str
) -> None:
    found = await crm.search(account_like_a_number)
    assert [(match.account, match.exact) for match in found] == [
        (AMARA, True),
        (account_like_a_number, False),
    ]
    assert [match.account for match in await crm.search(account_like_a_number, limit=1)] == [AMARA]


async def test_whoever_is_found_twice_is_told_once(crm: TrytonCrm) -> None:
    assert [match.account for match in await crm.search(AMARA_PHONE)] == [AMARA]
