"""What a decision makes of a SKU's lots, step by step: each is written down, and comes about."""

from typing import Any

from agents.lots import effects, placing
from agents.lots.state import Lots
from schemas.accounts import Account, ReasonCode
from schemas.instants import rfc3339
from schemas.lots_structs import (
    LotAssignment,
    LotBinding,
    LotMoved,
    MoveAsked,
    PromisedLine,
    SerialMoved,
)
from streams.actor import Moment


class Draft:
    """A fork of the lots on which an event comes about before it is told."""

    def __init__(self, lots: Lots, moment: Moment, cause: str = "") -> None:
        self.lots = lots.fork()
        self.now_ms = moment.log_time_ms
        self.event_id = f"{moment.partition}-{moment.seq}"
        self._cause = cause
        self._unbound: list[LotBinding] = []
        self._units: list[LotMoved] = []
        self._promised: list[PromisedLine] = []
        self._assigned: list[LotAssignment] = []
        self._bound: list[LotBinding] = []
        self._asked: list[MoveAsked] = []
        self._serials: list[SerialMoved] = []
        self.bereft: dict[tuple[str, str], None] = {}  # lost what was bound to them

    def told(self) -> dict[str, Any]:
        """The lists of the event."""
        lists = {
            "unbound": self._unbound,
            "units": self._units,
            "promised": self._promised,
            "assigned": self._assigned,
            "bound": self._bound,
            "asked": self._asked,
            "serials": self._serials,
        }
        return {name: one for name, one in lists.items() if one}

    def unbind(self, warehouse: str, reservation: str, lot: str, quantity: int) -> None:
        """A reservation loses units of a lot; what it is promised stays."""
        one = LotBinding(
            warehouse=warehouse, reservation=reservation, quantity=quantity, from_lot=lot
        )
        effects.bind(self.lots, one)
        self._unbound.append(one)

    def bind(
        self, warehouse: str, reservation: str, lot: str, quantity: int, source: str | None = None
    ) -> None:
        """A reservation gets units of a lot, instead of those of another where that is named."""
        one = LotBinding(
            warehouse=warehouse,
            reservation=reservation,
            quantity=quantity,
            from_lot=source,
            to_lot=lot,
        )
        effects.bind(self.lots, one)
        self._bound.append(one)

    def move(
        self,
        warehouse: str,
        lot: str | None,
        source: Account,
        target: Account,
        quantity: int,
        reservation: str | None = None,
        is_bound: bool = False,
    ) -> None:
        """Units go from one account to another."""
        one = LotMoved(
            warehouse=warehouse,
            lot=lot,
            from_account=source,
            to_account=target,
            quantity=quantity,
            reservation=reservation,
            bound=is_bound,
        )
        effects.move(self.lots, one, self._cause)
        self._units.append(one)

    def promise(self, warehouse: str, line: PromisedLine) -> None:
        """Units are a reservation's."""
        effects.promise(self.lots, warehouse, line)
        self._promised.append(line)

    def assign(
        self, warehouse: str, account: Any, lot: str, quantity: int, source: str | None = None
    ) -> None:
        """Units in an account are of a lot."""
        one = LotAssignment(
            warehouse=warehouse, account=account, quantity=quantity, from_lot=source, lot=lot
        )
        effects.assign(self.lots, one)
        self._assigned.append(one)

    def came_for_sale(self, warehouse: str, lot: str) -> int:
        """Units of a lot that are for sale by this event, and are not asked for by it."""
        place = warehouse, lot, "sellable"
        found = [((one.warehouse, one.lot, one.to_account), one.quantity) for one in self._units]
        found += [((one.warehouse, one.lot, one.account), one.quantity) for one in self._assigned]
        found += [
            ((one.warehouse, one.lot, one.from_account), -one.quantity) for one in self._asked
        ]
        return sum(quantity for its, quantity in found if its == place)

    def ask(
        self,
        warehouse: str,
        lot: str,
        quantity: int,
        source: Account,
        target: Account,
        reason: ReasonCode,
        attempt: int = 0,
    ) -> None:
        """Stock is asked for a move."""
        one = MoveAsked(
            number=len(self._asked),
            warehouse=warehouse,
            lot=lot,
            quantity=quantity,
            from_account=source,
            to_account=target,
            reason=reason,
            attempt=attempt,
        )
        effects.ask(self.lots, one, self.event_id)
        self._asked.append(one)

    def place(self, serial: str, warehouse: str, account: Account, reservation: str | None) -> None:
        """A serial that is known is there, bound to a reservation, gone for it, or for nobody."""
        was = self.lots.serials.rows.at(serial)
        self._place(serial, was.lot, warehouse, was.account, account, reservation)

    def first_seen(self, serial: str, lot: str | None, warehouse: str, account: Account) -> None:
        """A serial that nobody has seen is there."""
        self._place(serial, lot, warehouse, None, account, None)

    def _place(
        self,
        serial: str,
        lot: str | None,
        warehouse: str,
        source: Account | None,
        target: Account,
        reservation: str | None,
    ) -> None:
        one = SerialMoved(
            serial=serial,
            lot=lot,
            warehouse=warehouse,
            from_account=source,
            to_account=target,
            reservation=reservation,
        )
        placing.place(self.lots, one, self.event_id, rfc3339(self.now_ms), None)
        self._serials.append(one)
