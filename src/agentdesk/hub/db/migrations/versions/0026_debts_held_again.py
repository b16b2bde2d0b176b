"""A try that was over can be at risk again: it takes its debts back where no other try holds them by now."""

from alembic import op

revision = "0026"
down_revision = "0025"

FOLLOW = """
create or replace function debt_follows_attempt() returns trigger language plpgsql as $$
begin
    new.holding := (select holds_debt(state) from attempt where attempt_id = new.attempt_id);
    if tg_op = 'UPDATE' and new.holding and not old.holding then
        new.holding := not exists (
            select from attempt_debt other
            where other.debt = new.debt and other.holding and other.attempt_id <> new.attempt_id
        );
    end if;
    return new;
end $$
"""


def upgrade() -> None:
    """Apply."""
    op.execute(FOLLOW)
