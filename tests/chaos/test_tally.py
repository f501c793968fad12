"""Runs add up while the engine is the same, and begin anew when it is not."""

import json
from collections import Counter
from pathlib import Path

from tests.chaos.counts import FULL, WANTED_S, lacking
from tests.chaos.kinds import by_name
from tests.chaos.tally import ENGINE, Outcome, Tally, merge, quantile


def _run(resumed_s: float) -> Tally:
    tally = Tally(not_possible={"cut-worker": "no ip"})
    tally.injected("kill-worker", resumed_s)
    tally.add_outcome({"seed": 7}, Outcome(1_000, 997, 0), Counter({"worker-1 with 1": 1}))
    return tally


def test_two_runs_of_one_engine_are_one_sum(tmp_path: Path) -> None:
    file = tmp_path / "sum.json"
    merge(file, _run(2.0))
    total = merge(file, _run(4.0))
    assert (len(total.runs), total.faults) == (2, 2)
    assert total.runs[0] == {"seed": 7, "faults": 1, "sent": 1_000, "decided": 997, "violations": 0}
    assert total.table() == [("kill-worker", "2", "1,000", "2.0", "4.0", "4.0", "10")]
    assert total.ended == {"worker-1 with 1": 2}
    said = "no violation: 2 faults of 1 kinds, 2,000 commands sent, 1,994 decided (99.7 %)"
    assert str(total) == said
    assert said in file.with_suffix(".md").read_text()


def test_what_took_longer_than_is_wanted_is_marked() -> None:
    tally = _run(10.1)
    tally.injected("kill-leader", 15.0)
    tally.injected("hijack", 99.0)

    wanted = {row[0]: row[-1] for row in tally.table()}

    assert wanted == {"kill-worker": "10: missed", "kill-leader": "15", "hijack": ""}
    assert any(line.endswith("| 10: missed |") for line in tally.lines())


def test_a_changed_engine_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "sum.json"
    merge(file, _run(2.0))
    kept = json.loads(file.read_text())
    file.write_text(json.dumps(kept | {ENGINE: "another tree"}))
    assert len(merge(file, _run(4.0)).runs) == 1


def test_what_lacks_is_counted_by_how_often_it_was_met() -> None:
    tally = Tally()
    tally.injected("mangle-end", 1.0, times=30)
    tally.injected("kill-worker", 1.0)
    left = lacking(tally.times, 0.1)
    assert left["kill-worker"] == 99
    assert "mangle-end" not in left
    assert WANTED_S.keys() <= FULL.keys() <= by_name().keys()
    assert lacking(FULL, 1.0) == {}


def test_quantiles_are_values_that_were_seen() -> None:
    seconds = [float(n) for n in range(1, 101)]
    assert [quantile(seconds, share) for share in (0.0, 0.5, 0.95, 1.0)] == [1.0, 50.0, 95.0, 100.0]
    assert quantile([7.0], 0.95) == 7.0
