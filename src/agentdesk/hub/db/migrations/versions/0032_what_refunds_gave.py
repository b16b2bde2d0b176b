"""What a refund gave back, where that is not what was asked for.

Stop the workers of the release before this one first: they post what was asked for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

#: As in 0010, with what the refunds before gave.
WITHIN = """
create or replace function refund_within_charge() returns trigger language plpgsql as $$
declare taken bigint; given bigint;
begin
    select amount_minor into taken from payment_intent where intent_id = new.intent_id for update;
    select coalesce(charged_minor, taken) into taken from attempt where attempt_id = new.attempt_id;
    select coalesce(sum(coalesce(gave_minor, amount_minor)), 0) into given from refund
        where attempt_id = new.attempt_id and state not in ('failed', 'not_sent');
    if given + new.amount_minor > taken then
        raise exception 'refunds of a charge exceed it' using errcode = 'check_violation';
    end if;
    return new;
end $$
"""


def upgrade() -> None:
    """Apply."""
    op.add_column("refund", sa.Column("gave_minor", sa.BigInteger()))
    op.create_check_constraint(op.f("ck_refund_gave_positive"), "refund", "gave_minor > 0")
    op.get_bind().connection.cursor().execute(WITHIN)
