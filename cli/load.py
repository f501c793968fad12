"""`./stockyard load FILE`: commands from JSON Lines, or sales from CSV or Parquet, to Kafka."""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.bars import Bars
from cli.command_lines import read_commands
from cli.exceptions import LoadError
from cli.installation import kafka_settings
from cli.invoices import Command
from cli.load_report import LoadReport
from cli.sales import Refusal
from cli.sales_load import LINES_PER_STEP, SalesFile
from cli.sending import Sender
from streams.settings import Settings

COMMANDS, SALES = (".jsonl", ".ndjson"), (".csv", ".parquet")


def load(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help=".jsonl, .csv, .parquet"),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read all, send nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Write the refused lines here, as JSON Lines.")
    ] = None,
    opening: Annotated[
        bool, typer.Option(help="First receive the stock that the file's shipments need.")
    ] = True,
) -> None:
    """Send a file's commands; loading it again changes nothing. Exit 1 on malformed lines."""
    try:
        settings = None if dry_run else kafka_settings()
        with _report(file, dry_run, rejects) as report:
            asyncio.run(_load(file, report, settings, opening))
    except LoadError as error:
        print(f"load: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    if as_json:
        print(json.dumps(report.summary()))
    else:
        report.show(Console())
    raise typer.Exit(1 if report.malformed else 0)


def _report(file: Path, dry_run: bool, rejects: Path | None) -> LoadReport:
    kind = {**dict.fromkeys(COMMANDS, "commands"), **dict.fromkeys(SALES, "sales")}.get(
        file.suffix.lower()
    )
    if kind is None:
        raise LoadError(f"{file}: a file of {', '.join(COMMANDS + SALES)} is needed")
    if rejects is not None and rejects.exists() and rejects.samefile(file):
        raise LoadError(f"--rejects {rejects} is the file to load: name another")
    try:
        opened = rejects.open("w", encoding="utf-8") if rejects is not None else None
    except OSError as error:
        raise LoadError(f"--rejects {rejects} cannot be written: {error}") from None
    return LoadReport(str(file), kind, dry_run, opened)


async def _load(file: Path, report: LoadReport, settings: Settings | None, opening: bool) -> None:
    with Bars() as bars:
        async with AsyncExitStack() as stack:
            sender = await stack.enter_async_context(Sender(settings)) if settings else None
            commands = (
                _sales(file, report, opening, bars)
                if report.kind == "sales"
                else _commands(file, report, bars)
            )
            warehouses = set()
            for command in commands:
                report.commands[command.type] += 1
                warehouses.add(command.warehouse)
                if sender:
                    await sender.send(command)
            report.warehouses = len(warehouses)
            if sender:
                await sender.flush()
                report.bytes, report.duration_s = sender.bytes, sender.duration_s


def _sales(file: Path, report: LoadReport, opening: bool, bars: Bars) -> Iterator[Command]:
    sales = SalesFile.read(file, report.refuse, bars.step("reading", None))
    report.lines, report.rewritten = sales.lines, sales.rewritten
    openings = sales.openings(bars.step("stock", sales.lines)) if opening else ()
    return chain(openings, sales.commands(bars.step("sending", sales.lines)))


def _commands(file: Path, report: LoadReport, bars: Bars) -> Iterator[Command]:
    step = bars.step("sending", None)
    for item in read_commands(file):
        report.lines += 1
        if report.lines % LINES_PER_STEP == 0:
            step(LINES_PER_STEP)
        if isinstance(item, Refusal):
            report.refuse(item)
        else:
            yield item
    step(report.lines % LINES_PER_STEP)
