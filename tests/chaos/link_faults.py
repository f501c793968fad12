"""Faults of the way between processes: wires cut or slowed, requests lost, late or twice."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.chaos import audit_rows
from tests.chaos.cluster import BROKERS, PROXIED
from tests.chaos.isolation import CUT, SLOW
from tests.chaos.proxy import HOW, Orders, write_orders
from tests.chaos.run import Hit, Run

CUT_S = (3.0, 25.0)  # from a hiccup to past the session
POSTGRES_CUT_S = (3.0, 60.0)
DRAINED_S = 120.0  # a peer that was given up is asked again after up to a minute
SLOW_S = (8.0, 20.0)
ORDERED_S = (6.0, 15.0)
SHARE = 0.2  # of the requests: enough of them still work for the next fault to be met
DIRECTIONS = ((True, True), (True, False), (False, True))  # to it, from it
WIRED = ("worker-1", "worker-2")


@contextmanager
def _ill(run: Run, name: str, how: tuple[str, ...], direction: tuple[bool, bool]) -> Iterator[None]:
    """A wire is cut or slow in this block."""
    link = run.made.links[name]
    try:
        link.impair(how, to_it=direction[0], from_it=direction[1])
        yield
    finally:
        link.mend()


def _way(name: str, direction: tuple[bool, bool]) -> str:
    """What is cut: to a worker go answers, to a server requests."""
    to_it, from_it = direction
    if to_it and from_it:
        return "both ways"
    return "answers" if to_it == (name in WIRED) else "requests"


def _impaired(
    run: Run, name: str, how: tuple[str, ...], direction: tuple[bool, bool], seconds: float
) -> str:
    with _ill(run, name, how, direction):
        run.pause(seconds)
    return f"{name}, {_way(name, direction)}, {seconds:.0f} s"


def cut_worker(run: Run) -> Hit:
    """A worker that reaches no broker, or that no broker reaches."""
    name, direction = run.rng.choice(WIRED), run.rng.choice(DIRECTIONS)
    return Hit(_impaired(run, name, CUT, direction, run.rng.uniform(*CUT_S)))


def cut_broker(run: Run) -> Hit:
    """A broker that nobody reaches, or that reaches nobody."""
    name, direction = f"kafka-{run.rng.choice(BROKERS)}", run.rng.choice(DIRECTIONS)
    return Hit(_impaired(run, name, CUT, direction, run.rng.uniform(*CUT_S)))


def cut_postgres(run: Run) -> Hit:
    """Stock does not wait for it, and the audit log has all that was told, once the wire is whole.

    The audit sink, the API and this run reach it by the same wire.
    """
    direction, seconds = run.rng.choice(DIRECTIONS), run.rng.uniform(*POSTGRES_CUT_S)
    began = time.monotonic()
    with _ill(run, "postgres", CUT, direction):
        resumed_s = run.resumed()
        run.pause(seconds - (time.monotonic() - began))
        cut_s = time.monotonic() - began
    told, dsn = len(run.following.seen), run.made.dsn("reader")
    drained_s = run.until("the audit log", DRAINED_S, lambda: audit_rows.holds(dsn, told))
    drained = f"the audit log had all after {drained_s:.1f} s"
    return Hit(f"{_way('postgres', direction)}, {cut_s:.0f} s; {drained}", resumed_s)


def slow_worker(run: Run) -> Hit:
    """A wire of 400 kbit/s whose queue of 400 ms overflows."""
    name = run.rng.choice(WIRED)
    return Hit(_impaired(run, name, SLOW, (True, True), run.rng.uniform(*SLOW_S)))


def _ordered(run: Run, api: str) -> Hit:
    how = run.rng.choice(HOW)
    seconds = run.rng.uniform(*ORDERED_S)
    proxy = run.parts["proxy"]
    before = proxy.told(api)
    try:
        write_orders(run.made.orders, Orders(how, (api,), SHARE))
        run.pause(seconds)
    finally:
        write_orders(run.made.orders, Orders())
    met = proxy.told(api) - before
    return Hit(f"{PROXIED}, {how}: {met} of {api} in {seconds:.0f} s", times=met)


mangle_end_txn = partial(_ordered, api="EndTxn")
mangle_produce = partial(_ordered, api="Produce")
