"""What runs add up to: faults by kind, and how soon work resumed; kept while the engine stays."""

import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.chaos.counts import FULL, WANTED_S
from tests.chaos.processes import ROOT

ENGINE = "streams"
COLUMNS = ("met", "full count", "resumed after, s: p50", "p95", "max", "wanted of p95")


class Outcome(NamedTuple):
    """One run's end."""

    sent: int
    decided: int
    violations: int


@dataclass(slots=True)
class Tally:
    """One run, or several of the same engine."""

    runs: list[dict[str, object]] = field(default_factory=list)  # where and when each was
    sent: int = 0
    decided: int = 0
    violations: int = 0
    times: Counter[str] = field(default_factory=Counter)  # kind -> how often it was met
    resumed_s: dict[str, list[float]] = field(default_factory=dict)  # kind -> each fault's seconds
    ended: Counter[str] = field(default_factory=Counter)  # parts that ended by themselves
    not_possible: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Self:
        """From what `plain` gave."""
        kept = {one.name: plain[one.name] for one in fields(cls)}
        counted = {name: Counter(kept[name]) for name in ("times", "ended")}
        return cls(**(kept | counted))

    def injected(self, kind: str, resumed_s: float, times: int = 1) -> None:
        """One fault more, met so often."""
        self.times[kind] += times
        self.resumed_s.setdefault(kind, []).append(round(resumed_s, 2))

    def add_outcome(self, run: dict[str, object], outcome: Outcome, ended: Counter[str]) -> None:
        """A run came to its end."""
        self.runs.append(run | {"faults": self.faults} | outcome._asdict())
        self.sent += outcome.sent
        self.decided += outcome.decided
        self.violations += outcome.violations
        self.ended += ended

    def add(self, other: Self) -> None:
        """All of another one too."""
        self.runs += other.runs
        self.sent += other.sent
        self.decided += other.decided
        self.violations += other.violations
        self.times += other.times
        self.ended += other.ended
        for kind, seconds in other.resumed_s.items():
            self.resumed_s.setdefault(kind, []).extend(seconds)
        self.not_possible |= other.not_possible

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
        """Kind and COLUMNS: how often, and the seconds until work resumed, with what is wanted."""
        rows = []
        for kind, seconds in sorted(self.resumed_s.items()):
            full = f"{FULL[kind]:,}" if kind in FULL else ""
            figures = (quantile(seconds, 0.5), quantile(seconds, 0.95), max(seconds))
            told = (f"{one:.1f}" for one in figures)
            rows.append((kind, str(self.times[kind]), full, *told, _wanted(kind, figures[1])))
        return rows

    def lines(self) -> list[str]:
        """The same in Markdown, with the runs."""
        head = ["| " + " | ".join(("fault", *COLUMNS)) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
        rows = ["| " + " | ".join(row) + " |" for row in self.table()]
        rest = [f"| {kind} | not possible here | | | | | |" for kind in sorted(self.not_possible)]
        runs = "run" if len(self.runs) == 1 else "runs"
        told = f"{self} in {len(self.runs)} {runs}."
        return [told, "", *head, *rows, *rest, "", *self._runs()]

    def _runs(self) -> list[str]:
        names = ("began", "minutes", "seed", "revision", "faults", "decided", "violations")
        head = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
        return head + [
            "| " + " | ".join(str(run.get(name, "")) for name in names) + " |" for run in self.runs
        ]

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        own = {one.name: getattr(self, one.name) for one in fields(self)}
        return own | {"faults": self.faults, "table": self.table()}


def _wanted(kind: str, p95_s: float) -> str:
    """What is wanted of a kind, and whether it is so."""
    if kind not in WANTED_S:
        return ""
    missed = ": missed" if p95_s > WANTED_S[kind] else ""
    return f"{WANTED_S[kind]:g}{missed}"


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


def kept(file: Path) -> Tally:
    """What the file has of this engine; of another one nothing counts."""
    document = json.loads(file.read_text()) if file.exists() else {}
    return Tally.of(document["sum"]) if document.get(ENGINE) == engine() else Tally()


def merge(file: Path, tally: Tally) -> Tally:
    """Add a run to what the file has of the same engine; of another engine it is written anew."""
    total = kept(file)
    total.add(tally)
    file.write_text(json.dumps({ENGINE: engine(), "sum": total.plain()}, indent=1) + "\n")
    file.with_suffix(".md").write_text("\n".join(total.lines()) + "\n")
    return total
