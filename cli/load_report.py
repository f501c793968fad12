"""What became of a file's lines: counts for the summary, and each refused line with its reason."""

import json
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.plain import plain
from cli.sales import Reason, Refusal

SHOWN_PER_REASON = 3  # the rest is in the file of --rejects


@dataclass
class LoadReport:
    """Fills while a file is loaded; a context, so that the file of refused lines is closed."""

    file: str
    kind: str  # "commands" or "sales"
    dry_run: bool
    rejects: TextIO | None
    lines: int = 0
    warehouses: int = 0
    rewritten: Counter[str] = field(default_factory=Counter)  # stock code as typed -> lines
    commands: Counter[str] = field(default_factory=Counter)  # by type
    bytes: int = 0
    duration_s: float = 0.0
    refused: Counter[Reason] = field(default_factory=Counter)
    _shown: list[Refusal] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.rejects is not None:
            self.rejects.close()

    def refuse(self, refusal: Refusal) -> None:
        """Count one refused line and write it down."""
        self.refused[refusal.reason] += 1
        if self.refused[refusal.reason] <= SHOWN_PER_REASON:
            self._shown.append(refusal)
        if self.rejects is not None:
            json.dump(_written(refusal), self.rejects, ensure_ascii=False, default=str)
            self.rejects.write("\n")

    @property
    def malformed(self) -> bool:
        """Whether lines could not be read, other than lines that sensibly move no stock."""
        return self.refused[Reason.MALFORMED] > 0

    def summary(self) -> dict[str, Any]:
        """The report for machines."""
        sent = self.commands.total()
        return {
            "file": self.file,
            "kind": self.kind,
            "dry_run": self.dry_run,
            "lines": self.lines,
            "refused": self.refused.total(),
            "refused_by_reason": dict(self.refused),
            "commands": sent,
            "commands_by_type": dict(self.commands),
            "warehouses": self.warehouses,
            "codes_rewritten": {"codes": len(self.rewritten), "lines": self.rewritten.total()},
            "bytes": self.bytes,
            "seconds": round(self.duration_s, 3),
            "commands_per_s": round(sent / self.duration_s) if self.duration_s else None,
        }

    def show(self, console: Console) -> None:
        """The report for a person."""
        refused = self.refused.total()
        counted = f"{plain(self.file)}: {self.lines:,} lines, {refused:,} refused"
        console.print(counted, markup=False, highlight=False)
        if refused:
            console.print(self._refusals())
        if refused and self.rejects is None:
            console.print("All of them: --rejects FILE", highlight=False)
        if self.rewritten:
            console.print(
                f"{len(self.rewritten):,} stock codes on {self.rewritten.total():,} lines were put "
                "in capitals",
                highlight=False,
            )
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in self.commands.most_common())
        made = f"{self.commands.total():,} commands to {self.warehouses} warehouses"
        console.print(f"{made}: {kinds or 'none'}", highlight=False)
        if self.dry_run:
            console.print("Nothing was sent: --dry-run")
        elif self.duration_s:
            rate = self.commands.total() / self.duration_s
            sent = (
                f"Sent {self.bytes / 1e6:.1f} MB in {self.duration_s:.1f} s: {rate:,.0f} commands/s"
            )
            console.print(sent, highlight=False)

    def _refusals(self) -> Table:
        table = Table(box=None, pad_edge=False)
        table.add_column("refused because")
        table.add_column("lines", justify="right")
        table.add_column("for example")
        for reason in Reason:
            if not self.refused[reason]:
                continue
            shown = [refusal for refusal in self._shown if refusal.reason == reason]
            example = "\n".join(f"line {refusal.number}: {refusal.problem}" for refusal in shown)
            table.add_row(reason.value, f"{self.refused[reason]:,}", Text(plain(example)))
        return table


def _written(refusal: Refusal) -> dict[str, Any]:
    entry = {"line": refusal.number, "reason": refusal.reason, "problem": refusal.problem}
    original = refusal.original
    return entry | {"original": original if isinstance(original, str) else original._asdict()}
