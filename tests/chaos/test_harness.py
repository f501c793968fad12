"""The harness on itself: a short run under faults is right, and what is planted in it is found."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import asyncpg
from confluent_kafka import Producer

from tests.chaos import history
from tests.chaos.experiment import SEED
from tests.chaos.harness import inject, judge, possible, running, settle
from tests.chaos.isolation import Isolation
from tests.chaos.kinds import by_name
from tests.chaos.logs import read_all
from tests.chaos.processes import ROOT
from tests.chaos.run import Run
from tests.chaos.tally import Tally

FAULTS = ("kill-worker", "kill-reader", "kill-controller", "damage-store")


def _append_event(run: Run) -> None:
    """A foreign producer tells an event a second time."""
    topic = run.made.topic("events")
    partition, records = next(
        (partition, records)
        for partition, records in read_all(run.made.kafka, topic).items()
        if records
    )
    producer = Producer({"bootstrap.servers": run.made.kafka})
    last = records[-1]
    producer.produce(topic, value=last.value, key=last.key, partition=partition)
    assert producer.flush(30) == 0


async def _change_audit_row(dsn: str) -> None:
    """A superuser changes a byte of an event."""
    connection = await asyncpg.connect(dsn)
    try:
        row = await connection.fetchrow(
            'SELECT tableoid::regclass::text AS month, partition, "offset" FROM audit.log'
            " WHERE topic LIKE '%events%' LIMIT 1"
        )
        await connection.execute(f"ALTER TABLE {row['month']} DISABLE TRIGGER ALL")
        changed = await connection.execute(
            f"UPDATE {row['month']} SET value = value || ' '::bytea"
            " WHERE topic LIKE '%events%' AND partition = $1 AND \"offset\" = $2",
            row["partition"],
            row["offset"],
        )
        assert changed == "UPDATE 1", changed
    finally:
        await connection.close()


def test_a_short_run_is_right_and_what_is_planted_is_found(tmp_path: Path) -> None:
    kinds, tally = by_name(), Tally()
    with running(Isolation(), SEED, print) as run:
        for name in FAULTS:
            inject(run, kinds[name], tally)
        settled_ms = settle(run)
        report, outcome = judge(run, settled_ms, tmp_path / "history")
        print(report)
        assert report.right, str(report)
        again = history.verdict(tmp_path / "history")
        assert again.right, str(again)
        assert again.counts["outcomes in real time"] >= again.counts["outcomes"]
        assert set(tally.resumed_s) == set(FAULTS)
        assert 0 < outcome.decided == outcome.sent

        asyncio.run(_change_audit_row(run.made.dsn("postgres")))
        _append_event(run)
        report, outcome = judge(run, settled_ms)
        assert report.found["audit row"] == 1, str(report)
        assert report.found["events too many"] == report.found["gap in seq"] == 1, str(report)
        assert outcome.violations > 0


def test_what_cannot_be_done_here_is_named_and_never_counted() -> None:
    chosen, refused = possible(list(by_name().values()), Isolation("no ip", "no mount"))
    tally = Tally(not_possible=refused)
    assert refused["cut-worker"] == "no ip"
    assert refused["fill-disk"] == "no mount"
    assert not refused.keys() & {kind.name for kind in chosen}
    assert any("fill-disk | not possible here" in line for line in tally.lines())
    assert tally.faults == 0


def test_all_kinds_are_listed() -> None:
    command = [sys.executable, "-m", "cli", "chaos", "--list", "--json"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert json.loads(told).keys() == by_name().keys()
