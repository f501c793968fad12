"""Long random histories of one warehouse's finance, drawn from a number."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from hypothesis import strategies as st

from schemas.accounts import CONTRA
from schemas.finance_accounts import OWNED
from tests.finance.bytes_of import DAY_MS, Office
from tests.finance.tables_of import Tables

LENGTH_MAX = 12  # commands after those that any history begins with
SKUS = ("A", "B", "\u00c4 1")
METHODS = ("average", "fifo", "standard", "specific")
ACCOUNTS = {"gain_loss": ("shrinkage", "opening_balance", None), "scrap": ("marketing", None)}

numbers = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, LENGTH_MAX))
"""(seed, length) of a history: the length shrinks to its shortest failing beginning."""


class History:
    """Draws one command after the other, with an eye on what there is to go on with."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._causes = 0

    def next(self, office: Office, tables: Tables) -> dict[str, Any]:
        """Send what happens next; its outcome."""
        random = self._random
        if random.random() < 0.1:
            office.pass_time(random.choice((1, DAY_MS, 20 * DAY_MS, 420 * DAY_MS)))
            tables = Tables(office.rows)
        wishes: tuple[Callable[[Office, Tables], dict[str, Any]], ...] = (
            self._bring,
            self._bring,
            self._take,
            self._take,
            self._post,
            self._post,
            self._land,
            self._tell,
            self._set,
            self._close,
        )
        return random.choice(wishes)(office, tables)

    def _time(self) -> str | None:
        months = ("2026-09", "2026-10", "2026-11", "2027-01", "2020-02")
        return (
            None if self._random.random() < 0.5 else f"{self._random.choice(months)}-10T00:00:00Z"
        )

    def _move(self, office: Office, tables: Tables, lines: list[dict[str, Any]]) -> dict[str, Any]:
        accounts = {line["from_account"] for line in lines} | {line["to_account"] for line in lines}
        reasoned = [told for name, told in ACCOUNTS.items() if name in accounts]
        gl_account = self._random.choice(reasoned[0]) if reasoned else None
        receipts = sorted(tables.receipts)
        reference = self._random.choice([None, "none", *receipts])
        fields = {"gl_account": gl_account, "reference": reference, "time": self._time()}
        told = sorted(tables.told)
        if told and any(line["from_account"] == "transfers" for line in lines):
            fields["cause"] = told[0]
        return office.record(lines, **fields)

    def _bring(self, office: Office, tables: Tables) -> dict[str, Any]:
        source = self._random.choice(sorted(CONTRA))
        skus = self._random.sample(SKUS, self._random.randint(1, 3))
        return self._move(office, tables, [self._line(sku, source, "sellable", 30) for sku in skus])

    def _take(self, office: Office, tables: Tables) -> dict[str, Any]:
        target = self._random.choice(sorted(CONTRA))
        lines = []
        for sku, row in tables.skus.items():
            if row["quantity"] > 0 and self._random.random() < 0.7:
                most = self._random.choice((row["quantity"], min(5, row["quantity"])))
                most += self._random.random() < 0.05  # and asks for one too many
                lines.append(self._line(sku, self._random.choice(sorted(OWNED)), target, most))
            elif self._random.random() < 0.5:  # which a till has sold all the same
                line = self._line(sku, "sellable", target, 9)
                line["quantity"] += max(0, row["quantity"])
                lines.append(line | {"owed": line["quantity"] - row["quantity"]})
        return self._move(office, tables, lines) if lines else self._bring(office, tables)

    def _line(self, sku: str, source: str, target: str, most: int) -> dict[str, Any]:
        quantity = self._random.choice((most, self._random.randint(1, most)))
        return {"sku": sku, "quantity": quantity, "from_account": source, "to_account": target}

    def _receipt(self, tables: Tables) -> tuple[str, list[str]]:
        names = sorted(tables.receipts)
        if not names or self._random.random() < 0.05:
            return "never", ["A"]
        name = self._random.choice(names)
        return name, sorted(tables.receipts[name])

    def _period(self) -> str | None:
        return self._random.choice((None, None, None, "2026-10", "2026-11"))

    def _currency(self) -> str:
        return "USD" if self._random.random() < 0.03 else "EUR"

    def _post(self, office: Office, tables: Tables) -> dict[str, Any]:
        receipt, skus = self._receipt(tables)
        lines = [(sku, self._random.choice((0, 7, 100, 1_001, 10**6))) for sku in skus]
        fields = {"period": self._period(), "currency": self._currency(), "time": self._time()}
        return office.post(receipt, *lines, **fields)

    def _land(self, office: Office, tables: Tables) -> dict[str, Any]:
        receipt, _ = self._receipt(tables)
        amount = self._random.choice((1, 10, 999, -1, -10, -5_000))
        basis = self._random.choice(("quantity", "value"))
        return office.land(receipt, amount, basis=basis, period=self._period(), time=self._time())

    def _tell(self, office: Office, tables: Tables) -> dict[str, Any]:
        arrived = [
            name
            for name, lines in sorted(tables.receipts.items())
            if all(line["contra"] == "transfer_clearing" for line in lines.values())
        ]
        self._causes += 1
        receipt = self._random.choice([f"5-{self._causes}", *arrived])
        skus = sorted(tables.receipts.get(receipt, dict.fromkeys(SKUS)))
        lines = [
            {"sku": sku, "quantity": 3, "amount": self._random.choice((0, 500)), "currency": "EUR"}
            for sku in skus
        ]
        named = {"transfer": "t", "from_warehouse": "PAR-1", "receipt": receipt}
        return office.send("ReceiveTransferCost", lines=lines, time=self._time(), **named)

    def _set(self, office: Office, tables: Tables) -> dict[str, Any]:
        free = [sku for sku in SKUS if not tables.skus.get(sku, {"quantity": 0})["quantity"]]
        sku = self._random.choice(free * 3 or list(SKUS))
        method = self._random.choice(METHODS)
        if sku not in free and self._random.random() < 0.8:
            method = tables.skus[sku]["method"]
        standard = {"standard_amount": self._random.choice((0, 3, 100)), "standard_per": 7}
        fields = standard if method == "standard" else {}
        return office.cost(sku, method, **fields)

    def _close(self, office: Office, tables: Tables) -> dict[str, Any]:
        return office.close(self._random.choice(("2020-02", "2026-09", "2026-10", "2026-11")))


