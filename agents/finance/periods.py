"""The months that are booked in: which is open, which is over, which are still kept."""

from schemas.finance_rows import Periods
from schemas.instants import rfc3339

MONTHS_KEPT = 24  # closed ones whose sums are kept
_MONTH_LENGTH = 7  # 2026-11


def booked_in(periods: Periods, time: str) -> str:
    """The month of an instant, or the first open one where that is closed."""
    month = time[:_MONTH_LENGTH]
    return month if month > periods.closed_to else month_after(periods.closed_to, 1)


def is_over(period: str, log_time_ms: int) -> bool:
    """Whether a month has ended by log time."""
    return period < rfc3339(log_time_ms)[:_MONTH_LENGTH]


def month_after(period: str, months: int) -> str:
    """The month so many months later, or earlier; the first there is where that was none."""
    count = max(int(period[:4]) * 12 + int(period[5:]) - 1 + months, 0)
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def closed(periods: Periods, period: str) -> Periods:
    """After a month was closed: the oldest sums are let go."""
    last_gone = month_after(period, -MONTHS_KEPT)
    return Periods(period, [month for month in periods.kept if month > last_gone])


def with_sums(periods: Periods, period: str) -> Periods:
    """After something was booked in a month."""
    if period in periods.kept:
        return periods
    return Periods(periods.closed_to, sorted([*periods.kept, period]))
