"""All kinds of faults, and the deck that a run draws from."""

from dataclasses import dataclass
from random import Random

from tests.chaos import (
    disk_faults,
    faults,
    foreign,
    link_faults,
    machine_faults,
    pairs,
    store_faults,
)
from tests.chaos.run import Inject


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault."""

    name: str
    what: str
    inject: Inject
    weight: int = 1  # how often it is in the deck
    needs: str = ""  # "network" or "mounts"


NET, DISK = "network", "mounts"
KINDS = (
    Kind("kill-worker", "SIGKILL of a worker", faults.kill_worker, 4),
    Kind("crash-point", "a worker kills itself at a step of the commit", faults.crash_point, 4),
    Kind("freeze-worker", "SIGSTOP past its session", faults.freeze_worker, 2),
    Kind("kill-leader", "SIGKILL of a broker that leads", faults.kill_leader, 2),
    Kind("kill-controller", "SIGKILL of the leading controller", faults.kill_controller),
    Kind("kill-all-brokers", "SIGKILL of all three", faults.kill_all_brokers),
    Kind("freeze-broker", "SIGSTOP of a broker", faults.freeze_broker),
    Kind("lose-isr", "two of three brokers away: nothing is acknowledged", faults.lose_isr),
    Kind("rebalance", "a fourth worker joins and leaves, every 10 s", faults.rebalance),
    Kind("slow-reader", "SIGSTOP of the API or the audit sink", faults.slow_reader),
    Kind("kill-reader", "SIGKILL of the API or the audit sink", faults.kill_reader),
    Kind("kill-postgres", "SIGQUIT of PostgreSQL, a minute away", faults.kill_postgres),
    Kind("damage-store", "a dead worker's store lost, cut or flipped", store_faults.damaged, 3),
    Kind("old-store", "an old copy of a dead worker's store", store_faults.put_back),
    Kind("fill-disk", "no space for a worker's store", disk_faults.store_filled, 1, DISK),
    Kind("fill-postgres", "no space for PostgreSQL", disk_faults.postgres_filled, 1, DISK),
    Kind("fill-broker", "no space for a broker, which ends", disk_faults.broker_filled, 1, DISK),
    Kind("fail-calls", "EIO or ENOSPC at a store's calls", machine_faults.failing_calls, 2),
    Kind("clock-ahead", "a worker's clock ahead", machine_faults.clock_ahead),
    Kind("clock-behind", "a worker's clock behind", machine_faults.clock_behind),
    Kind("clock-back", "a worker's clock steps back", machine_faults.clock_back),
    Kind("hijack", "a foreign producer takes a transactional.id", foreign.hijacked),
    Kind("two-at-once", "one amid a frozen broker or worker", pairs.two_at_once, 2),
    Kind("cut-worker", "a worker's wire cut, one way or both", link_faults.cut_worker, 2, NET),
    Kind("cut-broker", "a broker's wire cut, one way or both", link_faults.cut_broker, 1, NET),
    Kind(
        "cut-postgres", "PostgreSQL's wire cut, a minute at most", link_faults.cut_postgres, 1, NET
    ),
    Kind("slow-worker", "a wire that delays and drops", link_faults.slow_worker, 1, NET),
    Kind("mangle-end", "EndTxn lost, late or twice", link_faults.mangle_end_txn, 2, NET),
    Kind("mangle-produce", "Produce lost, late or twice", link_faults.mangle_produce, 1, NET),
)


def by_name() -> dict[str, Kind]:
    """All kinds."""
    return {kind.name: kind for kind in KINDS}


def deck(rng: Random, kinds: list[Kind]) -> list[Kind]:
    """Each kind by its weight, shuffled."""
    cards = [kind for kind in kinds for _ in range(kind.weight)]
    rng.shuffle(cards)
    return cards
