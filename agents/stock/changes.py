"""The rows and alerts that an event brings about, as bytes."""

from typing import Any, Final

from agents.stock.beside import evolve_beside, evolve_marked
from agents.stock.channels import crossings
from agents.stock.evolve import evolve
from agents.stock.levels import alert_on
from agents.stock.marked import changed_beside
from agents.stock.policies import marked_level
from agents.stock.queues import given_by
from agents.stock.state import NOTHING_BESIDE, Stock
from schemas.pools import Channel
from schemas.rows import Row
from schemas.stock_structs import Alert, Event, encode
from tables.stock import encode_row

_encode: Final = encode


def changed(
    stock: Stock,
    event: Any,
    keys: dict[str, bytes],
    now_ms: int,
    elsewhere: dict[str, int] | None = None,
) -> tuple[dict[bytes, bytes | None], list[tuple[bytes, bytes]]]:
    """The stock rows of an event's lines after it, by their keys, and an alert per crossing.

    `elsewhere` gets, by SKU, what each row then has as such.
    """
    changes: dict[bytes, bytes | None] = {}
    alerts = []
    is_marked = stock.beside is not NOTHING_BESIDE
    after = evolve_beside(stock.rows, stock.beside, event) if is_marked else NOTHING_BESIDE
    given = given_by(event) if is_marked else {}
    for line in event.lines:
        sku = line.sku
        before = stock.rows.get(sku)
        if is_marked:
            row = evolve_marked(before, event, line, after, given)
            alert = None if before is None else alert_on(marked_level(before), marked_level(row))
        else:
            row = evolve(before, event, line)
            alert = None if before is None else alert_on(before, row)
        changes[keys[sku]] = encode_row(row)
        if elsewhere is not None:
            elsewhere[sku] = row.elsewhere
        if alert is not None:
            alerts.append(_alert(alert, event, sku, row))
        if is_marked:
            for kind, one, left in crossings(stock.beside, after, sku, before, row):
                alerts.append(_alert(kind, event, sku, row, one, left))
    if is_marked:
        changes |= changed_beside(stock.beside, after, event, now_ms)
    return changes, alerts


def _alert(
    kind: type[Alert],
    event: Event,
    sku: str,
    row: Row,
    channel: Channel | None = None,
    left: int = 0,
) -> tuple[bytes, bytes]:
    alert = kind(
        id=f"{event.id}/{sku}" if channel is None else f"{event.id}/{sku}/{channel.channel}",
        warehouse=event.warehouse,
        sku=sku,
        available=row.available,
        on_hand=row.on_hand,
        reserved=row.reserved,
        reorder_point=row.reorder_point,
        event_id=event.id,
        time=event.time,
        channel=None if channel is None else channel.channel,
        left=None if channel is None else left,
        low_point=None if channel is None else channel.low_point,
    )
    return f"{event.warehouse}/{sku}".encode(), _encode(alert)
