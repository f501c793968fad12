"""Carries out a plan's faults on the running world, and mends everything at its end."""

from tests.simulation.broker import Log
from tests.simulation.installation import Installation
from tests.simulation.loop import Life
from tests.simulation.plan import Fault
from tests.simulation.relay_faults import RESTART_S
from tests.simulation.world import START_MS

FROZEN_S, CUT_S, FULL_S = 15.0, 9.0, 6.0
SKEW_S, BROKER_SKEW_MS = 100.0, 4_000
REPLACED_S = 4.0  # so long a leader that was replaced still answers


def carry_out(fault: Fault, there: Installation) -> None:
    """One fault, now."""
    there.world.note(f"FAULT f{fault.number} {fault.kind} {fault.target} {fault.amount}")
    kind, amount = fault.kind, fault.amount
    host = there.hosts[fault.target % len(there.hosts)]
    partition = fault.target % there.plan.partitions
    cuts, loop, name = there.world.cuts, there.world.loop, host.name
    if kind in ("kill", "power cut"):
        host.kill()
        if kind == "power cut":
            host.disk.power_cut()
        loop.outside(amount * RESTART_S, host.start)
    elif kind == "stop":
        host.stop()
        loop.outside(1 + amount * RESTART_S, host.start)
    elif kind.startswith("die "):
        host.disk.dies = kind.removeprefix("die ")
        loop.outside(2 + amount * RESTART_S, host.start)
    elif kind == "freeze":
        host.freeze(amount * FROZEN_S)
    elif kind == "rebalance":
        domains = there.plan.domains
        there.world.groups[domains[fault.target % len(domains)]].rebalance()
    elif kind == "cut off":
        cuts.cut.add(name)
        loop.outside(amount * CUT_S, cuts.cut.discard, name)
    elif kind.startswith("EndTxn "):
        cuts.endings.setdefault(name, []).append(kind.removeprefix("EndTxn "))
        loop.outside(1 + amount * RESTART_S, host.start)
    elif kind == "produce refused":
        cuts.refusals.setdefault(name, []).append("refused" if amount < 0.5 else "too large")
    else:
        _rarer(fault, there, partition)


def _rarer(fault: Fault, there: Installation, partition: int) -> None:
    kind, amount, world = fault.kind, fault.amount, there.world
    host = there.hosts[fault.target % len(there.hosts)]
    if kind == "disk full":
        host.disk.full = True
        world.loop.outside(amount * FULL_S, _space, host)
    elif kind == "broken block":
        host.disk.break_one()
    elif kind == "clock":
        host.skew((amount - 0.5) * 2 * SKEW_S)
    elif kind == "broker clock":
        world.broker_skew_ms[partition] = int((amount - 0.5) * 2 * BROKER_SKEW_MS)
    elif kind in ("compaction", "old leader"):
        _to_changelog(fault, there, partition)
    elif kind == "markers late":
        there.broker.markers_late_s = amount * 5
    elif kind == "marker lost":
        lost = amount < 0.5
        there.broker.markers_lost += lost
        there.broker.forgotten += not lost
    elif kind == "hijack":
        there.hijack(partition)
    elif kind == "sink killed":
        there.restart_sink(amount * RESTART_S)
    else:
        there.database.commits.append(kind.removeprefix("sink commit "))


def _space(host: object) -> None:
    host.disk.full = False  # type: ignore[attr-defined]


def _to_changelog(fault: Fault, there: Installation, partition: int) -> None:
    domain = there.plan.domains[fault.target // there.plan.partitions % len(there.plan.domains)]
    log = there.broker.logs[there.topics[domain].changelog, partition]
    if fault.kind == "compaction":
        return log.compact()
    log.shown, lasts_s = log.stable, fault.amount * REPLACED_S
    there.world.loop.outside(lasts_s, _replaced, log)
    lost = lasts_s / 2, _owner_lost, there, domain, partition, lasts_s / 8
    return there.world.loop.outside(*lost)


def _owner_lost(there: Installation, domain: str, partition: int, away_s: float) -> None:
    """Whoever has the partition dies, and finds less in his store than he had committed."""
    if there.world.calm:
        return
    for host in there.hosts:
        mine = host.domain == domain and host.worker is not None
        if mine and host.worker is not None and partition in host.worker.states():
            host.kill()
            host.disk.power_cut()
            there.world.loop.outside(away_s, host.start)


def _replaced(log: Log) -> None:
    log.shown = None


def mend(there: Installation) -> None:
    """All is well from now on."""
    world = there.world
    world.note("all is mended")
    world.calm = True
    world.cuts.cut.clear()
    world.cuts.endings.clear()
    world.cuts.refusals.clear()
    world.cuts.steps.clear()
    world.broker_skew_ms.clear()
    there.broker.markers_late_s = 0.0
    there.broker.markers_lost = there.broker.forgotten = 0
    for log in there.broker.logs.values():
        log.shown = None
    there.database.commits.clear()
    for host in there.hosts:
        host.disk.full, host.disk.dies = False, ""
        host.disk.unbreak()
    for machine in there.machines:
        machine.skew(0.0)
        if machine.process is not None and machine.process.life is Life.FROZEN:
            machine.thaw(machine.process)
        machine.start()
    there.restart_sink(0.0)
    if any(fault.kind == "marker lost" for fault in there.plan.faults):
        there.probe()  # a lost coordinator is noticed with the next transaction
    assert world.append_ms(0) >= START_MS
