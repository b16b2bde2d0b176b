"""Days that pass for a payment plan: what was agreed never changes, so rows are moved behind the rules."""

_MOVED = (
    "set local session_replication_role = replica",
    "update payment_plan set instalments = (select jsonb_agg(jsonb_set(one, '{{due_on}}',"
    " to_jsonb(((one ->> 'due_on')::date - {days})::text)) order by one -> 'number')"
    " from jsonb_array_elements(instalments) as one) where plan_id = '{plan_id}'",
    "update payment_intent set created_at = created_at - make_interval(days => {days})"
    " where plan_id = '{plan_id}'",
    "update attempt set ended_at = ended_at - make_interval(days => {days}) where ended_at is not null",
)


def moved(plan_id: str, days: int) -> list[str]:
    """Return the statements, for one transaction, after which so many days have passed for a plan."""
    return [one.format(plan_id=plan_id, days=days) for one in _MOVED]
