"""Reads a sales file for loading: what it refuses, what stock it needs, which commands it makes.

A file is read three times and never held: where each invoice ends, how much stock the shipments
need, and the commands themselves. Memory grows with invoices and SKUs, not with lines.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cli.invoices import Command, Shortage, commands_of, whole_invoices
from cli.sales import Movement, Refusal, SalesLine, judge
from cli.tabular import read_sales

LINES_PER_STEP = 2_000  # between two steps of the progress bar

Step = Callable[[int], None]
"""Told how many more lines were read."""
Refuse = Callable[[Refusal], None]
"""Told of each refused line."""


@dataclass
class SalesFile:
    """A sales file after its first reading."""

    path: Path
    lines: int = 0
    rewritten: Counter[str] = field(default_factory=Counter)  # stock code as typed -> lines
    last_lines: dict[str, int] = field(default_factory=dict)  # invoice -> its last line
    warehouses: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, path: Path, refuse: Refuse, step: Step) -> "SalesFile":
        """Read it once: judge each line, and see where each invoice ends."""
        file = cls(path)
        for line in read_sales(path):
            file.lines += 1
            if file.lines % LINES_PER_STEP == 0:
                step(LINES_PER_STEP)
            judged = line if isinstance(line, Refusal) else judge(line)
            if isinstance(judged, Refusal):
                refuse(judged)
                continue
            file.last_lines[judged.invoice] = judged.number
            file.warehouses.add(judged.warehouse)
            assert isinstance(line, SalesLine)
            if judged.sku != line.code:
                file.rewritten[line.code] += 1
        step(file.lines % LINES_PER_STEP)
        return file

    def _invoices(self, step: Step) -> Iterator[list[Movement]]:
        return whole_invoices(self._movements(step), self.last_lines)

    def _movements(self, step: Step) -> Iterator[Movement]:
        read = 0
        for line in read_sales(self.path):
            read += 1
            if read % LINES_PER_STEP == 0:
                step(LINES_PER_STEP)
            judged = line if isinstance(line, Refusal) else judge(line)
            if isinstance(judged, Movement):
                yield judged
        step(read % LINES_PER_STEP)

    def openings(self, step: Step) -> Iterator[Command]:
        """Receipts with which every shipment of the file succeeds; reads the file once more."""
        shortage = Shortage()
        for invoice in self._invoices(step):
            shortage.add(invoice)
        return shortage.receipts()

    def commands(self, step: Step) -> Iterator[Command]:
        """Shipments and returns in the order of the file; reads the file once more."""
        for invoice in self._invoices(step):
            yield from commands_of(invoice)
