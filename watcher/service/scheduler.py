"""A tick and when the next one comes in, ticks in a thread of their own out: APScheduler, with one job."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

_TICK = "tick"


class _AfterTick(BaseTrigger):  # type: ignore[misc]
    """Asks, once a tick is over, when the next one comes; a clock that was set on brings one and not many."""

    def __init__(self, when: Callable[[], datetime], rest: timedelta) -> None:
        self._when, self._rest = when, rest

    def get_next_fire_time(self, _: datetime | None, now: datetime) -> datetime:
        """Return when the next tick comes."""
        return max(self._when(), now + self._rest)


class Scheduler:
    """Calls `tick` when `when` says, and `on_trouble` with what it raised; never twice at a time.

    Between two ticks is at least a `rest`.
    """

    def __init__(
        self,
        tick: Callable[[], None],
        when: Callable[[], datetime],
        rest: timedelta,
        on_trouble: Callable[[BaseException], None],
    ) -> None:
        def told(event: JobExecutionEvent) -> None:
            on_trouble(event.exception)

        self._scheduler = BackgroundScheduler(
            executors={"default": DebugExecutor()},  # runs a job in the thread that finds it due
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            timezone="UTC",
        )
        self._scheduler.add_listener(told, EVENT_JOB_ERROR)
        self._scheduler.add_job(tick, _AfterTick(when, rest), id=_TICK, next_run_time=when())
        self._scheduler.start()

    def tick_at(self, moment: datetime) -> None:
        """Let the next tick come at a moment; wait for one that is under way."""
        with suppress(JobLookupError):  # it has been stopped
            self._scheduler.modify_job(_TICK, next_run_time=moment)

    def stop(self) -> None:
        """Call no more, and wait for the end of the tick that is under way."""
        self._scheduler.shutdown()
