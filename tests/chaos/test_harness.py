"""The harness on itself: a short run under faults is right, and what is planted in it is found."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

from tests.chaos.experiment import SEED
from tests.chaos.harness import possible
from tests.chaos.isolation import Isolation
from tests.chaos.kinds import by_name
from tests.chaos.processes import ROOT, die_with_parent
from tests.chaos.sample import SAMPLE
from tests.chaos.tally import Tally


def test_a_short_run_is_right_and_what_is_planted_is_found(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.chaos.sample", str(SEED), str(tmp_path / "history")]
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        preexec_fn=die_with_parent,
    )
    told = json.loads(done.stdout)
    run, again, lacks = told["run"], told["history"], told["not possible"]

    print(run["text"])
    if lacks:
        warnings.warn(f"faults that this machine does not allow: {lacks}", stacklevel=1)
    assert run["right"], run["text"]
    assert again["right"], again["text"]
    counts = again["counts"]
    assert counts["outcomes in real time"] >= counts["outcomes"]
    assert counts["events seen"] == counts["events"]
    assert counts["reads checked"] > 0 < run["counts"]["stores"]
    assert set(told["met"]) == set(SAMPLE) - set(lacks)
    assert 0 < told["outcome"]["decided"] == told["outcome"]["sent"]

    planted = told["planted"]["found"]
    assert planted["audit row"] == 1, told["planted"]["text"]
    assert planted["events too many"] == planted["gap in seq"] == 1, told["planted"]["text"]
    assert told["planted outcome"]["violations"] > 0


def test_what_cannot_be_done_here_is_named_and_never_counted() -> None:
    chosen, refused = possible(list(by_name().values()), Isolation("no ip", "no mount"))
    tally = Tally(not_possible=refused)
    assert refused["cut-worker"] == "no ip"
    assert refused["fill-disk"] == "no mount"
    assert not refused.keys() & {kind.name for kind in chosen}
    assert any("fill-disk | not possible here" in line for line in tally.lines())
    assert tally.faults == 0


def test_the_sample_has_a_fault_of_each_module() -> None:
    """But for guests and pairs, and for stores, of which test_damage.py is."""
    kinds = by_name()
    modules = {_module(kind.inject) for kind in kinds.values()}
    modules -= {"pairs", "foreign", "store_faults"}
    assert {_module(kinds[name].inject) for name in SAMPLE} == modules


def _module(inject: object) -> str:
    function = getattr(inject, "func", inject)
    return str(function.__module__).rpartition(".")[2]


def test_all_kinds_are_listed() -> None:
    command = [sys.executable, "-m", "cli", "chaos", "--list", "--json"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert json.loads(told).keys() == by_name().keys()
