"""The demo's screen shows what producers wrote, brackets and all."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from cli.screen import Screen
from cli.watch import Told, Watch
from streams.settings import Settings


def test_a_sku_of_markup_is_shown_as_it_is() -> None:
    settings = Settings(Path(), "127.0.0.1:1", "", 1, 1, 1, 0, 0, "127.0.0.1")
    watch = Watch(settings)
    watch.last_alerts += [
        Told("LowStock", "", "W", sku, 1) for sku in ("[/]", "[red]A", "A\x1b[2J")
    ]
    console = Console(file=StringIO(), width=100)
    console.print(Screen(console, watch)._alerts())
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(text in shown for text in ("[/]", "[red]A", "A\\x1b[2J"))
