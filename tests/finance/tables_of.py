"""What must hold of finance's tables whatever happened, read from their bytes alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from msgspec import msgpack

VALUATION = (
    "method",
    "currency",
    "quantity",
    "value",
    "brought",
    "last_quantity",
    "last_value",
    "standard_amount",
    "standard_per",
    "first_layer",
    "next_layer",
)
LINE = ("sku", "quantity", "cost", "contra", "brought", "layer")
LIMIT = 10**15


class Tables:
    """One warehouse's rows of all kinds, decoded without the code under test."""

    def __init__(self, rows: Mapping[bytes, bytes]) -> None:
        self.skus: dict[str, dict[str, Any]] = {}
        self.layers: dict[str, list[tuple[str, int, int]]] = defaultdict(list)  # oldest first
        self.receipts: dict[str, dict[str, dict[str, Any]]] = {}
        self.told: dict[str, dict[str, int]] = {}
        self.sums: dict[str, Counter[tuple[str, str]]] = {}
        self.closed_to, self.kept = "", list[str]()
        for key, value in sorted(rows.items()):
            kind, _, name = (part.decode() for part in key.split(b"\0", 2))
            if kind == "V":
                self.skus[name] = dict(zip(VALUATION, msgpack.decode(value), strict=True))
            elif kind == "L":
                receipt, quantity, worth, _ = msgpack.decode(value)
                self.layers[name.split("\0")[0]].append((receipt, quantity, worth))
            elif kind == "r":
                lines = [dict(zip(LINE, one, strict=True)) for one in msgpack.decode(value[8:])[0]]
                self.receipts[name] = {line["sku"]: line for line in lines}
            elif kind == "c":
                self.told[name] = dict(msgpack.decode(value[8:])[0])
            elif name:
                sums = {(account, currency): by for account, currency, by in msgpack.decode(value)}
                self.sums[name] = Counter(sums)
            else:
                self.closed_to, self.kept = msgpack.decode(value)

    def check_all(self) -> None:
        """Whatever must hold."""
        self.check_values()
        self.check_layers()
        self.check_standards()
        self.check_sums()

    def check_values(self) -> None:
        """Nothing is worth nothing, what is owed has a cost, and there is room for all of it."""
        for sku, row in self.skus.items():
            assert abs(row["value"]) <= LIMIT, sku
            assert row["value"] <= 0 if row["quantity"] < 0 else row["value"] >= 0, sku
            assert row["quantity"] or not row["value"], f"{sku}: value of nothing"
            assert row["currency"] or not row["value"], f"{sku}: value in no currency"

    def check_layers(self) -> None:
        """Layers are what the row has, and none is empty."""
        for sku, row in self.skus.items():
            layers = self.layers[sku]
            if row["method"] in ("fifo", "specific"):
                assert sum(layer[1] for layer in layers) == max(row["quantity"], 0), sku
                assert sum(layer[2] for layer in layers) == max(row["value"], 0), sku
            else:
                assert not layers, sku
            assert all(quantity > 0 and value >= 0 for _, quantity, value in layers), sku

    def check_standards(self) -> None:
        """What has a standard is worth that, rounded down once."""
        for sku, row in self.skus.items():
            if row["method"] == "standard":
                worth = row["standard_amount"] * row["quantity"] // row["standard_per"]
                assert row["value"] == max(-LIMIT, min(worth, LIMIT)), sku

    def check_sums(self) -> None:
        """Each month sums to zero in each currency, and inventory is what there is."""
        assert sorted(self.sums) == self.kept
        inventory: Counter[str] = Counter()
        for period, sums in self.sums.items():
            by_currency: Counter[str] = Counter()
            for (account, currency), amount in sums.items():
                by_currency[currency] += amount
                inventory[currency] += amount if account == "inventory" else 0
            assert not any(by_currency.values()), period
        there: Counter[str] = Counter()
        for row in self.skus.values():
            there[row["currency"]] += row["value"]
        inventory.subtract(there)
        assert not any(inventory.values())
