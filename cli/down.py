"""`./stockyard down`: everything stopped, and with --purge deleted."""

from typing import Annotated

import typer
from rich.console import Console

from local import start
from local.state import home


def down(
    purge: Annotated[bool, typer.Option("--purge", help="delete the data too")] = False,
) -> None:
    """Stop workers, API and audit sink, then Kafka and PostgreSQL; nothing is left running."""
    console = Console(highlight=False)
    folder = home()
    console.print("stopped" if start.stop(folder, volumes=purge) else "it was not up")
    if purge:
        start.purge(folder)
        console.print(f"deleted {folder}", soft_wrap=True)
