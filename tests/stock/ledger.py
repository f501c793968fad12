"""The oracle: stock as plain dictionaries, told from the contract and docs/stock.md alone."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.stock.ledger_books import Lines, Refused, Sums, insufficient
from tests.stock.ledger_counts import Counts
from tests.stock.ledger_promises import STEPS
from tests.stock.reasons import ENDLESS, may_move

POSTINGS = {  # (outcome, amount, changes of the row)
    "ReceiveStock": ("StockReceived", "quantity", {"sellable": 1, "supplier": -1}),
    "ShipStock": ("StockShipped", "quantity", {"sellable": -1, "customer": 1}),
    "AdjustStock": ("StockAdjusted", "delta", {"sellable": 1, "gain_loss": -1}),
}


class Ledger(Counts):
    """What one warehouse holds and owes."""

    def decide(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """What the outcome must say beyond its envelope."""
        self.before, self.crossings = {}, []
        before = {sku: dict(row) for sku, row in self.stock.items()}
        pools = deepcopy(self.pools)
        try:
            return self.finish(self._decision(command["type"])(command, now_ms), now_ms)
        except Refused as refused:
            self.stock, self.pools = before, pools
            code, details = refused.args
            return {"type": "CommandRejected", "code": code, "details": details}

    def kept(self) -> dict[str, dict[str, Any]]:
        """The policies that ask for something."""
        return {
            sku: {
                "safety_stock": policy["safety_stock"],
                "recover_point": policy.get("recover_point"),
            }
            | ({"negative_limit": self.debt(sku)} if self.debt(sku) else {})
            for sku, policy in self.policies.items()
            if policy["safety_stock"] or policy.get("recover_point") is not None or self.debt(sku)
        }

    def channels(self) -> dict[str, list[dict[str, Any]]]:
        """The channels of each SKU that has some, and which of them are low."""
        return {
            sku: [pool | {"is_low": self.levels[sku][name] < 2} for name, pool in pools.items()]
            for sku, pools in self.pools.items()
            if pools
        }

    def forget(self, now_ms: int) -> None:
        """What was closed for the window is as if it had never been."""
        self.forget_promises(now_ms)
        self.forget_counts(now_ms)

    def _decision(self, kind: str) -> Callable[[dict[str, Any], int], dict[str, Any]]:
        if kind in POSTINGS:
            return self._post
        if kind in STEPS:
            return self.step
        return {
            "SetReorderPoint": self._set_points,
            "SetStock": self._set_stock,
            "SetStockPolicy": self._set_policies,
            "SetChannelPools": self._set_pools,
            "MoveStock": self._move,
            "ReserveStock": self.reserve,
            "ReleaseReservation": self.end,
            "ShipReservation": self.end,
            "ExtendReservation": self.extend,
            "SupersedeReservation": self.supersede,
            "ConfirmReservation": self.confirm,
            "BackorderStock": self.backorder,
            "OpenCount": self.open_count,
            "RecordCount": self.record,
            "ApproveCount": self.approve,
            "CancelCount": self.cancel,
        }[kind]

    def _post(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        outcome, amount, signs = POSTINGS[command["type"]]
        sums, takes = self.sums(command["lines"], amount), command["type"] == "ShipStock"
        lines = self.shift(sums, amount, takes, command.get("channel"), **signs)
        more = {name: command[name] for name in ("reason", "channel") if command.get(name)}
        return {"type": outcome, "lines": lines} | more

    def _set_stock(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        deltas = {}
        for line in command["lines"]:
            sku, version = line["sku"], self.row(line["sku"])["version"]
            if version != line["expected_version"]:
                told = {"sku": sku, "expected_version": line["expected_version"]}
                raise Refused("VERSION_CONFLICT", told | {"version": version})
            deltas[sku] = line["on_hand"] - self.row(sku)["sellable"]
        wrong = {sku: delta for sku, delta in deltas.items() if delta}
        lines = self.shift(wrong, "delta", sellable=1, gain_loss=-1)
        return {"type": "StockAdjusted", "lines": lines, "reason": command["reason"]}

    def _set_points(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        lines = []
        for sku, point in self.sums(command["lines"], "reorder_point").items():
            self.limit(sku, "reorder_point", point)
            self._check_points(sku, point, self.policies.get(sku, {}).get("recover_point"))
            self.change(sku, self.row(sku) | {"reorder_point": point})
            lines.append(self.seen(sku, reorder_point=point))
        return {"type": "ReorderPointSet", "lines": lines}

    def _set_policies(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        for line in command["lines"]:
            point = self.row(line["sku"])["reorder_point"]
            self._check_points(line["sku"], point, line.get("recover_point"))
            owed, limit = -self.row(line["sku"])["sellable"], line.get("negative_limit", 0)
            if owed > limit:
                told = {"sku": line["sku"], "owed": owed, "negative_limit": limit}
                raise Refused("STOCK_OWED", told)
        lines = []
        for line in command["lines"]:
            sku = line["sku"]
            self.policies[sku] = {"safety_stock": 0} | line
            told = {name: value for name, value in line.items() if name != "sku"}
            if not told.get("negative_limit"):
                told.pop("negative_limit", None)
            self.change(sku, self.row(sku))
            lines.append(self.seen(sku, **{"safety_stock": 0} | told))
        return {"type": "StockPolicySet", "lines": lines}

    def _set_pools(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        usual = {"quantity": None, "safety_stock": 0, "low_point": 0, "recover_point": None}
        lines = []
        for line in command["lines"]:
            sku = line["sku"]
            self.pools[sku] = {pool["channel"]: usual | pool for pool in line["pools"]}
            told = [
                {name: value for name, value in pool.items() if value != usual.get(name, "")}
                for pool in line["pools"]
            ]
            self.change(sku, self.row(sku))
            lines.append(self.seen(sku) | {"pools": told})
        return {"type": "ChannelPoolsSet", "lines": lines}

    @staticmethod
    def _check_points(sku: str, reorder_point: int, recover_point: int | None) -> None:
        if recover_point is not None and recover_point < reorder_point:
            told = {"sku": sku, "reorder_point": reorder_point, "recover_point": recover_point}
            raise Refused("POLICY_CONFLICT", told)

    def _move(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        told = {name: command[name] for name in ("from_account", "to_account", "reason")}
        source, target, reason = told.values()
        if not may_move(source, target, reason):
            raise Refused("MOVE_FORBIDDEN", told)
        lines, sums = [], self.sums(command["lines"], "quantity")
        short = [] if source in ENDLESS else self._short_in(source, sums)
        for sku, quantity in sums.items():
            row = self.row(sku)
            if short and short[0]["sku"] == sku:
                raise insufficient(short)
            after = row | {source: row[source] - quantity, target: row[target] + quantity}
            self.limit(sku, source, after[source])
            self.limit(sku, target, after[target])
            self.change(sku, after)
            balances = {"from_balance": after[source], "to_balance": after[target]}
            lines.append(self.seen(sku, quantity=quantity, **balances))
        reference = {"reference": command["reference"]} if "reference" in command else {}
        return {"type": "StockMoved", "lines": lines} | told | reference

    def _short_in(self, source: str, sums: Sums) -> Lines:
        """The SKUs of which an account has less than is to leave it."""
        is_sold = source == "sellable"
        named = {} if is_sold else {"account": source}
        rows = {sku: self.row(sku) for sku in sums}
        free = {sku: row[source] - is_sold * row["reserved"] for sku, row in rows.items()}
        free = {sku: max(0, units) for sku, units in free.items()}
        return [
            {"sku": sku, "requested": units, "available": free[sku]} | named
            for sku, units in sums.items()
            if units > free[sku]
        ]
