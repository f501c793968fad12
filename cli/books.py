"""`./stockyard books`: everything that is kept twice compared, and told as a table."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.bars import Bars
from cli.bookkeeping import check_books
from cli.findings import Check, Findings
from cli.installation import Installation


def books(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Check the books of the running system, also while it works; exit 1 on any difference.

    Exit 2 where they could not be checked.
    """
    findings = check(Installation.running())
    if as_json:
        print(json.dumps(document(findings)))
    else:
        show(Console(), findings.all())
    raise typer.Exit(0 if findings.balanced else 1)


def check(where: Installation) -> Findings:
    """Check them, with a bar for a person. Raises BooksError."""
    with Bars() as bars:
        step = bars.step("checking the books", where.settings.partitions)
        return asyncio.run(check_books(where, step))


def show(console: Console, checks: list[Check]) -> None:
    """The table, and the first differences of each check."""
    table = Table(box=None, pad_edge=False)
    for name in ("", "checked", "compared", "", "differences"):
        table.add_column(name, justify="right" if name in ("compared", "differences") else "left")
    for one in checks:
        mark = "[green]✓[/]" if not one.differences else "[red]✗[/]"
        table.add_row(mark, one.name, f"{one.compared:,}", one.unit, f"{one.differences:,}")
    console.print(table)
    for one in checks:
        for text in one.first:
            console.print(f"✗ {text}", style="red", markup=False, highlight=False, soft_wrap=True)
        if one.differences > len(one.first):
            more = one.differences - len(one.first)
            console.print(f"  and {more:,} more: {one.name}", markup=False, highlight=False)
    balanced = not any(one.differences for one in checks)
    balance = "[bold green]The books balance[/]"
    console.print(balance if balanced else "[bold red]The books do not balance[/]")


def document(findings: Findings) -> dict[str, object]:
    """The findings for programs."""
    return {
        "balanced": findings.balanced,
        "checks": [vars(one) for one in findings.all()],
    }
