"""What may be asked of stock: the definition of its commands."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.accounts import Account, ReasonCode
from schemas.envelope import WarehouseCommand
from schemas.fields import (
    LINES_MAX,
    Channel,
    Instant,
    Label,
    Priority,
    StockLevel,
    TtlSeconds,
    Warehouse,
)
from schemas.stock_lines import (
    CountedLines,
    DeltaLines,
    LevelLines,
    PolicyLines,
    PoolsLines,
    QuantityLine,
    QuantityLines,
    ReorderLines,
    SkuLines,
    SupplyLines,
)


class ReceiveStock(WarehouseCommand):
    """Stock came in."""

    type: Literal["ReceiveStock"]
    lines: QuantityLines


class ShipStock(WarehouseCommand):
    """Stock is to leave that nobody reserved."""

    type: Literal["ShipStock"]
    lines: QuantityLines
    channel: Channel | None = None


class AdjustStock(WarehouseCommand):
    """The count was wrong, or stock was lost, found or spoilt."""

    type: Literal["AdjustStock"]
    lines: DeltaLines
    reason: Label


class ReserveStock(WarehouseCommand):
    """Promise stock to someone for a while."""

    type: Literal["ReserveStock"]
    lines: QuantityLines
    reservation: Label
    ttl_seconds: TtlSeconds
    channel: Channel | None = None


class ReleaseReservation(WarehouseCommand):
    """Take a promise back."""

    type: Literal["ReleaseReservation"]
    reservation: Label


class ShipReservation(WarehouseCommand):
    """Ship what was promised, all that is left of it, straight from the shelf."""

    type: Literal["ShipReservation"]
    reservation: Label


class SetStock(WarehouseCommand):
    """Say how many there are, where nothing has changed since that was found out."""

    type: Literal["SetStock"]
    lines: LevelLines
    reason: Label


class SetReorderPoint(WarehouseCommand):
    """Set from which level down SKUs count as low."""

    type: Literal["SetReorderPoint"]
    lines: ReorderLines


class SetStockPolicy(WarehouseCommand):
    """Set how SKUs are to be kept, all of it: what a line does not say is as without a policy."""

    type: Literal["SetStockPolicy"]
    lines: PolicyLines


class SetChannelPools(WarehouseCommand):
    """Set which channels a SKU has, all of them, and how much of it each may promise from now."""

    type: Literal["SetChannelPools"]
    lines: PoolsLines


class ExtendReservation(WarehouseCommand):
    """Keep a promise for longer, or shorter: from now on."""

    type: Literal["ExtendReservation"]
    reservation: Label
    ttl_seconds: TtlSeconds


class SupersedeReservation(WarehouseCommand):
    """Put a promise in the place of another by the same holder, for whom both are one."""

    type: Literal["SupersedeReservation"]
    reservation: Label
    replaces: Label
    lines: QuantityLines
    ttl_seconds: TtlSeconds
    channel: Channel | None = None


class ConfirmReservation(WarehouseCommand):
    """Promise for good; one that ran out meanwhile is promised anew, whole, or refused."""

    type: Literal["ConfirmReservation"]
    reservation: Label


class BackorderStock(WarehouseCommand):
    """Promise for good what there is, and the rest as it comes in."""

    type: Literal["BackorderStock"]
    reservation: Label
    lines: QuantityLines
    priority: Priority = 0
    promised: Instant | None = None
    partial: bool = True
    channel: Channel | None = None


class PreorderStock(WarehouseCommand):
    """Promise for good what there is, and the rest by a day, at the latest this one; or nothing."""

    type: Literal["PreorderStock"]
    reservation: Label
    lines: QuantityLines
    by: Instant
    priority: Priority = 0
    partial: bool = True


class PickStock(WarehouseCommand):
    """Take confirmed units from the shelf to where they leave from."""

    type: Literal["PickStock"]
    reservation: Label
    lines: QuantityLines


class UnpickStock(WarehouseCommand):
    """Put picked units back on the shelf; they stay promised."""

    type: Literal["UnpickStock"]
    reservation: Label
    lines: QuantityLines


class PackStock(WarehouseCommand):
    """Pack picked units."""

    type: Literal["PackStock"]
    reservation: Label
    lines: QuantityLines


class ShipPacked(WarehouseCommand):
    """Ship packed units, all of the reservation or a part of it."""

    type: Literal["ShipPacked"]
    reservation: Label
    lines: QuantityLines


class MoveStock(WarehouseCommand):
    """Units go from one account to another, for a reason that allows it."""

    type: Literal["MoveStock"]
    from_account: Account
    to_account: Account
    reason: ReasonCode
    lines: QuantityLines
    reference: Label | None = None


class ExpectSupply(WarehouseCommand):
    """How many are still to come of a supply, and when: new ones, later ones, fewer, or none."""

    type: Literal["ExpectSupply"]
    supply: Label
    lines: SupplyLines


class ReceiveSupply(WarehouseCommand):
    """What has arrived of a supply, all or a part; for sale, unless it says where it went."""

    type: Literal["ReceiveSupply"]
    supply: Label
    lines: QuantityLines
    to_account: Account = "sellable"


class OpenCount(WarehouseCommand):
    """Count some SKUs: what the books have now is what is compared, whenever it is found."""

    type: Literal["OpenCount"]
    count: Label
    lines: SkuLines
    tolerance: StockLevel = 0


class RecordCount(WarehouseCommand):
    """What was found; who counts does not see the books."""

    type: Literal["RecordCount"]
    count: Label
    lines: CountedLines


class ApproveCount(WarehouseCommand):
    """Correct stock by what was found; not by who counted."""

    type: Literal["ApproveCount"]
    count: Label


class CancelCount(WarehouseCommand):
    """End a count, and correct nothing."""

    type: Literal["CancelCount"]
    count: Label


class DispatchTransfer(WarehouseCommand):
    """Send stock to another warehouse: it is in transit until that one has received it."""

    type: Literal["DispatchTransfer"]
    transfer: Label
    to_warehouse: Warehouse
    lines: QuantityLines


class ExpectTransfer(WarehouseCommand):
    """What is on its way here. Caused by a dispatch; producers have no need of it."""

    type: Literal["ExpectTransfer"]
    transfer: Label
    from_warehouse: Warehouse
    lines: QuantityLines


class ReceiveTransfer(WarehouseCommand):
    """What has arrived of a transfer: all, a part, or more than was sent."""

    type: Literal["ReceiveTransfer"]
    transfer: Label
    from_warehouse: Warehouse
    lines: QuantityLines


class CloseTransfer(WarehouseCommand):
    """Nothing more will come of a transfer."""

    type: Literal["CloseTransfer"]
    transfer: Label
    from_warehouse: Warehouse


class SettleTransfer(WarehouseCommand):
    """What has arrived of what was sent. Caused by a receipt; producers have no need of it."""

    type: Literal["SettleTransfer"]
    transfer: Label
    to_warehouse: Warehouse
    lines: Annotated[list[QuantityLine], Field(max_length=LINES_MAX)]
    is_final: bool = False


CAUSED: tuple[type[WarehouseCommand], ...] = (ExpectTransfer, SettleTransfer)
"""What events bring about; nobody else has a reason to send it."""

COMMANDS: tuple[type[WarehouseCommand], ...] = (
    ReceiveStock,
    ShipStock,
    AdjustStock,
    ReserveStock,
    ReleaseReservation,
    ShipReservation,
    SetStock,
    SetReorderPoint,
    SetStockPolicy,
    SetChannelPools,
    ExtendReservation,
    SupersedeReservation,
    ConfirmReservation,
    BackorderStock,
    PreorderStock,
    PickStock,
    UnpickStock,
    PackStock,
    ShipPacked,
    MoveStock,
    ExpectSupply,
    ReceiveSupply,
    OpenCount,
    RecordCount,
    ApproveCount,
    CancelCount,
    DispatchTransfer,
    ExpectTransfer,
    ReceiveTransfer,
    CloseTransfer,
    SettleTransfer,
)
