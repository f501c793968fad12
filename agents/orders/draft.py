"""An order while it is decided: its legs as they will be, and what is asked for them."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from schemas.orders_lines import LEARNED_MAX, LegState, Step
from schemas.orders_rows import Order, Wish
from schemas.orders_structs import Ask, Learned, Leg, LegLine, Requirement

PENDING: Final = frozenset(("reserving", "confirming", "backordering"))
"""A leg whose warehouse has not answered yet."""
LOOSE: Final = frozenset(("reserved", "expired"))
"""A leg that another plan may do without."""
FIRM: Final = frozenset(("confirmed", "waiting", "shipped"))
"""A leg that no other plan changes."""
LIVE: Final = PENDING | LOOSE | FIRM
"""A leg that the order counts on."""
RETURNING: Final = frozenset(("releasing", "kept"))
"""A leg that the order has no use for, and that its warehouse may still hold."""
ENDING: Final = frozenset(("refusing", "cancelling"))


class Draft:
    """What an order becomes; the rows that it was read from stay as they are."""

    def __init__(self, wish: Wish, order: Order) -> None:
        self.wish = wish
        self.state, self.attempt = order.state, order.attempt
        self.legs, self.learned = list(order.legs), list(order.learned)
        self.asks: list[Ask] = []
        self.requires: list[Requirement] = []

    def find(self, attempt: int, warehouse: str) -> Leg | None:
        """A leg by its name; None where there is none."""
        for leg in self.legs:
            if leg.attempt == attempt and leg.warehouse == warehouse:
                return leg
        return None

    def any(self, states: frozenset[str]) -> bool:
        """Whether a leg is in one of these."""
        return any(leg.state in states for leg in self.legs)

    def change(self, leg: Leg, **fields: Any) -> Leg:
        """The same leg, otherwise; in its place."""
        before: Any = leg  # a struct, though its type is the definition's
        changed: Leg = replace(before, **fields)
        self.legs[self.legs.index(leg)] = changed
        return changed

    def begin(self, warehouse: str, wanted: Mapping[str, int], state: LegState) -> Leg:
        """One more leg, of this attempt."""
        lines = [LegLine(sku=sku, quantity=units) for sku, units in wanted.items()]
        leg = Leg(attempt=self.attempt, warehouse=warehouse, state=state, lines=lines)
        self.legs.append(leg)
        return leg

    def end(self, leg: Leg, state: LegState) -> None:
        """A leg holds nothing any more: it is kept in mind where it counts for a plan."""
        if state != "released" or any(line.shipped for line in leg.lines):
            self.change(leg, state=state)
        else:
            self.legs.remove(leg)

    def clear(self) -> None:
        """Forget the legs that came to nothing."""
        self.legs = [
            leg
            for leg in self.legs
            if leg.state not in ("refused", "lost") or any(line.shipped for line in leg.lines)
        ]

    def ask(self, step: Step, leg: Leg) -> None:
        """Ask a leg's warehouse for a step, on the order's terms where it begins by that."""
        wish, terms = self.wish, dict[str, Any]()
        if step == "reserve":
            terms = {"hold_s": wish.hold_s, "channel": wish.channel}
        elif step == "backorder":
            terms = {"channel": wish.channel, "priority": wish.priority, "promised": wish.promised}
        self.asks.append(Ask(step=step, attempt=leg.attempt, warehouse=leg.warehouse, **terms))
        if terms:
            self.require(leg)

    def require(self, leg: Leg) -> None:
        """Ask lots that what a leg gets lives for as long as the order says."""
        if self.wish.shelf_life_days:
            self.requires.append(
                Requirement(
                    attempt=leg.attempt,
                    warehouse=leg.warehouse,
                    shelf_life_days=self.wish.shelf_life_days,
                )
            )

    def release(self, leg: Leg) -> None:
        """Give a leg back, whatever its warehouse makes of it before it is asked to."""
        self.ask("release", self.change(leg, state="releasing"))

    def learn(self, warehouse: str, said: Mapping[str | None, int]) -> None:
        """Keep what a warehouse has said last; of no SKU: that nothing is to be had from it."""
        kept = [one for one in self.learned if one.warehouse != warehouse or one.sku not in said]
        kept += [Learned(warehouse=warehouse, sku=sku, available=n) for sku, n in said.items()]
        if len(kept) > LEARNED_MAX:
            closed = [one for one in kept if one.sku is None]
            kept = closed + [one for one in kept if one.sku is not None][len(kept) - LEARNED_MAX :]
        self.learned = kept

    def lacking(self, states: frozenset[str] = LIVE) -> dict[str, int]:
        """Units by SKU that are wanted beyond the legs in these states, and what has left."""
        left = self.wish.wanted()
        for leg in self.legs:
            for line in leg.lines:
                if leg.state in states:
                    left[line.sku] -= line.quantity
                else:
                    left[line.sku] -= line.shipped
        return {sku: units for sku, units in left.items() if units > 0}