def run(
    seed: int, length: int, check: Callable[[Tables, dict[str, Any]], None] = lambda *_: None
) -> Office:
    """A history, with a look at each of its outcomes; the office that it has happened to."""
    office, history = Office(), History(seed)
    tables = Tables({})
    for outcome in _begun(office, Random(seed)):
        check(tables := Tables(office.rows), outcome)
    for _ in range(length):
        outcome = history.next(office, tables)
        assert outcome.get("code") not in ("INVALID_COMMAND", "AMOUNT_LIMIT"), outcome
        check(tables := Tables(office.rows), outcome)
    return office


def _begun(office: Office, random: Random) -> Iterator[dict[str, Any]]:
    """There is something to begin with."""
    lines = []
    for method, sku in zip(random.choices(METHODS, k=3), SKUS, strict=True):
        standard = {"standard_amount": 100, "standard_per": 3} if method == "standard" else {}
        lines.append({"sku": sku, "method": method, "currency": "EUR"} | standard)
    yield office.send("SetCosting", lines=lines)
    yield office.move("received", *((sku, 10) for sku in SKUS), cause="3-1")
    yield office.post("3-1", *((sku, 1_001) for sku in SKUS))


def replayed(commands: list[tuple[int, bytes]]) -> Office:
    """An office that is told the same, at the same times."""
    office = Office()
    for log_time_ms, value in commands:
        office.pass_time(log_time_ms - office.moment.log_time_ms)
        office.put(value)
    return office
