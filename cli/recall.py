"""The demo's recall: a lot in two warehouses, of which some was shipped by then."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

from cli.api_copy import Api
from cli.exceptions import BooksError
from cli.invoices import Command
from cli.scenes import BIRD_ORNAMENT, BRANCH, SHOP, command

CAME = {SHOP: 24, BRANCH: 12}
ORDERED, SHIPPED = 10, 4
TOLD_S = 150.0  # for lots to be told; stock that was promised is asked for again in a minute
POLL_S = 0.1


def order(run: str) -> Iterator[Command]:
    """Somebody orders ten, of which the first four leave; others are there to take their place."""
    named = {"reservation": f"recall-{run}"}
    lines = [{"sku": BIRD_ORNAMENT, "quantity": ORDERED}]
    yield command("ReceiveStock", f"recall-{run}-stock", SHOP, lines=lines)
    name = f"recall-{run}-reserve"
    yield command("ReserveStock", name, SHOP, **named, lines=lines, ttl_seconds=3_600)
    yield command("ConfirmReservation", f"recall-{run}-confirm", SHOP, **named)
    first = [{"sku": BIRD_ORNAMENT, "quantity": SHIPPED}]
    for kind in ("PickStock", "PackStock", "ShipPacked"):
        yield command(kind, f"recall-{run}-{kind}", SHOP, **named, lines=first)


class Recall:
    """One run's lot, through the API."""

    def __init__(self, api: Api, run: str) -> None:
        self._api, self._run = api, run
        self._lot = f"L-{run}"

    def receive(self) -> None:
        """The lot comes to both warehouses; returns when stock has all of it."""
        self._send("RegisterLot", "register", expires_at="2099-12-31T23:59:59Z")
        for warehouse, quantity in CAME.items():
            named = {"warehouse": warehouse, "quantity": quantity}
            self._send("ReceiveLot", f"receive-{warehouse}", **named)
        self._until(lambda lot: self._there(lot, "sellable") == CAME)

    def recall(self) -> dict[str, Any]:
        """The lot is recalled once lots know what has left; what the recall tells."""
        self._until(lambda lot: bool(lot["gone_lines"]))
        return self._send("RecallLot", "recall", reason="the paint comes off")

    def put_aside(self) -> dict[str, int]:
        """Units that stock keeps apart by warehouse, once it has been asked for all."""
        left = CAME | {SHOP: CAME[SHOP] - SHIPPED}
        return self._there(
            self._until(lambda lot: self._there(lot, "recalled") == left), "recalled"
        )

    def _send(self, kind: str, step: str, **fields: Any) -> dict[str, Any]:
        head = {"type": kind, "id": f"recall-{self._run}-{step}", "sku": BIRD_ORNAMENT}
        body = head | {"lot": self._lot, "actor": "demo"} | fields
        status, told = self._api.post("/v1/lots/commands?wait=30", body)
        if status != 200:
            raise BooksError(f"lots refuse {kind}: {told}")
        found: dict[str, Any] = told
        return found

    def _until(self, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        path = f"/v1/lots/of/{quote(BIRD_ORNAMENT)}?{urlencode({'lot': self._lot})}"
        deadline = time.monotonic() + TOLD_S
        while (lot := self._api.get(path)) is None or not reached(lot):
            if time.monotonic() > deadline:
                raise BooksError(f"lots were not told of {self._lot}: see ./stockyard status")
            time.sleep(POLL_S)
        found: dict[str, Any] = lot
        return found

    @staticmethod
    def _there(lot: dict[str, Any], account: str) -> dict[str, int]:
        return {one["warehouse"]: one[account] for one in lot["warehouses"]}
