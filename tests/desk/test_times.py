"""Times as people read them: the day stands beside what is of another one."""

from datetime import timedelta

from agentdesk.desk import times
from tests.desk import samples


def test_a_time_of_today_is_a_time() -> None:
    today = times.local_day(samples.NOW)
    assert times.minute_of(samples.NOW, today) == times.minute(samples.NOW)
    assert times.second_of(samples.NOW, today) == times.second(samples.NOW)


def test_a_time_of_another_day_has_its_day_and_of_another_year_the_year() -> None:
    today = times.local_day(samples.NOW)
    tomorrow, before = samples.NOW + timedelta(days=1), samples.NOW - timedelta(days=366)
    assert times.minute_of(tomorrow, today) == f"{times.minute(tomorrow)} on 22 Nov"
    assert times.second_of(before, today) == f"{times.second(before)} on 20 Nov 2025"
    assert times.millisecond_of(before, today) == f"{times.second(before)}.000 on 20 Nov 2025"
