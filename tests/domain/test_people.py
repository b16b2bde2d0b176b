"""Roles: each has all that a lower one may do."""

from agentdesk.domain.people import Permission, Role, permissions


def test_each_role_may_do_more_than_the_one_below() -> None:
    assert permissions(Role.AGENT) < permissions(Role.SUPERVISOR) < permissions(Role.ADMIN)


def test_who_may_do_what() -> None:
    assert permissions(Role.AGENT) == {Permission.TAKE_PAYMENT}
    assert Permission.SEE_PAYMENT_LOG not in permissions(Role.AGENT)
    assert permissions(Role.ADMIN) == set(Permission)
