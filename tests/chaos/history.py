"""A run's history in files: what clients saw and what the topics hold, for anybody to check.

`python -m tests.chaos.history FOLDER` checks the topics, the order, what was seen and what was read
of stock again, from the files alone.
`about.json` has the installation, the run's own verdict (with what the other readers and the faults
showed) and says what the other files are; each is JSON Lines, compressed by gzip.
"""

import base64
import gzip
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.chaos.checker import Logs, Partitions, Report, check
from tests.chaos.reads import Read, check_reads
from tests.chaos.realtime import (
    Observed,
    Request,
    Sight,
    check_acknowledged,
    check_order,
    check_seen,
)
from tests.chaos.records import Record

TOPICS = ("commands", "events", "alerts", "dead_letters", "changelog")
FORMAT = {
    "requests.jsonl.gz": "commands in the order in which the client began to send them: key, value,"
    " invoked_ns; and as a broker told it: acknowledged_ns, partition, offset (null: never told)",
    "seen.jsonl.gz": "[partition, offset, ns, digest] of each event when a read_committed reader"
    " had it; digest: of its value, the first 32 hexadecimal digits of its SHA-256",
    "reads.jsonl.gz": "every GET of the API: path with its query, least (X-Min-Position), sent_ns;"
    " and of the answer, where there was one (else null): answered_ns, status, position (of the"
    " body), sha256 (of the body), body (null where it is longer than 4,000 characters)",
    **{
        f"{topic}.jsonl.gz": f"all committed records of the topic of {topic} at the end: partition,"
        " offset, timestamp_ms (append time), key, value, headers"
        for topic in TOPICS
    },
    "bytes": 'a string where they are UTF-8, else {"base64": "..."}; null where there are none',
    "ns": "one monotonic clock of the machine that ran the clients",
}

Bytes = str | dict[str, str] | None


def write(folder: Path, logs: Logs, observed: Observed, about: dict[str, Any]) -> None:
    """All files of a history, in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    about = about | {
        "prefix": logs.prefix,
        "partitions": len(logs.commands),
        "window_s": logs.window_s,
        "files": FORMAT,
    }
    (folder / "about.json").write_text(json.dumps(about, indent=1) + "\n")
    _write(folder / "requests.jsonl.gz", map(_request_fields, observed.requests))
    _write(folder / "seen.jsonl.gz", observed.seen)
    _write(folder / "reads.jsonl.gz", (one._asdict() for one in observed.reads))
    for topic in TOPICS:
        partitions: Partitions = getattr(logs, topic)
        _write(
            folder / f"{topic}.jsonl.gz",
            (_record_fields(one) for ones in partitions.values() for one in ones),
        )


def read(folder: Path) -> tuple[Logs, Observed]:
    """What `write` has written."""
    about = json.loads((folder / "about.json").read_text())
    found: dict[str, Partitions] = {}
    for topic in TOPICS:
        found[topic] = {number: [] for number in range(about["partitions"])}
        for fields in _read(folder / f"{topic}.jsonl.gz"):
            record = _record(fields)
            found[topic][record.partition].append(record)
    requests = [
        Request(**fields | {name: _bytes(fields[name]) for name in ("key", "value")})
        for fields in _read(folder / "requests.jsonl.gz")
    ]
    seen = [Sight(*fields) for fields in _read(folder / "seen.jsonl.gz")]
    reads = [Read(**fields) for fields in _read(folder / "reads.jsonl.gz")]
    logs = Logs(about["prefix"], window_s=about["window_s"], **found)
    return logs, Observed(requests, seen, reads)


def verdict(folder: Path) -> Report:
    """Everything that can be checked without the system that made it."""
    logs, observed = read(folder)
    report, truth = check(logs)
    check_acknowledged(report, observed.requests, logs, truth)
    check_order(report, observed.requests, logs, observed.seen)
    check_seen(report, observed.seen, logs)
    check_reads(report, observed.reads, logs)
    return report


def _write(path: Path, lines: Iterable[Any]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def _read(path: Path) -> Iterator[Any]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            yield json.loads(line)


def _text(value: bytes | None) -> Bytes:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _bytes(value: Bytes) -> bytes | None:
    if isinstance(value, dict):
        return base64.b64decode(value["base64"])
    return None if value is None else value.encode()


def _request_fields(one: Request) -> dict[str, Any]:
    return {
        "key": _text(one.key),
        "value": _text(one.value),
        "invoked_ns": one.invoked_ns,
        "acknowledged_ns": one.acknowledged_ns,
        "partition": one.partition,
        "offset": one.offset,
    }


def _record_fields(one: Record) -> dict[str, Any]:
    fields = one._asdict() | {"key": _text(one.key), "value": _text(one.value)}
    return fields | {"headers": [[name, _text(value)] for name, value in one.headers]}


def _record(fields: dict[str, Any]) -> Record:
    headers = tuple((name, _bytes(value)) for name, value in fields["headers"])
    key, value = _bytes(fields["key"]), _bytes(fields["value"])
    return Record(**fields | {"key": key, "value": value, "headers": headers})


def main(folder: str) -> int:
    """Print the verdict, and the run's own where that was wrong; 1 where this one is."""
    report = verdict(Path(folder))
    print(report)
    told = json.loads(Path(folder, "about.json").read_text()).get("verdict", "")
    if told.startswith("WRONG"):
        print(f"the run itself, with its other readers:\n{told}")
    return 0 if report.right else 1


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1], "about.json").is_file():
        sys.exit(f"usage: python -m {__spec__.name} FOLDER, where FOLDER has an about.json")
    sys.exit(main(sys.argv[1]))
