"""What runs add up to: faults by kind, and how soon work resumed; kept while the engine stays."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.chaos.processes import ROOT

ENGINE = "streams"


class Outcome(NamedTuple):
    """One run's end."""

    sent: int
    decided: int
    violations: int


@dataclass(slots=True)
class Tally:
    """One run, or several of the same engine."""

    runs: int = 0
    sent: int = 0
    decided: int = 0
    violations: int = 0
    minutes: float = 0.0
    resumed_s: dict[str, list[float]] = field(default_factory=dict)  # kind -> each fault's seconds
    ended: dict[str, int] = field(default_factory=dict)  # parts that ended by themselves
    not_possible: dict[str, str] = field(default_factory=dict)

    def injected(self, kind: str, resumed_s: float) -> None:
        """One fault more."""
        self.resumed_s.setdefault(kind, []).append(round(resumed_s, 2))

    def add_outcome(self, outcome: Outcome, ended: dict[str, int]) -> None:
        """A run came to its end."""
        self.runs += 1
        self.sent += outcome.sent
        self.decided += outcome.decided
        self.violations += outcome.violations
        self._add_ended(ended)

    def add(self, other: Self) -> None:
        """All of another one too."""
        self.runs += other.runs
        self.sent += other.sent
        self.decided += other.decided
        self.violations += other.violations
        self.minutes += other.minutes
        for kind, seconds in other.resumed_s.items():
            self.resumed_s.setdefault(kind, []).extend(seconds)
        self._add_ended(other.ended)
        self.not_possible |= other.not_possible

    def _add_ended(self, ended: dict[str, int]) -> None:
        for how, count in ended.items():
            self.ended[how] = self.ended.get(how, 0) + count

    @property
    def faults(self) -> int:
        """How many in all."""
        return sum(map(len, self.resumed_s.values()))

    def __str__(self) -> str:
        share = 100 * self.decided / self.sent if self.sent else 0.0
        found = f"{self.violations} violations" if self.violations else "no violation"
        return (
            f"{found}: {self.faults} faults of {len(self.resumed_s)} kinds, {self.sent:,} commands "
            f"sent, {self.decided:,} decided ({share:.1f} %)"
        )

    def table(self) -> list[tuple[str, ...]]:
        """Kind, how many, then seconds until work resumed: p50, p95, max."""
        rows = []
        for kind, seconds in sorted(self.resumed_s.items()):
            figures = (quantile(seconds, 0.5), quantile(seconds, 0.95), max(seconds))
            rows.append((kind, str(len(seconds)), *(f"{one:.1f}" for one in figures)))
        return rows

    def lines(self) -> list[str]:
        """The same in Markdown."""
        head = ["| fault | injected | resumed after, s: p50 | p95 | max |", "|---|---|---|---|---|"]
        rows = ["| " + " | ".join(row) + " |" for row in self.table()]
        rest = [f"| {kind} | not possible here | | | |" for kind in sorted(self.not_possible)]
        return [f"{self} in {self.runs} runs.", "", *head, *rows, *rest]

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {"faults": self.faults, "table": self.table()}


def quantile(values: Sequence[float], share: float) -> float:
    """The least value that this share of them does not exceed."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def engine() -> str:
    """Git's hash of the engine's tree, and whether files differ from it."""
    tree = _git("rev-parse", f"HEAD:{ENGINE}")
    return f"{tree} with changes" if _git("status", "--porcelain", "--", ENGINE) else tree


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def merge(file: Path, tally: Tally) -> Tally:
    """Add a run to what the file has of the same engine; of another engine it is written anew."""
    now = engine()
    kept = json.loads(file.read_text()) if file.exists() else {}
    total = Tally()
    if kept.get(ENGINE) == now:
        old = kept["sum"]
        for name in ("runs", "sent", "decided", "violations", "minutes"):
            setattr(total, name, old[name])
        total.resumed_s, total.not_possible = old["resumed_s"], old["not_possible"]
        total.ended = old["ended"]
    total.add(tally)
    file.write_text(json.dumps({ENGINE: now, "sum": total.plain()}, indent=1) + "\n")
    file.with_suffix(".md").write_text("\n".join(total.lines()) + "\n")
    return total
