"""What constraints cannot say: append-only tables, values that never change, who holds a debt."""

from alembic import op

revision = "0002"
down_revision = "0001"

APPEND_ONLY = ("payment_event", "audit_entry")

FIXED = {"attempt": ("charge_key", "intent_id"), "payment_intent": ("amount_minor", "currency", "reference")}

REFUSE = """
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%', tg_argv[0] using errcode = 'restrict_violation';
end $$
"""

HOLDING = """
create function holds_debt(state text) returns boolean language sql immutable
    return state in ('open', 'sending', 'pending', 'unknown');

create function debt_follows_attempt() returns trigger language plpgsql as $$
begin
    new.holding := (select holds_debt(state) from attempt where attempt_id = new.attempt_id);
    return new;
end $$;
create trigger debt_follows_attempt before insert or update on attempt_debt
    for each row execute function debt_follows_attempt();

create function attempt_moves_debts() returns trigger language plpgsql as $$
begin
    update attempt_debt set holding = holds_debt(new.state) where attempt_id = new.attempt_id;
    return null;
end $$;
create trigger attempt_moves_debts after update of state on attempt
    for each row execute function attempt_moves_debts()
"""


def upgrade() -> None:
    """Apply."""
    op.execute(REFUSE)
    for table in APPEND_ONLY:
        _refuse(f"before update or delete on {table} for each row", f"{table} is append-only")
        _refuse(f"before truncate on {table} for each statement", f"{table} is append-only")
    for table, columns in FIXED.items():
        for column in columns:
            _refuse(
                f"before update of {column} on {table} for each row "
                f"when (old.{column} is distinct from new.{column})",
                f"{table}.{column} never changes",
            )
    op.get_bind().connection.cursor().execute(HOLDING)  # several statements: past SQLAlchemy's parameters


def _refuse(when: str, words: str) -> None:
    name = "_".join(w for w in words.replace(".", " ").replace("-", " ").split())
    tail = "_truncate" if "truncate" in when else ""
    op.execute(f"create trigger {name}{tail} {when} execute function refuse_change('{words}')")
