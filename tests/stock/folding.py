"""The tables as the events alone tell of them: what an event-sourced reader would have."""

from typing import Any

from agents.stock.beside import evolve_beside, evolve_marked
from agents.stock.counting import evolve_count
from agents.stock.evolve import evolve_balances, evolve_replaced, evolve_reservation
from agents.stock.incoming import evolve_supplies
from agents.stock.marked import changed_beside
from agents.stock.queues import given_by
from agents.stock.state import Beside
from agents.stock.transfers import evolve_transfer
from schemas.rows import Reservation, Row
from schemas.stock_structs import decode_event
from tables.stock import (
    balances_key,
    channels_key,
    count_key,
    decode_balances,
    decode_channels,
    decode_count,
    decode_policy,
    decode_queue,
    decode_reservation,
    decode_row,
    decode_supplies,
    decode_transfer,
    encode_balances,
    encode_count,
    encode_reservation,
    encode_row,
    encode_supplies,
    encode_transfer,
    incoming_key,
    outgoing_key,
    policy_key,
    queue_key,
    reservation_key,
    stock_key,
    supplies_key,
)


def fold(events: list[bytes]) -> dict[bytes, bytes]:
    """The tables that events tell of, of timed rows what follows the time."""
    rows: dict[bytes, bytes] = {}
    for event in map(decode_event, events):
        place = event.warehouse
        _fold_rows(rows, event)
        for name in filter(None, (getattr(event, "reservation", None),)):
            key = reservation_key(place, name)
            held = evolve_reservation(_held(rows, key), event)
            assert held is not None
            rows[key] = encode_reservation(held, 0)[8:]
        if hasattr(event, "replaces"):
            key = reservation_key(place, event.replaces)
            replaced = evolve_replaced(_held(rows, key), event)
            assert replaced is not None
            rows[key] = encode_reservation(replaced, 0)[8:]
        if hasattr(event, "count"):
            key = count_key(place, event.count)
            before = decode_count(bytes(8) + rows[key]) if key in rows else None
            count = evolve_count(before, event)
            assert count is not None
            rows[key] = encode_count(count, 0)[8:]
        if hasattr(event, "transfer"):
            _fold_transfer(rows, event)
    return rows


def _fold_transfer(rows: dict[bytes, bytes], event: Any) -> None:
    key = outgoing_key(event.warehouse, event.transfer)
    if hasattr(event, "from_warehouse"):
        key = incoming_key(event.warehouse, event.from_warehouse, event.transfer)
    before = decode_transfer(bytes(8) + rows[key]) if key in rows else None
    transfer = evolve_transfer(before, event)
    assert transfer is not None
    rows[key] = encode_transfer(transfer, 0)[8:]


def _held(rows: dict[bytes, bytes], key: bytes) -> Reservation | None:
    value = rows.get(key)
    return None if value is None else decode_reservation(bytes(8) + value)


def _fold_rows(rows: dict[bytes, bytes], event: Any) -> None:
    lines = [line for line in getattr(event, "lines", []) if hasattr(line, "version")]
    if not lines or hasattr(event, "tolerance"):
        return
    before = _beside(rows, event.warehouse, [line.sku for line in lines])
    after = evolve_beside(_seen(rows, event.warehouse, lines), before, event)
    for line in lines:
        _fold_line(rows, event, line, after)
    for key, value in changed_beside(before, after, event, 0).items():
        rows.pop(key, None)
        if value is not None:
            rows[key] = value[8:] if key[:1] == b"r" else value


def _seen(rows: dict[bytes, bytes], warehouse: str, lines: list[Any]) -> dict[str, Row]:
    told = {line.sku: rows.get(stock_key(warehouse, line.sku)) for line in lines}
    return {sku: decode_row(value) for sku, value in told.items() if value}


def _beside(rows: dict[bytes, bytes], warehouse: str, skus: list[str]) -> Beside:
    policies = {sku: rows.get(policy_key(warehouse, sku)) for sku in skus}
    queues = {sku: rows.get(queue_key(warehouse, sku)) for sku in skus}

    channels = {sku: rows.get(channels_key(warehouse, sku)) for sku in skus}

    def waiting(name: str) -> Reservation:
        held = _held(rows, reservation_key(warehouse, name))
        assert held is not None
        return held

    return Beside(
        {sku: decode_policy(value) for sku, value in policies.items() if value},
        {sku: decode_queue(value) for sku, value in queues.items() if value},
        waiting,
        {sku: decode_channels(value) for sku, value in channels.items() if value},
    )


def _fold_line(rows: dict[bytes, bytes], event: Any, line: Any, after: Beside) -> None:
    key, others = stock_key(event.warehouse, line.sku), balances_key(event.warehouse, line.sku)
    before = decode_row(rows[key]) if key in rows else None
    if line.version == (before.version if before else 0):
        return
    rows[key] = encode_row(evolve_marked(before, event, line, after, given_by(event)))
    balances = decode_balances(rows[others]) if others in rows else None
    if hasattr(line, "quantity") or hasattr(event, "supply"):
        balances = evolve_balances(balances, event, line)
    if balances is not None:
        rows[others] = encode_balances(balances)
    key = supplies_key(event.warehouse, line.sku)
    supplies = decode_supplies(rows.pop(key)) if key in rows else []
    if supplies := evolve_supplies(supplies, event, line):
        rows[key] = encode_supplies(supplies)
