"""Shows the demo as it goes: a live view on a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cli.plain import plain
from cli.watch import Watch

REFRESHES_PER_S = 8
LINE_S = 2.0  # between two plain lines
RATIOS = (4, 6, 6, 5)  # of the widths of now, events, rejections, alerts
COUNTS_LINES = 18  # the sixteen types of event in the demo, and the frame
COLOURS = {"OutOfStock": "red", "LowStock": "yellow", "StockRecovered": "green"}


class Screen:
    """A context; `tell` says what happens now, `refresh` shows the numbers."""

    def __init__(self, console: Console, watch: Watch) -> None:
        self._console, self._watch = console, watch
        self._began = time.monotonic()
        self._said = 0.0
        self._phase = ""
        self._live = Live(
            get_renderable=self._render,
            console=console,
            refresh_per_second=REFRESHES_PER_S,
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def tell(self, phase: str) -> None:
        """What happens from now on."""
        self._phase = phase
        self.note(phase)
        self._said = time.monotonic()

    def note(self, text: str) -> None:
        """A line that stays, above the view."""
        self._console.print(text, highlight=False, soft_wrap=True)

    def refresh(self) -> None:
        """Numbers as a plain line, now and then; a terminal refreshes itself."""
        if self._console.is_terminal or time.monotonic() - self._said < LINE_S:
            return
        self._said = time.monotonic()
        watch = self._watch
        self._console.print(
            f"  {self._said - self._began:5.1f} s: {watch.rate:,.0f} commands/s, "
            f"lag {watch.lag:,}, {watch.events.total():,} events, "
            f"{watch.rejections.total():,} rejections, {watch.alerts.total():,} alerts",
            highlight=False,
            soft_wrap=True,
        )

    def _render(self) -> RenderableType:
        watch = self._watch
        numbers = Table(box=None, show_header=False, pad_edge=False)
        numbers.add_row("commands/s", f"{watch.rate:,.0f}")
        numbers.add_row("lag", f"{watch.lag:,}")
        numbers.add_row("dead letters", f"{watch.dead_letters:,}")
        parts = Table.grid(expand=True)
        for ratio in RATIOS:
            parts.add_column(ratio=ratio)
        parts.add_row(
            Panel(numbers, title="now", height=COUNTS_LINES),
            Panel(_counts(watch.events), title="events", height=COUNTS_LINES),
            Panel(_counts(watch.rejections), title="rejections", height=COUNTS_LINES),
            Panel(_counts(watch.alerts), title="alerts", height=COUNTS_LINES),
        )
        return Group(f"[bold]{self._phase}[/]", parts, self._alerts())

    def _alerts(self) -> RenderableType:
        table = Table(box=None, pad_edge=False, expand=True)
        for name in ("alert", "warehouse", "SKU"):
            table.add_column(name)
        table.add_column("available", justify="right")
        for alert in self._watch.last_alerts:
            colour = COLOURS.get(alert.type, "default")
            sku = Text(plain(alert.sku))  # a producer's text, brackets and all
            told = f"[{colour}]{alert.type}[/]"
            table.add_row(told, alert.warehouse, sku, f"{alert.available:,}")
        return Panel(table, title="the last alerts")


def _counts(counts: "dict[str, int]") -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(name, f"{count:,}")
    return table
