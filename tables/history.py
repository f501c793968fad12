"""What the API reads of the past: movements of a SKU and outcomes of commands, bodies as stored.

Each domain has a history, a schema of its own. It never passes the audit log, so the body of
whatever it names is there.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from asyncpg import Pool, Record

from schemas.domains import STOCK

BEGINNING, END = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)

MOVEMENTS = """
SELECT recorded_at, appended_at, topic, partition, seq, "offset"
FROM {schema}.movements JOIN {schema}.positions USING (partition)
WHERE key = $1 AND sku = $2 AND recorded_at >= $3 AND recorded_at < $4
  AND (recorded_at, partition, seq) > ($5, $6, $7)
ORDER BY recorded_at, partition, seq
LIMIT $8
"""
OUTCOMES = """
SELECT appended_at, topic, partition, "offset"
FROM {schema}.outcomes JOIN {schema}.positions USING (partition)
WHERE key = $1 AND command_id = $2
ORDER BY partition, seq
LIMIT 1
"""
BODIES = """
SELECT value
FROM unnest($3::timestamptz[], $4::text[], $5::integer[], $6::bigint[])
    WITH ORDINALITY AS page (appended_at, topic, partition, "offset", line)
JOIN audit.log USING (appended_at, topic, partition, "offset")
WHERE log.appended_at >= $1 AND log.appended_at <= $2
ORDER BY line
"""  # the bounds let PostgreSQL open the months of the page alone
POSITIONS = "SELECT partition, next_seq FROM {schema}.positions ORDER BY partition"


def schema_of(domain: str) -> str:
    """The schema that has a domain's history."""
    return "history" if domain == STOCK else f"{domain}_history"


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """Where a page of movements ended: the next one begins after it."""

    recorded_at: datetime
    partition: int
    seq: int


FIRST_PAGE = Cursor(BEGINNING, -1, -1)


async def movements(
    pool: Pool,
    schema: str,
    key: str,
    name: str,
    start: datetime | None,
    end: datetime | None,
    after: Cursor | None,
    limit: int,
) -> tuple[list[bytes], Cursor | None, dict[int, int]]:
    """Events that touched a SKU, or what else history has by this name, oldest first, as stored.

    `start` <= recorded_at < `end`; None leaves that side open. Returns the events, the cursor of
    the next page (None: there is none yet) and the position it is complete to, as `positions`.
    """
    complete_to = await positions(pool, schema)  # before the events: they may be newer, never older
    place = after or FIRST_PAGE
    rows = await pool.fetch(
        MOVEMENTS.format(schema=schema),
        key,
        name,
        start or BEGINNING,
        end or END,
        place.recorded_at,
        place.partition,
        place.seq,
        limit + 1,
    )
    page = rows[:limit]
    more = len(rows) > limit
    last = Cursor(page[-1]["recorded_at"], page[-1]["partition"], page[-1]["seq"]) if more else None
    return await _bodies(pool, page), last, complete_to


async def outcome(pool: Pool, schema: str, key: str, command_id: str) -> bytes | None:
    """A command's outcome event as stored; None where there is none up to `positions`.

    The first that is not IDEMPOTENCY_KEY_REUSED: that one is told beside an id's one outcome.
    """
    bodies = await _bodies(pool, await pool.fetch(OUTCOMES.format(schema=schema), key, command_id))
    return bodies[0] if bodies else None


async def positions(pool: Pool, schema: str) -> dict[int, int]:
    """Next seq by partition: history shows every event before it."""
    rows = await pool.fetch(POSITIONS.format(schema=schema))
    return {row["partition"]: row["next_seq"] for row in rows}


async def _bodies(pool: Pool, places: list[Record]) -> list[bytes]:
    if not places:
        return []
    times, topics, partitions, offsets = (
        [place[column] for place in places]
        for column in ("appended_at", "topic", "partition", "offset")
    )
    rows = await pool.fetch(BODIES, min(times), max(times), times, topics, partitions, offsets)
    assert len(rows) == len(places), "history never passes the audit log"
    return [row["value"] for row in rows]
