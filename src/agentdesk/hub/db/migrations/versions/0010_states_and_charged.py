"""Every state column holds a state of its table; what was charged, where that is not what was agreed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0006"

STATES = {
    "call": "state in ('ringing','connected','held','wrap_up','ended')",
    "capture_session": "state in ('securing','collecting','collected','tokenising','tokenised','cancelling',"
    "'closed','spent')",
    "payment_link": "state in ('opening','open','closing','closed')",
    "write_back": "state in ('queued','done','parked')",
}
#: As in 0008, of what the charge took.
WITHIN = """
create or replace function refund_within_charge() returns trigger language plpgsql as $$
declare taken bigint; given bigint;
begin
    select amount_minor into taken from payment_intent where intent_id = new.intent_id for update;
    select coalesce(charged_minor, taken) into taken from attempt where attempt_id = new.attempt_id;
    select coalesce(sum(amount_minor), 0) into given from refund
        where attempt_id = new.attempt_id and state not in ('failed', 'not_sent');
    if given + new.amount_minor > taken then
        raise exception 'refunds of a charge exceed it' using errcode = 'check_violation';
    end if;
    return new;
end $$
"""


def upgrade() -> None:
    """Apply."""
    for table, rule in STATES.items():
        op.create_check_constraint(op.f(f"ck_{table}_state"), table, rule)
    op.add_column("attempt", sa.Column("charged_minor", sa.BigInteger()))
    op.create_check_constraint(op.f("ck_attempt_charged_positive"), "attempt", "charged_minor > 0")
    op.get_bind().connection.cursor().execute(WITHIN)
