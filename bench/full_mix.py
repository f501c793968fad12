"""STOCK-1: TPC-C's stock under YCSB's skew, with every command that a producer may send.

Before the measured part each warehouse receives all its SKUs, 10 to 100 units of each, and sends
what others will receive: an announcement stands behind what stands on the log already, so only what
was sent before can arrive. Most commands follow from others, as they do in a warehouse; what the
stream believes of their fate is sometimes wrong, and is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from bench.workload import Stream, Workload, lines_of, sku_name

T = TypeVar("T")

WAREHOUSES, SKUS = 12, 100_000
UNITS_MIN, UNITS_SPREAD = 10, 91  # TPC-C's S_QUANTITY: 10 to 100
UNPOPULAR = 4  # the last of so many parts of the SKUs
RECEIVED_AT_ONCE = 500  # lines of an opening receipt
SCRAMBLE = 48_271  # a prime, so no divisor of the SKUs: popular ones lie far apart
FULL_MIX = {
    # promises, and what they are made into: 40
    "ReserveStock": 26,
    "ExtendReservation": 1.5,
    "SupersedeReservation": 1.5,
    "ConfirmReservation": 8,
    "BackorderStock": 1.25,
    "PreorderStock": 0.25,
    "SetStockPolicy": 0.5,
    "SetChannelPools": 0.25,
    "SetReorderPoint": 0.75,
    # what goes out: 25
    "ShipStock": 9,
    "ShipReservation": 4,
    "PickStock": 4.5,
    "PackStock": 4,
    "ShipPacked": 3,
    "UnpickStock": 0.5,
    # what comes in: 12, and what is let go: 8
    "ReceiveStock": 10,
    "MoveStock/ORDERED": 0.5,
    "MoveStock/RECEIVED": 0.5,
    "ExpectSupply": 0.25,
    "ReceiveSupply": 0.25,
    "MoveStock/RETURN": 0.5,
    "ReleaseReservation": 8,
    # corrections, then what crosses warehouses: 5 each, and counts: 3
    "AdjustStock": 2.75,
    "SetStock": 0.25,
    "MoveStock/DAMAGED": 0.75,
    "MoveStock/QC_HOLD": 0.75,
    "MoveStock/SCRAP": 0.5,
    "DispatchTransfer": 2,
    "ReceiveTransfer": 2.5,
    "CloseTransfer": 0.5,
    "OpenCount": 1,
    "RecordCount": 1,
    "ApproveCount": 0.8,
    "CancelCount": 0.2,
    "invalid": 2,
    "repeat": 2,
}
MOVES = {
    "ORDERED": ("supplier", "on_order"),
    "RECEIVED": ("on_order", "sellable"),
    "RETURN": ("customer", "sellable"),
    "DAMAGED": ("sellable", "damaged"),
    "QC_HOLD": ("sellable", "quality_hold"),
    "SCRAP": ("damaged", "scrap"),
}
FOLLOWS = {"RECEIVED": "ORDERED", "SCRAP": "DAMAGED"}  # moves what that one has moved
PARTIAL_SHARE = 0.4  # of the receipts: a line is short, and the transfer closed later
ARRIVALS_SPARE = 1.2  # sent before, for each that is received: some meet the same warehouse
DUE = "2099-12-01T00:00:00Z"  # of supplies, and of who wants them: after any run
TOLERANCES = (0, 100, 100, 100)  # of a count, in units
TTL_S, SHORT_TTL_S, SHORT_SHARE = 86_400, 2, 0.05
INVALID = (
    '"lines":[{"sku":"10000A","quantity":0}],"reservation":"r","ttl_seconds":60',
    '"lines":[{"sku":" 10000A","quantity":1}],"reservation":"r","ttl_seconds":60',
    '"lines":[],"reservation":"r","ttl_seconds":60',
    '"lines":[{"sku":"10000A","quantity":1}],"reservation":"r","ttl_seconds":60,"gift":true',
    '"reservation":"r","ttl_seconds":60',
)
_STEPS = {
    "ConfirmReservation": ("open", "confirmed"),
    "PickStock": ("confirmed", "picked"),
    "UnpickStock": ("picked", "confirmed"),
    "PackStock": ("picked", "packed"),
    "ShipPacked": ("packed", "gone"),
}
"""Where a reservation stands before a command, and after it."""


class Transfer(NamedTuple):
    """What is under way: its name, who sent it, its lines by (rank, units)."""

    name: str
    sender: str
    lines: list[tuple[int, int]]


@dataclass(slots=True)
class Counted:
    """A count, and what of it is still to be recorded."""

    name: str
    ranks: list[int]
    is_recorded: bool = False


@dataclass(slots=True)
class Standing:
    """What one warehouse has under way, as far as its clerks believe."""

    promises: dict[str, list[tuple[str, str]]] = field(
        default_factory=lambda: {step: [] for step in ("open", "confirmed", "picked", "packed")}
    )  # (reservation, its lines as JSON)
    arriving: list[Transfer] = field(default_factory=list)
    short: list[Transfer] = field(default_factory=list)  # came in part
    counts: list[Counted] = field(default_factory=list)
    coming: list[tuple[str, str]] = field(default_factory=list)  # (supply, its lines as JSON)
    moved: dict[str, list[str]] = field(
        default_factory=lambda: {reason: [] for reason in FOLLOWS.values()}
    )


class FullStream(Stream):
    """One run through the full mix."""

    mix = FULL_MIX

    def __init__(self, workload: Workload) -> None:
        super().__init__(workload)
        self.standing = {name: Standing() for name in self.names}

    def opening(self, commands: int) -> Iterator[tuple[str, bytes]]:
        """What is done before: all SKUs are received, and sent what so many commands receive."""
        skus = self.workload.skus
        for first in range(0, skus, RECEIVED_AT_ONCE):
            ranks = range(first, min(first + RECEIVED_AT_ONCE, skus))
            for warehouse in self.names:
                lines = lines_of(ranks, lambda rank: f'"quantity":{opened(rank)}')
                yield self.command("ReceiveStock", warehouse, lines)
        share = FULL_MIX["ReceiveTransfer"] / sum(FULL_MIX.values())
        for _ in range(round(commands * share * ARRIVALS_SPARE)):
            sender = self.random.choice(self.names)
            yield self.command("DispatchTransfer", sender, self._dispatch(sender, is_met=True))

    def ranks(self) -> list[int]:
        """As in the old mix, but popular SKUs have their names anywhere."""
        return [rank * SCRAMBLE % self.workload.skus for rank in super().ranks()]

    def next(self, kind: str) -> tuple[str, bytes]:
        if kind == "invalid":
            warehouse = self.random.choice(self.names)
            return self.command("ReserveStock", warehouse, self.random.choice(INVALID))
        kind, _, reason = kind.partition("/")
        warehouse = self._where(kind)
        if reason:
            return self.command(kind, warehouse, self._move(reason, self.standing[warehouse]))
        return self.command(kind, warehouse, self.asked(kind, warehouse))

    def _where(self, kind: str) -> str:
        """A warehouse; for a step of a count or a supply one that has some for it, if any has."""
        if kind == "ReceiveSupply":
            coming = [name for name in self.names if self.standing[name].coming]
            return self.random.choice(coming or self.names)
        if kind in ("RecordCount", "ApproveCount", "CancelCount"):
            fit = {"RecordCount": (False,), "ApproveCount": (True,)}.get(kind, (False, True))
            ready = [
                name
                for name in self.names
                if any(one.is_recorded in fit for one in self.standing[name].counts)
            ]
            return self.random.choice(ready or self.names)
        return self.random.choice(self.names)

    def asked(self, kind: str, warehouse: str) -> str:
        standing = self.standing[warehouse]
        match kind:
            case "ReserveStock" | "SupersedeReservation":
                return self._promise(kind, standing)
            case "BackorderStock" | "PreorderStock":
                return self._backorder(kind, standing)
            case "ExpectSupply" | "ReceiveSupply":
                return self._supply(kind, standing)
            case "ExtendReservation":
                name, _ = self._one(standing.promises["open"], stays=True)
                return f'"reservation":"{name}","ttl_seconds":{TTL_S}'
            case "ShipReservation" | "ReleaseReservation":
                return f'"reservation":"{self._one(standing.promises["open"])[0]}"'
            case _ if kind.endswith("Transfer"):
                return self._transfer(kind, warehouse, standing)
            case _ if kind.startswith("Set") and kind != "SetReorderPoint":
                return self._set(kind)
            case _ if kind in _STEPS:
                return self._step(kind, standing)
            case _ if kind.endswith("Count"):
                return self._count(kind, standing)
            case _:
                return super().asked(kind, warehouse)

    def _promise(self, kind: str, standing: Standing) -> str:
        name, lines = f"order-{self.number:07d}", lines_of(self.ranks(), self.quantity)
        replaced = ""
        if kind == "SupersedeReservation":
            replaced = f'"replaces":"{self._one(standing.promises["open"])[0]}",'
        standing.promises["open"].append((name, lines))
        ttl_s = SHORT_TTL_S if self.random.random() < SHORT_SHARE else TTL_S
        return f'{replaced}{lines},"reservation":"{name}","ttl_seconds":{ttl_s}'

    def _backorder(self, kind: str, standing: Standing) -> str:
        name, lines = f"order-{self.number:07d}", lines_of(self.ranks(), self.quantity)
        standing.promises["confirmed"].append((name, lines))
        if kind == "PreorderStock":
            return f'{lines},"reservation":"{name}","by":"{DUE}"'
        return f'{lines},"reservation":"{name}","priority":{self.random.getrandbits(2)}'

    def _supply(self, kind: str, standing: Standing) -> str:
        if kind == "ReceiveSupply" and standing.coming:
            name, lines = standing.coming.pop(0)
            return f'{lines},"supply":"{name}"'
        name, units = f"supply-{self.number:07d}", 1 + self.random.getrandbits(5)
        lines = lines_of([self.ranks()[0]], lambda _: f'"quantity":{units}')
        if kind == "ReceiveSupply":
            return f'{lines},"supply":"{name}"'
        standing.coming.append((name, lines))
        due = f'"quantity":{units},"due":"{DUE}"'
        return lines.replace(f'"quantity":{units}', due) + f',"supply":"{name}"'

    def _one(self, named: list[tuple[str, str]], stays: bool = False) -> tuple[str, str]:
        """Any of them, or one that nobody knows."""
        if not named:
            return f"order-none-{self.number}", '"lines":[{"sku":"10000A","quantity":1}]'
        place = self.random.randrange(len(named))
        named[place], named[-1] = named[-1], named[place]
        return named[-1] if stays else named.pop()

    def _step(self, kind: str, standing: Standing) -> str:
        before, after = _STEPS[kind]
        name, lines = self._one(standing.promises[before])
        if after in standing.promises:
            standing.promises[after].append((name, lines))
        told = f'"reservation":"{name}"'
        return told if kind == "ConfirmReservation" else f"{told},{lines}"

    def _move(self, reason: str, standing: Standing) -> str:
        lines = _pop(standing.moved[FOLLOWS[reason]]) if reason in FOLLOWS else None
        lines = lines or lines_of(self.ranks(), self.quantity)
        if reason in standing.moved:
            standing.moved[reason].append(lines)
        source, target = MOVES[reason]
        return f'{lines},"from_account":"{source}","to_account":"{target}","reason":"{reason}"'

    def _set(self, kind: str) -> str:
        if kind == "SetStock":
            place = self.workload.skus - 1 - self.random.randrange(self.workload.skus // UNPOPULAR)
            rank = place * SCRAMBLE % self.workload.skus  # mostly one that nobody has changed
            lines = lines_of([rank], lambda _: f'"on_hand":{opened(rank)},"expected_version":1')
            return f'{lines},"reason":"sync"'
        return lines_of(self.ranks(), self._policy if kind == "SetStockPolicy" else self._pools)

    def _policy(self, _rank: int) -> str:
        draw = self.random.getrandbits(3)
        return f'"safety_stock":{draw},"recover_point":{300 + draw}'

    def _pools(self, _rank: int) -> str:
        return f'"pools":[{{"channel":"web","quantity":{self.random.getrandbits(3)}}}]'

    def _transfer(self, kind: str, warehouse: str, standing: Standing) -> str:
        if kind == "DispatchTransfer":
            return self._dispatch(warehouse, is_met=False)
        if kind == "ReceiveTransfer":
            return self._receive(standing)
        return _arrived(_pop(standing.short) or self._unknown())

    def _dispatch(self, sender: str, is_met: bool) -> str:
        name = f"transfer-{self.number:07d}"
        there = self.random.choice([one for one in self.names if one != sender])
        lines = [(rank, 1 + self.random.getrandbits(2)) for rank in self.ranks()]
        if is_met:
            self.standing[there].arriving.append(Transfer(name, sender, lines))
        return f'{_units(lines)},"transfer":"{name}","to_warehouse":"{there}"'

    def _unknown(self) -> Transfer:
        return Transfer(f"transfer-none-{self.number}", self.names[0], [(0, 1)])

    def _receive(self, standing: Standing) -> str:
        found = _pop(standing.arriving) or self._unknown()
        rank, units = found.lines[0]
        if units > 1 and self.random.random() < PARTIAL_SHARE:
            standing.short.append(found)
            return f"{_units([(rank, units - 1), *found.lines[1:]])},{_arrived(found)}"
        return f"{_units(found.lines)},{_arrived(found)}"

    def _count(self, kind: str, standing: Standing) -> str:
        """Mostly of SKUs that nothing happened to, so that most lines are found as booked."""
        if kind == "OpenCount":
            ranks = [self.random.randrange(self.workload.skus) for _ in range(1, 4)]
            counted = Counted(f"count-{self.number:07d}", list(dict.fromkeys(ranks)))
            standing.counts.append(counted)
            lines = ",".join(f'{{"sku":"{sku_name(rank)}"}}' for rank in counted.ranks)
            tolerance = self.random.choice(TOLERANCES)
            return f'"count":"{counted.name}","lines":[{lines}],"tolerance":{tolerance}'
        wanted = standing.counts
        if kind != "CancelCount":
            wanted = [one for one in wanted if one.is_recorded == (kind == "ApproveCount")]
        if not wanted:
            return f'"count":"count-none-{self.number}"' + (
                ',"lines":[{"sku":"10000A","counted":1}]' if kind == "RecordCount" else ""
            )
        found = wanted[0]
        if kind != "RecordCount":
            standing.counts.remove(found)
            return f'"count":"{found.name}"'
        found.is_recorded = self.random.random() < 0.9  # else it is recorded once more
        return f'"count":"{found.name}",' + lines_of(found.ranks, self._counted)

    def _counted(self, rank: int) -> str:
        return f'"counted":{opened(rank) + self.random.choice((0, 0, 0, 0, -1, 1))}'


def full_workload(skus: int = SKUS) -> Workload:
    """STOCK-1's size."""
    return Workload(warehouses=WAREHOUSES, skus=skus, series="01JD3Z6V9M", opened=0)


def opened(rank: int) -> int:
    """Units of a SKU in the opening receipt, the same in each warehouse."""
    return UNITS_MIN + rank * SCRAMBLE % UNITS_SPREAD


def _pop(ones: list[T]) -> T | None:
    return ones.pop(0) if ones else None


def _units(lines: list[tuple[int, int]]) -> str:
    told = ",".join(f'{{"sku":"{sku_name(rank)}","quantity":{units}}}' for rank, units in lines)
    return f'"lines":[{told}]'


def _arrived(found: Transfer) -> str:
    return f'"transfer":"{found.name}","from_warehouse":"{found.sender}"'
