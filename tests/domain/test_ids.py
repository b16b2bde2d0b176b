"""Ids: prefixed, sortable, and references people and ledgers can hold."""

from datetime import UTC

from agentdesk.domain import ids


def test_ulids_are_different_and_sort_by_time() -> None:
    made = [ids.new_ulid() for _ in range(500)]
    assert len(set(made)) == 500
    assert [one[:10] for one in made] == sorted(one[:10] for one in made)
    assert all(len(one) == 26 and set(one) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for one in made)


def test_references() -> None:
    intent = ids.new_id("pay")
    assert ids.payment_reference(intent) == "PMT-" + intent.removeprefix("pay_")
    assert len(ids.payment_reference(intent)) == 30
    assert ids.short_reference(intent).replace("-", "") == intent[-8:]


def test_the_clock_is_aware() -> None:
    assert ids.now().tzinfo is UTC
