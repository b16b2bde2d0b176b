"""Who may do what."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is here; each role has all a lower one may do."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Permission(StrEnum):
    """One thing a person may or may not do."""

    TAKE_PAYMENT = "take_payment"
    SEE_PAYMENT_LOG = "see_payment_log"
    REPLAY_WRITE_BACK = "replay_write_back"
    DECIDE_OUTCOME = "decide_outcome"
    REFUND = "refund"
    ALLOW_REFUND = "allow_refund"  # one that somebody asked for, over their limit
    ALLOW_DUPLICATE = "allow_duplicate"
    MANAGE_PEOPLE = "manage_people"


_ADDED = {
    Role.AGENT: {Permission.TAKE_PAYMENT},
    Role.SUPERVISOR: {
        Permission.SEE_PAYMENT_LOG,
        Permission.REPLAY_WRITE_BACK,
        Permission.DECIDE_OUTCOME,
        Permission.REFUND,
        Permission.ALLOW_REFUND,
        Permission.ALLOW_DUPLICATE,
    },
    Role.ADMIN: {Permission.MANAGE_PEOPLE},
}


def permissions(role: Role, *, may_refund: bool = False) -> frozenset[Permission]:
    """Return everything the role may do; `may_refund`: this person may also give money back."""
    rank = list(Role)
    of_role = frozenset(p for r in rank[: rank.index(role) + 1] for p in _ADDED[r])
    return of_role | {Permission.REFUND} if may_refund else of_role
