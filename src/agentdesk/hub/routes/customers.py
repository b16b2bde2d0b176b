"""Routes of customers: search, record with balance, history, promises to pay, payment plans."""

from typing import Annotated

from fastapi import APIRouter, Query

from agentdesk.domain.people import Permission
from agentdesk.hub import customers, plans, promises
from agentdesk.hub.auth import Who
from agentdesk.hub.depends import HubDep, require
from agentdesk.hub.problems import problems
from agentdesk.wire.customers import Customer, History, Matches, Preference
from agentdesk.wire.plans import NewPlan, PaymentPlan
from agentdesk.wire.promises import NewPromise, Promise, Withdrawal

router = APIRouter(prefix="/v1/customers", tags=["customers"], responses=problems(401, 403, 422, 503))
AGENT: Who = require(Permission.TAKE_PAYMENT)


@router.get("")
async def search(
    hub: HubDep, q: Annotated[str, Query(min_length=2, max_length=80)], _who: Who = AGENT
) -> Matches:
    """Find customers by name, telephone number, account, post code, email or invoice number."""
    return await customers.search(hub, q)


@router.get("/{customer_id}", responses=problems(404))
async def show(hub: HubDep, customer_id: str, _who: Who = AGENT) -> Customer:
    """A customer with balance and open invoices, and when each was read."""
    return await customers.show(hub, customer_id)


@router.put("/{customer_id}/preference", responses=problems(404))
async def prefer(hub: HubDep, customer_id: str, preference: Preference, who: Who = AGENT) -> Customer:
    """Note the way to pay to offer this customer first."""
    return await customers.prefer(hub, who, customer_id, preference.route)


@router.get("/{customer_id}/history")
async def history(hub: HubDep, customer_id: str, _who: Who = AGENT) -> History:
    """A customer's past, newest first."""
    return await customers.history(hub, customer_id)


@router.post("/{customer_id}/promises", status_code=201, responses=problems(404, 409))
async def promise(hub: HubDep, customer_id: str, new: NewPromise, who: Who = AGENT) -> Promise:
    """Write down what the caller promises to pay, and by when."""
    return await promises.make(hub, who, customer_id, new)


@router.post("/{customer_id}/promises/{promise_id}/withdrawal", responses=problems(404, 409))
async def withdraw(
    hub: HubDep, customer_id: str, promise_id: str, why: Withdrawal, who: Who = AGENT
) -> Promise:
    """Take back a promise that was never meant, as one written down for the wrong customer."""
    return await promises.withdraw(hub, who, customer_id, promise_id, why)


@router.post("/{customer_id}/plans", status_code=201, responses=problems(404, 409))
async def make_plan(hub: HubDep, customer_id: str, new: NewPlan, who: Who = AGENT) -> PaymentPlan:
    """Write down a payment plan that the caller agreed to; nothing is taken today."""
    return await plans.make(hub, who, customer_id, new)
