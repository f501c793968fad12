"""`./stockyard demo`: a year of real sales through the whole system, then the books checked."""

import asyncio
import sys

import typer
from aiokafka.errors import KafkaError
from rich.console import Console

from cli import books
from cli.exceptions import BooksError, LoadError
from cli.installation import Installation
from cli.play import play
from cli.progress import Progress
from local.parts import ROOT
from local.start import ensure_up

SAMPLE = ROOT / "local" / "sample" / "online_retail_tenth.parquet"


def demo() -> None:
    """Start the system if it is down, run a tenth of a shop's year through it, check the books.

    Exit 1 where anything differs. The system stays up: ./stockyard down stops it.
    """
    console = Console(highlight=False)
    ensure_up(follow=Progress(console))
    where = Installation.running()
    try:
        repeated = asyncio.run(play(where, SAMPLE, console))
        checks = [repeated, *books.check(where).all()]
    except (BooksError, LoadError, KafkaError) as error:
        print(f"demo: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    books.show(console, checks)
    console.print(f"The system is up: {where.api}/docs; ./stockyard down stops it", soft_wrap=True)
    raise typer.Exit(1 if any(check.differences for check in checks) else 0)
