"""How often each fault must have been met before the engine counts as proven.

The counts bound what was not seen: after 1,000 kills without a violation, one in 330 kills that
does harm would have been met with 95 %. Requests count where requests are mangled, and guests where
workers come and leave; everything else is counted by fault.
"""

from collections.abc import Mapping
from math import ceil

FULL = {
    "kill-worker": 1_000,
    "crash-point": 600,
    "freeze-worker": 200,
    "kill-leader": 200,
    "kill-controller": 50,
    "kill-all-brokers": 30,
    "lose-isr": 100,
    "cut-worker": 100,
    "cut-broker": 50,
    "cut-postgres": 20,
    "mangle-end": 250,
    "mangle-produce": 250,
    "rebalance": 300,
    "hijack": 50,
    "fill-disk": 20,
    "fill-postgres": 20,
    "fill-broker": 20,
    "damage-store": 80,
    "old-store": 20,
    "clock-ahead": 20,
    "clock-behind": 20,
    "clock-back": 10,
    "kill-postgres": 10,
}

WANTED_S = {  # until work resumes, for 95 of 100
    "kill-worker": 10.0,
    "crash-point": 10.0,
    "kill-leader": 15.0,
    "kill-controller": 15.0,
    "kill-all-brokers": 15.0,
}
"""A goal, and no condition: how long it takes is told, and never decides whether a run is right."""


def lacking(done: Mapping[str, int], share: float) -> dict[str, int]:
    """What is left of this share of the full counts."""
    left = {kind: ceil(share * count) - done.get(kind, 0) for kind, count in FULL.items()}
    return {kind: count for kind, count in left.items() if count > 0}
