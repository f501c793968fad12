"""Judges all that stands on an installation's topics, by the checker of the chaos runs.

`python -m bench.judge KAFKA PREFIX`: prints as JSON whether all is right, what was counted, and the
first differences. It knows every command, shares no code with the engine, and compares each field
of each event, each alert, and each row of the changelog. In a process of its own, as it needs some
10 KB for each command.
"""

import json
import sys

from streams.topics import Topics
from tests.chaos.checker import Logs, check
from tests.chaos.logs import read_all


def judge(kafka: str, prefix: str) -> dict[str, object]:
    """Read all topics of stock and refold the commands."""
    topics = Topics.of("stock", prefix)
    report, _ = check(
        Logs(
            prefix,
            commands=read_all(kafka, topics.commands),
            events=read_all(kafka, topics.events),
            alerts=read_all(kafka, topics.alerts),
            dead_letters=read_all(kafka, topics.dead_letters),
            changelog=read_all(kafka, topics.changelog),
        )
    )
    differences = [f"{count:,} of sort {sort}" for sort, count in report.found.items()]
    return {
        "right": report.right,
        "counts": dict(report.counts),
        "differences": [*differences, *report.told],
    }


if __name__ == "__main__":
    print(json.dumps(judge(*sys.argv[1:])))
