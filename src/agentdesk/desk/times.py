"""The desk's clock, and times as people read them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from PySide6.QtCore import QObject, QTimer, Signal

from agentdesk import dates
from agentdesk.domain.ids import now
from agentdesk.i18n import _

_TICK_MS = 1000
_AGE_IN_MINUTES_FROM = timedelta(minutes=2)


class Clock(QObject):
    """The hub's time, and a signal each second; ages are only true against the clock that wrote them."""

    ticked = Signal(object)
    """The present instant."""

    def __init__(self, source: Callable[[], datetime] = now) -> None:
        super().__init__()
        self._source, self._ahead = source, timedelta(0)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(lambda: self.ticked.emit(self.now()))
        self._timer.start()

    def now(self) -> datetime:
        """Return the present instant by the hub's clock."""
        return self._source() + self._ahead

    def today(self) -> date:
        """Return the day it is here."""
        return local_day(self.now())

    @property
    def behind(self) -> timedelta:
        """How far this computer's own clock is behind the hub's; less than nothing where it is ahead."""
        return self._ahead

    def own(self) -> datetime:
        """Return the present instant by this computer's own clock."""
        return self._source()

    def set_by(self, hub_now: datetime, asked_at: datetime | None = None) -> None:
        """Go by what the hub says now; `asked_at`, by this computer's own clock, is when it was asked."""
        here = self.own()
        self._ahead = hub_now - (here if asked_at is None else asked_at + (here - asked_at) / 2)


def minute(instant: datetime) -> str:
    """Return `10:41`, in this computer's time zone."""
    return f"{instant.astimezone():%H:%M}"


def second(instant: datetime) -> str:
    """Return `10:41:20`, for times that money depends on."""
    return f"{instant.astimezone():%H:%M:%S}"


def minute_of(instant: datetime, today: date) -> str:
    """Return `10:41`, or `10:41 on 8 Oct` where that is another day."""
    return _of(minute(instant), instant, today)


def second_of(instant: datetime, today: date) -> str:
    """Return `10:41:20`, or `10:41:20 on 8 Oct` where that is another day: for money that is followed."""
    return _of(second(instant), instant, today)


def millisecond_of(instant: datetime, today: date) -> str:
    """Return `10:41:20.128`, or `10:41:20.128 on 8 Oct` where that is another day."""
    return _of(f"{instant.astimezone():%H:%M:%S.%f}"[:-3], instant, today)


def _of(time: str, instant: datetime, today: date) -> str:
    if local_day(instant) == today:
        return time
    return _("{time} on {day}").format(time=time, day=day(instant, today))


def local_day(instant: datetime) -> date:
    """Return the day an instant is of, in this computer's time zone."""
    return instant.astimezone().date()


def day(when: datetime | date, today: date) -> str:
    """Return `8 Oct`, with the year where it is not this one."""
    local = when.astimezone().date() if isinstance(when, datetime) else when
    return dates.short(local, with_year=local.year != today.year)


def day_and_minute(instant: datetime, today: date) -> str:
    """Return `Today 10:37`, or the day alone for one before."""
    if local_day(instant) == today:
        return _("Today {instant}").format(instant=minute(instant))
    return day(instant, today)


def running(since: datetime, until: datetime) -> str:
    """Return how long it has taken, `04:12`, or `1:04:12` from an hour."""
    seconds = max(0, int((until - since).total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def span(seconds: int) -> str:
    """Return how long something may take, `90 s` or `2 min`."""
    if seconds >= 120 and seconds % 60 == 0:
        return _("{minutes} min").format(minutes=seconds // 60)
    return f"{seconds} s"


def age(since: datetime, until: datetime) -> str:
    """Return `34 s` or `14 min` or `3 h`."""
    passed = max(timedelta(0), until - since)
    if passed < _AGE_IN_MINUTES_FROM:
        return f"{int(passed.total_seconds())} s"
    minutes = int(passed.total_seconds() // 60)
    return _("{minutes} min").format(minutes=minutes) if minutes < 120 else f"{minutes // 60} h"
