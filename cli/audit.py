"""`./stockyard audit verify`: the audit log against the event log, record by record."""

import asyncio
import dataclasses
import json
import os
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from cli.installation import Installation
from local.exceptions import LocalError
from streams.exceptions import StreamsError
from streams.settings import Settings
from streams.topics import Topics
from tables.audit import audited_topics
from tables.exceptions import TablesError
from tables.postgres import FAILURES, check_version, connect, dsn
from tables.verify import Verdict
from tables.verify import verify as compare

app = typer.Typer(help="The audit log in PostgreSQL.", no_args_is_help=True)
app.callback()(lambda: None)


@app.command()
def verify(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Compare the audit log with the topics; exit 1 and the first difference where they differ.

    Exit 2 where they could not be compared.
    """
    settings, address = _where()
    console = Console(stderr=True)
    try:
        verdict = asyncio.run(_verify(settings, address, console))
    except (StreamsError, TablesError, KafkaError, *FAILURES) as error:
        raise LocalError(f"the audit log could not be verified: {error}") from error
    if as_json:
        print(json.dumps(_document(verdict)))
    else:
        _tell(verdict)
    if verdict.difference is not None:
        raise typer.Exit(1)


def _where() -> tuple[Settings, str]:
    """The cluster and database that the environment names, else the running installation's."""
    if {"STOCKYARD_KAFKA", "STOCKYARD_POSTGRES_READER"} <= os.environ.keys():
        return Settings.from_environment(), dsn("reader")
    running = Installation.running()
    return running.settings, running.postgres


async def _verify(settings: Settings, address: str, console: Console) -> Verdict:
    prefix = settings.topic_prefix
    connection = await connect(address, "verify")
    columns = ("comparing", BarColumn(), MofNCompleteColumn(), "offsets", TimeElapsedColumn())
    try:
        await check_version(connection)
        with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task("comparing", total=None)
            return await compare(
                connection,
                settings.kafka,
                audited_topics(Topics.of(one, prefix) for one in settings.domains),
                lambda done, total: bar.update(task, completed=done, total=total),
            )
    finally:
        await connection.close()


def _tell(verdict: Verdict) -> None:
    for part in verdict.partitions:
        if part.end > part.first or part.expired:
            expired = f", {part.expired} rows older than the topic keeps" if part.expired else ""
            print(
                f"{part.topic}/{part.partition}: {part.records} records compared, offsets "
                f"{part.first} to {part.end}{expired}"
            )
    print(f"{verdict.records} records compared: offset, time, key, headers and bytes")
    if verdict.difference is None:
        print("the audit log is the event log")
    else:
        print(f"DIFFERENCE {verdict.difference}")


def _document(verdict: Verdict) -> dict[str, object]:
    difference = verdict.difference
    return {
        "equal": difference is None,
        "records": verdict.records,
        "partitions": [dataclasses.asdict(part) for part in verdict.partitions],
        "difference": dataclasses.asdict(difference) if difference else None,
    }
