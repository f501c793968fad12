"""One run of a few faults, of each module one, and what is planted in it afterwards: as JSON.

A process of its own, as it leaves the machine's network and mounts: `python -m tests.chaos.sample
SEED FOLDER`, where FOLDER is to hold the history. What the machine does not allow is named.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
from confluent_kafka import Producer

from tests.chaos import history
from tests.chaos.checker import Report
from tests.chaos.harness import inject, judge, possible, running, settle
from tests.chaos.isolation import isolate
from tests.chaos.kinds import by_name
from tests.chaos.logs import read_all
from tests.chaos.processes import ROOT
from tests.chaos.run import Run
from tests.chaos.tally import Tally

SAMPLE = (
    "kill-controller",
    "clock-ahead",
    "cut-worker",
    "fill-disk",
)
FETCH = "from local import jars, kafka; jars.fetch(kafka.LOCK)"  # there is no network later on


def append_event(run: Run) -> None:
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


async def change_audit_row(dsn: str) -> None:
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


def main(seed: int, folder: Path) -> dict[str, Any]:
    """What the run showed, its history showed again, and what was planted."""
    subprocess.run([sys.executable, "-c", FETCH], cwd=ROOT, check=True)
    isolation, kinds = isolate(), by_name()
    chosen, refused = possible([kinds[name] for name in SAMPLE], isolation)
    tally = Tally(not_possible=refused)
    with running(isolation, seed, _tell) as run:
        for kind in chosen:
            inject(run, kind, tally)
        settled_ms = settle(run)
        report, outcome = judge(run, settled_ms, folder)
        told = {
            "run": _plain(report),
            "history": _plain(history.verdict(folder)),
            "met": tally.times,
            "not possible": tally.not_possible,
            "outcome": outcome._asdict(),
        }
        if report.right:
            asyncio.run(change_audit_row(run.made.dsn("postgres")))
            append_event(run)
            report, outcome = judge(run, settled_ms)
            told |= {"planted": _plain(report), "planted outcome": outcome._asdict()}
    return told


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _plain(report: Report) -> dict[str, Any]:
    told = {"right": report.right, "text": str(report)}
    return told | {"found": report.found, "counts": report.counts}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]))))
