"""Quantities in any unit of measure, to base units and back: exact, in integers alone.

A quantity at the edge is a decimal; it is held as an integer of parts, 10^9 of which are one. A
unit is a fraction of base units. No number here is ever rounded.
"""

import re
from math import gcd
from typing import Final

DECIMALS_MAX: Final = 9
PARTS: Final = 10**DECIMALS_MAX  # of one
DIGITS_MAX: Final = 16  # before the point: as 10^15 has

_DECIMAL: Final = re.compile(
    rf"-?(?:0|[1-9][0-9]{{0,{DIGITS_MAX - 1}}})(?:\.[0-9]{{1,{DECIMALS_MAX}}})?"
)


def parts_of(quantity: object) -> int:
    """The parts of a quantity, which is an integer or a decimal in a string; else ValueError."""
    if isinstance(quantity, int) and not isinstance(quantity, bool):
        return quantity * PARTS
    if not isinstance(quantity, str):
        raise ValueError('is no integer and no decimal in a string, such as "2.5"')  # noqa: TRY004
    if _DECIMAL.fullmatch(quantity) is None:
        raise ValueError(f"is no decimal of {DIGITS_MAX} digits and {DECIMALS_MAX} decimals")
    whole, _, decimals = quantity.partition(".")
    parts = abs(int(whole)) * PARTS + int(decimals.ljust(DECIMALS_MAX, "0") or 0)
    return -parts if quantity.startswith("-") else parts


def written(parts: int) -> str:
    """A quantity's decimal: as short as it can be."""
    whole, decimals = divmod(abs(parts), PARTS)
    text = f"{whole}.{decimals:0{DECIMALS_MAX}}".rstrip("0").rstrip(".")
    return f"-{text}" if parts < 0 else text


def in_base(parts: int, numerator: int, denominator: int) -> int | None:
    """Base units of a quantity in a unit of `numerator/denominator` of them; None: no integer."""
    base, rest = divmod(parts * numerator, denominator * PARTS)
    return None if rest else base


def nearest(parts: int, numerator: int, denominator: int) -> tuple[int, int]:
    """The next quantities, at or below and above this one, that are integers in base units."""
    below = parts - parts % (step := _step(numerator, denominator))
    return below, below + step


def _step(numerator: int, denominator: int) -> int:
    """Parts between two quantities that are integers in base units."""
    whole = denominator * PARTS
    return whole // gcd(numerator, whole)
