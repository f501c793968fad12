"""What a user would pick instead: PostgreSQL, one row locked, changed, and what was said written.

`python -m bench.peers.locks DSN HOW SYNCED ANSWERS CONNECTIONS REQUESTS SKUS UNITS`: each request
wants one unit of a SKU. HOW is `select`, SELECT ... FOR UPDATE and then what it takes, or
`update`, UPDATE ... WHERE available >= n. SYNCED is synchronous_commit, on or off. ANSWERS is `all`
where each request leaves its answer, as an engine's does, so that it can be asked for again, or
`sold` where only what was sold does. Prints what was sold and how long it took, as JSON.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass

import asyncpg

SCHEMA = """
DROP SCHEMA IF EXISTS locking CASCADE;
CREATE SCHEMA locking;
CREATE TABLE locking.stock (
    sku int PRIMARY KEY, on_hand bigint NOT NULL, reserved bigint NOT NULL DEFAULT 0,
    CHECK (reserved BETWEEN 0 AND on_hand)
);
CREATE TABLE locking.answer (
    id text PRIMARY KEY, sku int NOT NULL, quantity bigint NOT NULL, accepted boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
"""
LOCK = "SELECT on_hand - reserved FROM locking.stock WHERE sku = $1 FOR UPDATE"
TAKE = "UPDATE locking.stock SET reserved = reserved + $2 WHERE sku = $1"
TAKE_IF = TAKE + " AND on_hand - reserved >= $2 RETURNING reserved"
ANSWER = "INSERT INTO locking.answer (id, sku, quantity, accepted) VALUES ($1, $2, $3, $4)"


@dataclass(slots=True)
class Sale:
    """Requests still to come, and what was sold."""

    is_select: bool
    answers_all: bool
    requests: int
    skus: int
    next: int = 0
    sold: int = 0

    async def client(self, pool: asyncpg.Pool) -> None:
        """One connection's requests, one after the other."""
        async with pool.acquire() as connection:
            texts = (LOCK, TAKE, TAKE_IF, ANSWER)
            lock, take, take_if, answer = [await connection.prepare(text) for text in texts]
            while (number := self.next) < self.requests:
                self.next += 1
                sku = number % self.skus
                async with connection.transaction():
                    if self.is_select:
                        accepted = await lock.fetchval(sku) > 0
                        if accepted:
                            await take.fetch(sku, 1)
                    else:
                        accepted = await take_if.fetchval(sku, 1) is not None
                    if accepted or self.answers_all:
                        await answer.fetch(f"wish-{number:07d}", sku, 1, accepted)
                self.sold += accepted


async def run(sale: Sale, dsn: str, synced: str, connections: int, units: int) -> None:
    """A new table, then all requests by so many clients at once."""
    settings = {"synchronous_commit": synced}
    async with asyncpg.create_pool(
        dsn, min_size=connections, max_size=connections, server_settings=settings
    ) as pool:
        await pool.execute(SCHEMA)
        rows = [(sku, units // sale.skus) for sku in range(sale.skus)]
        await pool.executemany("INSERT INTO locking.stock VALUES ($1, $2)", rows)
        began = time.monotonic()
        await asyncio.gather(*(sale.client(pool) for _ in range(connections)))
        seconds = time.monotonic() - began
        told = "SELECT count(*) FROM locking.answer WHERE accepted"
        answered, reserved = (
            await pool.fetchval(told),
            await pool.fetchval("SELECT sum(reserved) FROM locking.stock"),
        )
    assert answered == reserved == sale.sold, "each unit sold has its answer"
    print(json.dumps({"sold": sale.sold, "seconds": seconds, "cpu_s": time.process_time()}))


def main(dsn: str, how: str, synced: str, answers: str, connections: str, *numbers: str) -> None:
    """The command line."""
    requests, skus, units = map(int, numbers)
    sale = Sale(how == "select", answers == "all", requests, skus)
    asyncio.run(run(sale, dsn, synced, int(connections), units))


if __name__ == "__main__":
    main(*sys.argv[1:])
