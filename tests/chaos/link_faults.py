"""Faults of the way between processes: wires cut or slowed, requests lost, late or twice."""

from functools import partial

from tests.chaos.cluster import BROKERS, PROXIED
from tests.chaos.isolation import CUT, SLOW
from tests.chaos.proxy import HOW, Orders, write_orders
from tests.chaos.run import Hit, Run

CUT_S = (3.0, 25.0)  # from a hiccup to past the session
SLOW_S = (8.0, 20.0)
ORDERED_S = (6.0, 15.0)
SHARE = 0.2  # of the requests: enough of them still work for the next fault to be met
DIRECTIONS = ((True, True), (True, False), (False, True))  # to it, from it
TOLD = {(True, True): "both ways", (True, False): "answers", (False, True): "requests"}
WIRED = ("worker-1", "worker-2")


def _impaired(
    run: Run, name: str, how: tuple[str, ...], direction: tuple[bool, bool], seconds: float
) -> str:
    link = run.made.links[name]
    try:
        link.impair(how, to_it=direction[0], from_it=direction[1])
        run.pause(seconds)
    finally:
        link.mend()
    return f"{name}, {TOLD[direction]}, {seconds:.0f} s"


def cut_worker(run: Run) -> Hit:
    """A worker that reaches no broker, or that no broker reaches."""
    name, direction = run.rng.choice(WIRED), run.rng.choice(DIRECTIONS)
    return Hit(_impaired(run, name, CUT, direction, run.rng.uniform(*CUT_S)))


def cut_broker(run: Run) -> Hit:
    """A broker that nobody reaches, or that reaches nobody."""
    name, direction = f"kafka-{run.rng.choice(BROKERS)}", run.rng.choice(DIRECTIONS)
    return Hit(_impaired(run, name, CUT, direction, run.rng.uniform(*CUT_S)))


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
