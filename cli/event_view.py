"""What the books read of an event, in words of their own: nothing is shared with the decider."""

import msgspec

from schemas.accounts import Account

Key = tuple[str, str]
"""(warehouse, SKU), or (warehouse, name of a reservation, a count or a transfer)."""


class PoolTold(msgspec.Struct, gc=False):
    """What an event says of a channel of a SKU."""

    channel: str
    quantity: int | None = None
    safety_stock: int = 0
    low_point: int = 0
    recover_point: int | None = None


class Line(msgspec.Struct, gc=False):
    """What an event says of one SKU; a line without a version says nothing of its row."""

    sku: str
    on_hand: int = 0
    reserved: int = 0
    available: int = 0
    version: int | None = None
    quantity: int = 0
    delta: int = 0
    reorder_point: int | None = None
    safety_stock: int = 0
    recover_point: int | None = None
    negative_limit: int = 0
    pools: list[PoolTold] = []
    from_balance: int | None = None
    to_balance: int | None = None
    counted: int | None = None
    short: int = 0
    over: int = 0
    missing: int = 0  # of the quantity; it is waited for
    promised: str | None = None  # of what is missing, the day by which it is there
    expected: int = 0  # of a supply, still to come
    due: str | None = None


class Fill(msgspec.Struct, gc=False):
    """What a reservation that waited is given by an event."""

    reservation: str
    sku: str
    quantity: int
    channel: str | None = None


class Owed(msgspec.Struct, gc=False):
    """What came in of a SKU for units that were sold before they were there."""

    sku: str
    quantity: int


class Source(msgspec.Struct, gc=False):
    """The record that was decided."""

    partition: int
    offset: int


class Event(msgspec.Struct):
    """What the books read of an event."""

    type: str
    id: str
    partition: int
    seq: int
    warehouse: str
    recorded_at: str
    source: Source
    lines: list[Line] = []
    command_id: str | None = None
    actor: str | None = None
    code: str | None = None
    reservation: str | None = None
    replaces: str | None = None
    expires_at: str = ""
    confirmed: bool = False
    priority: int = 0
    promised: str | None = None
    partial: bool = True
    channel: str | None = None
    filled: list[Fill] = []
    trued_up: list[Owed] = []
    from_account: Account | None = None
    to_account: Account | None = None
    supply: str | None = None
    count: str | None = None
    tolerance: int = 0
    recount: list[Line] = []
    transfer: str | None = None
    to_warehouse: str | None = None
    from_warehouse: str | None = None
    is_closed: bool = False
    is_final: bool = False

    @property
    def amounts(self) -> dict[str, int]:
        """How much of each SKU it moves, promises or gives back."""
        return {line.sku: line.quantity for line in self.lines}


decode_event = msgspec.json.Decoder(Event).decode
