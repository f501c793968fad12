"""The simulation's command: many seeds, one seed again, or the planted bugs."""

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from hashlib import blake2b
from typing import Any

from tests.simulation.campaign import (
    CAUGHT_SHARE,
    PLANTED_SEEDS_MAX,
    Catch,
    Verdict,
    caught,
    judged,
)
from tests.simulation.plan import plan_of
from tests.simulation.planted import BUGS
from tests.simulation.run import Outcome, run
from tests.simulation.shrink import Shrinking

TRACE_LINES = 90  # of a failing run, its last ones before the verdict
TEXT_MAX = 400


def main() -> int:
    """1 where something is violated, or too many planted bugs are not caught."""
    parser = argparse.ArgumentParser(prog="./stockyard simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--only", default="")
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.planted:
        return _planted(given)
    if given.seed is not None:
        return _again(given)
    return _many(given)


def _many(given: Any) -> int:
    began, wrong, verdicts = time.monotonic(), [], []
    commands = faults = done = 0
    virtual_s = 0.0
    for verdict in judged(range(given.first, given.first + given.seeds), given.processes):
        done += 1
        verdicts.append(verdict)
        commands, faults = commands + verdict.commands, faults + verdict.faults
        virtual_s += verdict.virtual_s
        if not verdict.right:
            wrong.append(verdict)
        _progress(done, given.seeds, len(wrong), began)
    seconds = time.monotonic() - began
    told = {
        "seeds": done,
        "first": given.first,
        "wrong": [asdict(verdict) for verdict in wrong],
        "commands": commands,
        "faults": faults,
        "virtual_s": round(virtual_s, 1),
        "counts": sum((verdict.counts for verdict in verdicts), Counter()),
        "seconds": round(seconds, 1),
        "trace": _digest(verdicts),
        "seeds_per_s": round(done / seconds, 2),
    }
    if given.json:
        print(json.dumps(told))
    else:
        print(
            f"{done:,} seeds, {commands:,} commands, {faults:,} faults, {virtual_s / 3600:,.1f} h "
            f"of virtual time in {seconds:,.0f} s, {done / seconds:.1f} seeds/s: {len(wrong)} wrong"
        )
        _tell(wrong)
    return 1 if wrong else 0


def _digest(verdicts: list[Verdict]) -> str:
    """Of all traces, in the order of their seeds."""
    digests = (one.digest for one in sorted(verdicts, key=lambda one: one.seed))
    return blake2b(" ".join(digests).encode(), digest_size=16).hexdigest()


def _progress(done: int, seeds: int, wrong: int, began: float) -> None:
    rate = done / max(0.001, time.monotonic() - began)
    line = f"{done:,} of {seeds:,} seeds, {rate:.1f}/s, {wrong} wrong"
    if sys.stderr.isatty():
        print(f"\r{line} ", end="" if done < seeds else "\n", file=sys.stderr, flush=True)
    elif done % 500 == 0 or done == seeds:
        print(line, file=sys.stderr, flush=True)


def _tell(wrong: list[Verdict]) -> None:
    for verdict in sorted(wrong, key=lambda one: one.seed)[:20]:
        sort, text = verdict.violations[0]
        print(f"seed {verdict.seed}: {sort}: {text[:TEXT_MAX]}")
        print(f"  again: ./stockyard simulate --seed {verdict.seed}")
    if wrong:
        _explain(run(plan_of(min(one.seed for one in wrong))))


def _again(given: Any) -> int:
    plan = plan_of(given.seed)
    outcome = run(plan.only(given.only.split(",")) if given.only else plan)
    if given.json:
        told = {"seed": given.seed, "digest": outcome.digest, "violations": outcome.violations}
        print(json.dumps(told | {"steps": outcome.steps, "virtual_s": outcome.virtual_s}))
    else:
        print(f"seed {given.seed}: {outcome.steps:,} steps, trace {outcome.digest}")
        if outcome.right:
            print("right")
        elif given.only:
            _show(outcome)
        else:
            _explain(outcome)
    return 0 if outcome.right else 1


def _explain(outcome: Outcome) -> None:
    """Shrink a failing run and show what is left of it."""
    if outcome.right:
        print("another run of the same seed was right: the simulation is not deterministic")
        return
    shrinking = Shrinking(outcome)
    best = shrinking.run()
    plan = outcome.plan
    print(
        f"shrunk from {len(plan.wishes)} commands and {len(plan.faults)} faults "
        f"to {len(best.plan.wishes)} and {len(best.plan.faults)}:"
    )
    _show(best)
    only = ",".join(shrinking.names)
    print(f"again: ./stockyard simulate --seed {plan.seed} --only {only}")


def _show(outcome: Outcome) -> None:
    lines = [line for line in outcome.trace if " Entry(" not in line]
    for line in lines[-TRACE_LINES:]:
        print(f"  {line[:TEXT_MAX]}")


def _planted(given: Any) -> int:
    def told(one: Catch) -> None:
        if not given.json:
            what = f"{one.sort} after {one.seeds} seeds" if one.sort else "NOT CAUGHT"
            print(f"{one.bug:62} {what} ({one.seconds:.1f} s)", flush=True)

    names = [bug.name for bug in BUGS]
    catches = caught(names, given.processes, told, given.first)
    found = [one for one in catches if one.sort]
    if given.json:
        print(json.dumps({"planted": [asdict(one) for one in catches], "caught": len(found)}))
    else:
        print(f"{len(found)} of {len(catches)} caught, each within {PLANTED_SEEDS_MAX} seeds")
    return 0 if len(found) >= CAUGHT_SHARE * len(catches) else 1


if __name__ == "__main__":
    sys.exit(main())
