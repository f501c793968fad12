"""In which order lots go: by the end of their time, then as they came, then by their name.

That is a total order, of any lots: no two of them are equal, whatever is known of them.
"""

from datetime import UTC, datetime
from typing import Final

from schemas.instants import sortable
from schemas.lots_rows import Lot
from schemas.memo import Memo

NO_END: Final = 1 << 62  # ms: of what has no end, last of all
INSTANTS_KEPT: Final = 8_192
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _ms(text: str) -> int:
    moment = datetime.fromisoformat(sortable(text)).replace(tzinfo=UTC)
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000


_INSTANTS: Final = Memo(_ms, INSTANTS_KEPT)


def instant_ms(text: str) -> int:
    """An instant in UTC as ms since the epoch, rounded down; before 1970 below 0."""
    return _INSTANTS[text]


def end_ms(lot: Lot) -> int:
    """When a lot's time ends: by its best before, or where that is sooner, as it expires."""
    ends = [instant_ms(text) for text in (lot.best_before, lot.expires_at) if text is not None]
    return min(ends, default=NO_END)


def rank(name: str, lot: Lot) -> tuple[int, int, str]:
    """What lots are ordered by: first ended, first out."""
    return end_ms(lot), lot.number, name
