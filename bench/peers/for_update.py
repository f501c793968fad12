"""What a user would pick instead: PostgreSQL, the row locked, changed, its movement written.

`python -m bench.peers.for_update DSN CONNECTIONS REQUESTS SKUS UNITS`: each request wants one unit
of a SKU. Prints what was sold and how long it took, as JSON.
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
CREATE TABLE locking.stock (sku int PRIMARY KEY, on_hand bigint NOT NULL CHECK (on_hand >= 0));
CREATE TABLE locking.movement (
    id text PRIMARY KEY, sku int NOT NULL, quantity bigint NOT NULL, on_hand bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
"""
LOCK = "SELECT on_hand FROM locking.stock WHERE sku = $1 FOR UPDATE"
CHANGE = "UPDATE locking.stock SET on_hand = $2 WHERE sku = $1"
MOVE = "INSERT INTO locking.movement (id, sku, quantity, on_hand) VALUES ($1, $2, -1, $3)"


@dataclass(slots=True)
class Sale:
    """Requests still to come, and what was sold."""

    requests: int
    skus: int
    next: int = 0
    sold: int = 0

    async def client(self, pool: asyncpg.Pool) -> None:
        """One connection's requests, one after the other."""
        async with pool.acquire() as connection:
            lock, change, move = [await connection.prepare(text) for text in (LOCK, CHANGE, MOVE)]
            while (number := self.next) < self.requests:
                self.next += 1
                sku = number % self.skus
                async with connection.transaction():
                    on_hand = await lock.fetchval(sku)
                    if on_hand > 0:
                        await change.fetch(sku, on_hand - 1)
                        await move.fetch(f"wish-{number:07d}", sku, on_hand - 1)
                        self.sold += 1


async def run(dsn: str, connections: int, requests: int, skus: int, units: int) -> None:
    """A new table, then all requests by so many clients at once."""
    async with asyncpg.create_pool(dsn, min_size=connections, max_size=connections) as pool:
        await pool.execute(SCHEMA)
        rows = [(sku, units // skus) for sku in range(skus)]
        await pool.executemany("INSERT INTO locking.stock VALUES ($1, $2)", rows)
        sale, began = Sale(requests, skus), time.monotonic()
        await asyncio.gather(*(sale.client(pool) for _ in range(connections)))
        seconds = time.monotonic() - began
        moved = await pool.fetchval("SELECT count(*) FROM locking.movement")
        left = await pool.fetchval("SELECT sum(on_hand) FROM locking.stock")
    assert moved == sale.sold == units // skus * skus - left, "each unit sold has its movement"
    print(json.dumps({"sold": moved, "seconds": seconds, "cpu_s": time.process_time()}))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], *map(int, sys.argv[2:])))
