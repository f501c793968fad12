"""What may be asked of stock: the definition of its commands."""

from typing import Literal

from schemas.accounts import Account, ReasonCode
from schemas.envelope import Command
from schemas.fields import Label, StockLevel, TtlSeconds
from schemas.stock_lines import CountedLines, DeltaLines, QuantityLines, ReorderLines, SkuLines


class ReceiveStock(Command):
    """Stock came in."""

    type: Literal["ReceiveStock"]
    lines: QuantityLines


class ShipStock(Command):
    """Stock is to leave that nobody reserved."""

    type: Literal["ShipStock"]
    lines: QuantityLines


class AdjustStock(Command):
    """The count was wrong, or stock was lost, found or spoilt."""

    type: Literal["AdjustStock"]
    lines: DeltaLines
    reason: Label


class ReserveStock(Command):
    """Promise stock to someone for a while."""

    type: Literal["ReserveStock"]
    lines: QuantityLines
    reservation: Label
    ttl_seconds: TtlSeconds


class ReleaseReservation(Command):
    """Take a promise back."""

    type: Literal["ReleaseReservation"]
    reservation: Label


class ShipReservation(Command):
    """Ship what was promised, all that is left of it, straight from the shelf."""

    type: Literal["ShipReservation"]
    reservation: Label


class SetReorderPoint(Command):
    """Set from which level down SKUs count as low."""

    type: Literal["SetReorderPoint"]
    lines: ReorderLines


class ExtendReservation(Command):
    """Keep a promise for longer, or shorter: from now on."""

    type: Literal["ExtendReservation"]
    reservation: Label
    ttl_seconds: TtlSeconds


class SupersedeReservation(Command):
    """Put a promise in the place of another by the same holder, for whom both are one."""

    type: Literal["SupersedeReservation"]
    reservation: Label
    replaces: Label
    lines: QuantityLines
    ttl_seconds: TtlSeconds


class ConfirmReservation(Command):
    """Promise for good; one that ran out meanwhile is promised anew, whole, or refused."""

    type: Literal["ConfirmReservation"]
    reservation: Label


class PickStock(Command):
    """Take confirmed units from the shelf to where they leave from."""

    type: Literal["PickStock"]
    reservation: Label
    lines: QuantityLines


class UnpickStock(Command):
    """Put picked units back on the shelf; they stay promised."""

    type: Literal["UnpickStock"]
    reservation: Label
    lines: QuantityLines


class PackStock(Command):
    """Pack picked units."""

    type: Literal["PackStock"]
    reservation: Label
    lines: QuantityLines


class ShipPacked(Command):
    """Ship packed units, all of the reservation or a part of it."""

    type: Literal["ShipPacked"]
    reservation: Label
    lines: QuantityLines


class MoveStock(Command):
    """Units go from one account to another, for a reason that allows it."""

    type: Literal["MoveStock"]
    from_account: Account
    to_account: Account
    reason: ReasonCode
    lines: QuantityLines
    reference: Label | None = None


class OpenCount(Command):
    """Count some SKUs: what the books have now is what is compared, whatever moves meanwhile."""

    type: Literal["OpenCount"]
    count: Label
    lines: SkuLines
    tolerance: StockLevel = 0


class RecordCount(Command):
    """What was found; who counts does not see the books."""

    type: Literal["RecordCount"]
    count: Label
    lines: CountedLines


class ApproveCount(Command):
    """Correct stock by what was found; not by who counted."""

    type: Literal["ApproveCount"]
    count: Label


class CancelCount(Command):
    """End a count, and correct nothing."""

    type: Literal["CancelCount"]
    count: Label


COMMANDS: tuple[type[Command], ...] = (
    ReceiveStock,
    ShipStock,
    AdjustStock,
    ReserveStock,
    ReleaseReservation,
    ShipReservation,
    SetReorderPoint,
    ExtendReservation,
    SupersedeReservation,
    ConfirmReservation,
    PickStock,
    UnpickStock,
    PackStock,
    ShipPacked,
    MoveStock,
    OpenCount,
    RecordCount,
    ApproveCount,
    CancelCount,
)
