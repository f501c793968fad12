"""What lines at the edge ask for: items of the catalogue, in base units, with kits told apart.

A line there names its item by `sku` or by `gtin`, and its amounts in any unit of it. Nothing is
rounded: what is no integer in base units is refused. A command of lots is of one item, and is read
as a line is; what it does not say of a lot's end follows from the item's shelf life.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from schemas.catalog_rows import Item, Ratio
from schemas.fields import LINES_MAX, Sku
from schemas.gtin import gtin_14
from schemas.instants import utc_instant
from schemas.problems import problem_of
from schemas.units import in_base, nearest, parts_of, written
from tables.catalog import GTINS, ITEMS, KITS
from tables.table import Read

AMOUNTS: Final = frozenset(
    (
        *("quantity", "delta", "counted", "on_hand", "expected"),
        *("reorder_point", "safety_stock", "low_point", "recover_point", "negative_limit"),
    )
)
"""The fields of lines, and of the pools in them, that are told in the line's unit."""
POOLS: Final = "pools"
"""The field of lines that has lines of its own, of the same item."""
_ENDS: Final = ("expires_at", "best_before")  # of a lot: what is told of one is all there is
_DAY_LENGTH: Final = len("2026-11-20")
_NAMES: Final = ("sku", "gtin", "unit")  # null is as if they were not there
_OF_A_KIT: Final = {"sku", "gtin", "unit", "quantity"}
_SKU: Final[TypeAdapter[str]] = TypeAdapter(Sku)

Line = dict[str, Any]


class Unresolved(Exception):
    """Lines that come to nothing: why, and what is to be told of it."""

    def __init__(self, code: str, path: str, problem: str, /, **details: Any) -> None:
        super().__init__(problem)
        self.code, self.path, self.problem, self.details = code, path, problem, details


def _refused(path: str, problem: str) -> Unresolved:
    return Unresolved("INVALID_COMMAND", path, problem)


class Demand:
    """Resolves the lines of one command in a catalogue; raises Unresolved."""

    def __init__(self, read: Read, catalog: str, filled: tuple[str, ...] = ()) -> None:
        self._read, self._catalog = read, catalog
        self._filled = filled  # fields that a line without them has from its item
        self._lines: list[Line] = []
        self._places: dict[str, Line] = {}  # by SKU, of those that say only how much

    def resolved(self, lines: object) -> list[Line]:
        """The lines in base units; each SKU once, with its sum, where no more is said of it."""
        if not isinstance(lines, list):
            raise _refused("lines", "is no array")
        if len(lines) > LINES_MAX:
            raise _refused("lines", f"has more items than {LINES_MAX}")
        for number, line in enumerate(lines):
            path = f"lines.{number}"
            if not isinstance(line, dict):
                raise _refused(path, "is no object")
            self._take(path, _said(line))
            if len(self._lines) > LINES_MAX:
                raise _refused("lines", f"come to more items than {LINES_MAX}")
        return self._lines

    def of_a_lot(self, command: Line) -> Line:
        """A command of lots, with its SKU and in base units; one that registers with an end."""
        command = _said(command)
        item, told = self._plain("", command)
        if KITS.read(self._read, self._catalog, told["sku"]) is not None:
            problem = f"{told['sku']} is a kit: there are lots of what it comes to, none of it"
            raise Unresolved("KIT_HAS_NO_STOCK", "sku", problem, sku=told["sku"])
        return _ended(told, item) if told.get("type") == "RegisterLot" else told

    def _take(self, path: str, line: Line) -> None:
        item, told = self._plain(f"{path}.", line)
        for name in self._filled:
            value = getattr(item, name)
            if value is not None:
                told.setdefault(name, value)
        self._put(path, line, told)

    def _plain(self, at: str, line: Line) -> tuple[Item, Line]:
        """The item of what stands at a path that ends with a point, and it by SKU in base units."""
        sku, unit = self._named(at, line)
        item = ITEMS.read(self._read, self._catalog, sku)
        if item is None:
            problem = f"item {sku} is not known in catalogue {self._catalog}"
            raise Unresolved("ITEM_NOT_FOUND", f"{at}sku", problem, sku=sku)
        ratio = _ratio(at, sku, item, unit)
        told = {"sku": sku} | {name: it for name, it in line.items() if name not in _NAMES}
        if isinstance(told.get(POOLS), list):
            told[POOLS] = [dict(it) if isinstance(it, dict) else it for it in told[POOLS]]
        amounts = list(_amounts(at, told))
        if "unit" in line and not amounts:
            raise _refused(f"{at}unit", "is of no amount: only these are converted")
        for path, holder, name in amounts:
            holder[name] = _converted(path, holder[name], sku, unit or item.base_unit, ratio)
        return item, told

    def _named(self, at: str, line: Line) -> tuple[str, str | None]:
        """The item of a line, and the unit of its amounts where it is not the base unit."""
        if "gtin" not in line:
            try:
                sku = _SKU.validate_python(line.get("sku"), strict=True)
            except ValidationError as error:
                raise _refused(f"{at}sku", problem_of(error)[1]) from None
            unit = line.get("unit")
            if unit is not None and not isinstance(unit, str):
                raise _refused(f"{at}unit", "is no string")
            return sku, unit
        for name in ("sku", "unit"):
            if name in line:
                raise _refused(f"{at}{name}", "stands beside a GTIN, which says it")
        gtin = line["gtin"]
        if not isinstance(gtin, str):
            raise _refused(f"{at}gtin", "is no string")
        try:
            found = GTINS.read(self._read, self._catalog, gtin_14(gtin))
        except ValueError as error:
            problem = str(error)
            told = {"gtin": _shown(gtin), "problem": problem}
            raise Unresolved("GTIN_INVALID", f"{at}gtin", problem, **told) from None
        if found is None:
            problem = f"GTIN {gtin} is on no item of catalogue {self._catalog}"
            raise Unresolved("GTIN_NOT_FOUND", f"{at}gtin", problem, gtin=gtin)
        return found.sku, found.unit

    def _put(self, path: str, line: Line, told: Line) -> None:
        if told.keys() == {"sku", "quantity"} and told["quantity"] < 1:
            raise _refused(f"{path}.quantity", "is below 1")  # a sum would not show it
        kit = KITS.read(self._read, self._catalog, told["sku"])
        if kit is None:
            self._add(told)
            return
        if not ("quantity" in line and line.keys() <= _OF_A_KIT):
            problem = f"{told['sku']} is a kit: a line of one says how many, and nothing else"
            raise Unresolved("KIT_HAS_NO_STOCK", path, problem, sku=told["sku"])
        for sku, each in kit.units.items():
            self._add({"sku": sku, "quantity": told["quantity"] * each})

    def _add(self, told: Line) -> None:
        if told.keys() != {"sku", "quantity"}:
            self._lines.append(told)
            return
        place = self._places.get(told["sku"])
        if place is None:
            self._places[told["sku"]] = told
            self._lines.append(told)
        else:
            place["quantity"] += told["quantity"]


