"""What happens while nothing arrives, and while far too much does."""

from collections.abc import Iterator
from typing import Any

from tests.integration.commands import receive, reserve
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.processes import until

WAITING = 320_000
ENOUGH = 60_000
RSS_MAX = 400 << 20


def test_a_reservation_ends_while_nothing_arrives(install: Install) -> None:
    """Also after a restart: what is due is found in the store."""
    installation = install(partitions=2)
    worker = installation.started()
    installation.serve(worker)
    warehouses = [installation.warehouse_of(number) for number in range(2)]
    for warehouse in warehouses:
        installation.send([receive(warehouse, quantity=5), reserve(warehouse, "r", 1, 2)])
        installation.send([reserve(warehouse, "later", 4, 1)])
    until("the first have ended", 30, lambda: len(installation.all_events()) == 8)
    worker.kill()
    worker.start()
    until("all have ended", 30, lambda: len(installation.all_events()) == 10)

    for events in installation.events().values():
        ended = [event for event in events if event["type"] == "ReservationExpired"]
        assert [event["reservation"] for event in ended] == ["r", "later"]
        reserved = {one["reservation"]: one for one in events if one["type"] == "StockReserved"}
        for event in ended:
            assert "command_id" not in event
            assert event["recorded_at"] >= reserved[event["reservation"]]["expires_at"]
        assert ended[-1]["lines"][0]["available"] == 5


def test_memory_is_bounded_while_hundreds_of_thousands_wait(install: Install) -> None:
    installation = install()
    installation.send(_many(installation))
    worker = installation.started()
    peak = 0

    def enough() -> bool:
        nonlocal peak
        peak = max(peak, worker.memory_bytes())
        return sum(stamp.next_offset for stamp in installation.stamps().values()) >= ENOUGH

    until("many are decided", 90, enough)

    assert peak < RSS_MAX, f"{peak >> 20} MiB"


def _many(installation: Installation) -> Iterator[dict[str, Any]]:
    warehouses = [installation.warehouse_of(number) for number in range(installation.partitions)]
    for number in range(WAITING):
        yield receive(warehouses[number % len(warehouses)], sku=f"S{number % 10_000}")
