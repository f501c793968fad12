"""`./stockyard books`: everything that is kept twice compared, and told as a table."""

import asyncio
import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.bars import Bars
from cli.bookkeeping import check_books
from cli.exceptions import BooksError
from cli.findings import Findings
from cli.installation import Installation


def books(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Check the books of the running system, also while it works; exit 1 on any difference."""
    try:
        findings = audit_books(Installation.running())
    except BooksError as error:
        print(f"books: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    if as_json:
        print(json.dumps(document(findings)))
    else:
        show(Console(), findings)
    raise typer.Exit(0 if findings.balanced else 1)


def audit_books(where: Installation) -> Findings:
    """Check them, with a bar for a person."""
    with Bars() as bars:
        step = bars.step("checking the books", where.settings.partitions)
        return asyncio.run(check_books(where, step))


def show(console: Console, findings: Findings) -> None:
    """The table, and the first differences of each check."""
    table = Table(box=None, pad_edge=False)
    for name in ("", "checked", "compared", "", "differences"):
        table.add_column(name, justify="right" if name in ("compared", "differences") else "left")
    for check in findings.all():
        mark = "[green]✓[/]" if not check.differences else "[red]✗[/]"
        counts = (f"{check.compared:,}", check.unit, f"{check.differences:,}")
        table.add_row(mark, check.name, *counts)
    console.print(table)
    for check in findings.all():
        for text in check.first:
            console.print(f"✗ {text}", style="red", markup=False, highlight=False, soft_wrap=True)
        if check.differences > len(check.first):
            more = check.differences - len(check.first)
            console.print(f"  and {more:,} more: {check.name}", markup=False, highlight=False)
    balanced = "[bold green]The books balance[/]"
    console.print(balanced if findings.balanced else "[bold red]The books do not balance[/]")


def document(findings: Findings) -> dict[str, object]:
    """The findings for programs."""
    return {
        "balanced": findings.balanced,
        "checks": [vars(check) for check in findings.all()],
    }