def _said(line: Line) -> Line:
    """A line without names that are null."""
    return {name: it for name, it in line.items() if it is not None or name not in _NAMES}


def _amounts(at: str, line: Line) -> Iterator[tuple[str, Line, str]]:
    """Each amount of a line and of its pools: its path, and where it stands by which name."""
    yield from _own_amounts(at, line, ("recover_point",))
    pools = line.get(POOLS)
    for number, pool in enumerate(pools if isinstance(pools, list) else ()):
        if isinstance(pool, dict):
            yield from _own_amounts(f"{at}{POOLS}.{number}.", pool, ("quantity", "recover_point"))


def _own_amounts(at: str, line: Line, optional: tuple[str, ...]) -> Iterator[tuple[str, Line, str]]:
    for name, value in line.items():
        if name in AMOUNTS and not (value is None and name in optional):
            yield f"{at}{name}", line, name


def _ended(told: Line, item: Item) -> Line:
    """A lot with the end of its item's shelf life, where no end is told and when it was made is.

    The day counts on and the time of day stays, so no fraction of a second is lost.
    """
    made, days = told.get("manufactured_at"), item.shelf_life_days
    if days is None or not isinstance(made, str):
        return told
    if any(told.get(name) is not None for name in _ENDS):
        return told
    try:
        utc_instant(made)
    except ValueError:
        return told  # it is refused as any such command is
    try:
        day = date.fromisoformat(made[:_DAY_LENGTH]) + timedelta(days)
    except OverflowError:
        problem = f"and {days} days of shelf life come to no instant"
        raise _refused("manufactured_at", problem) from None
    return told | {"expires_at": f"{day.isoformat()}{made[_DAY_LENGTH:]}"}


def _ratio(at: str, sku: str, item: Item, unit: str | None) -> Ratio:
    if unit is None or unit == item.base_unit:
        return 1, 1
    found = item.units.get(unit)
    if found is None:
        problem = f"item {sku} has no unit {_shown(unit)}"
        raise Unresolved("UNIT_UNKNOWN", f"{at}unit", problem, sku=sku, unit=_shown(unit))
    return found


def _shown(text: str) -> str:
    """What can be told of a text that nobody has checked."""
    return text[:64].encode("utf-8", "backslashreplace").decode()


def _converted(path: str, value: object, sku: str, unit: str, ratio: Ratio) -> int:
    try:
        parts = parts_of(value)
    except ValueError as error:
        raise _refused(path, str(error)) from None
    base = in_base(parts, *ratio)
    if base is not None:
        return base
    below, above = map(written, nearest(parts, *ratio))
    quantity = written(parts)
    problem = f"{quantity} {unit} of {sku} are no whole base units; {below} or {above} are"
    details = {"sku": sku, "unit": unit, "quantity": quantity, "below": below, "above": above}
    raise Unresolved("CONVERSION_NOT_EXACT", path, problem, **details)
