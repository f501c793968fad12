"""Plays the demo: opening stock, a year of sales, its scenes, and the same file again."""

import asyncio
import http.client
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console

from cli import scenes
from cli.api_copy import Api
from cli.appraisal import MOVING, Appraisal, costs_of, in_pounds
from cli.exceptions import BooksError
from cli.findings import Check
from cli.installation import Installation
from cli.invoices import Command
from cli.recall import CAME, Recall, order
from cli.sales_load import SalesFile
from cli.screen import Screen
from cli.sending import Sender
from cli.watch import Watch
from schemas.domains import FINANCE, LOTS, ORDERS
from streams.topics import owner

YEAR_S = 25.0  # a person watches the year go by; without a terminal it goes as fast as it can
PATIENCE_S = 60.0  # for what was sent to be decided, and for the API to follow
LOOK_S = 0.1
JUNK = Command("junk", "", b"no JSON at all")


async def play(where: Installation, sample: Path, console: Console) -> Check:
    """Send it all and wait until it is decided; whether sending it again changed nothing."""
    sales = SalesFile.read(sample, lambda refusal: None, lambda lines: None)
    openings = list(sales.openings(lambda lines: None))
    values = FINANCE in where.settings.domains
    console.print(f"{sales.lines:,} real sales lines, {len(sales.last_lines):,} invoices")
    async with Watch(where.settings) as watch, Sender(where.settings) as sender:
        with Screen(console, watch) as screen:
            stage = Stage(watch, sender, screen)
            screen.tell(f"Opening stock for {len(sales.warehouses)} warehouses, reorder points")
            await stage.send([*openings, *scenes.reorder_points(openings)])
            new = watch.events.total() > 0
            if values:
                await _costs(stage, where, sample, openings)
            screen.tell("A year of sales and returns" if new else "The sales: all known by now")
            year = list(sales.commands(lambda lines: None))
            await stage.send(year, YEAR_S if new and console.is_terminal else 0.0)
            run = f"{time.time_ns() // 1_000_000:x}"
            if values:
                await _worth(stage, where, openings, "before")
            await _tickets(stage, where.settings.partitions, run)
            await _warehouse_day(stage, where, run)
            await _transfer(stage, run)
            if ORDERS in where.settings.domains:
                await _split(stage, where, run)
            if LOTS in where.settings.domains:
                await _recall(stage, where, run)
            await _expiries(stage)
            if values:
                await _worth(stage, where, openings, "after")
                await _valuation(stage, where, openings)
            screen.tell("The same file again, as fast as it goes: nothing may change")
            check = await _again(stage, where, [*openings, *year])
            await _api_follows(where, watch)
    return check


class Stage:
    """Sends commands and waits for their decisions, while the screen goes on."""

    def __init__(self, watch: Watch, sender: Sender, screen: Screen) -> None:
        self.watch, self.sender, self.screen = watch, sender, screen
        self.sent: dict[str, list[Command]] = defaultdict(list)  # by warehouse, what moves value

    async def send(self, commands: Iterable[Command], duration_s: float = 0.0) -> None:
        """Send them, spread over a duration, and wait until all are decided."""
        queue = list(commands)
        began = time.monotonic()
        for number, command in enumerate(queue):
            ahead_s = began + duration_s * number / len(queue) - time.monotonic()
            if ahead_s > 0:
                await self.sender.push()
                await asyncio.sleep(ahead_s)
            await self.sender.send(command)
            if command.type in MOVING:
                self.sent[command.warehouse].append(command)
            self.screen.refresh()
        await self.decided()
        took_s = time.monotonic() - began
        self.screen.note(f"  {len(queue):,} commands decided in {took_s:.1f} s")

    async def decided(self) -> None:
        """Wait until all that was sent is decided."""
        await self.sender.flush()
        await self.until(
            lambda: self.watch.has_decided(self.sender.last), "not all commands are decided"
        )

    async def until(self, reached: Callable[[], bool], otherwise: str) -> None:
        """Wait, within patience."""
        deadline = time.monotonic() + PATIENCE_S
        while not reached():
            if time.monotonic() > deadline:
                raise BooksError(f"{otherwise} after {PATIENCE_S:.0f} s: see ./stockyard status")
            await asyncio.sleep(LOOK_S)
            self.screen.refresh()


async def _tickets(stage: Stage, partitions: int, run: str) -> None:
    """The run on the tickets, with odd commands, junk, and a record on a wrong partition."""
    stage.screen.tell(
        f"{scenes.BUYERS} buyers at once for {scenes.TICKETS} tickets, and odd commands"
    )
    await stage.send([*scenes.run_on_tickets(run), *scenes.refusals(run)])
    await stage.sender.send(JUNK, 0)
    misrouted, *_ = scenes.refusals(f"{run}-misrouted")
    elsewhere = (owner(misrouted.warehouse, partitions) + 1) % partitions
    await stage.sender.send(misrouted, elsewhere)
    await stage.decided()


async def _warehouse_day(stage: Stage, where: Installation, run: str) -> None:
    """A delivery, an order and a count: what is found differs from the books by a little."""
    stage.screen.tell("A delivery is looked at, an order leaves in two parcels, a shelf is counted")
    await stage.send([*scenes.delivery(run), *scenes.order(run), *scenes.opened_count(run)])
    await _api_follows(where, stage.watch)
    booked = _booked(where, scenes.SHOP, scenes.BIRD_ORNAMENT)
    await stage.send(scenes.counted(run, booked + scenes.FOUND))


async def _transfer(stage: Stage, run: str) -> None:
    """Stock goes to another warehouse; what is missing there is the sender's loss."""
    sent, arrived = scenes.SENT, scenes.ARRIVED
    stage.screen.tell(
        f"{sent} units go from {scenes.SHOP} to {scenes.BRANCH}: {arrived} of them arrive"
    )
    told = stage.watch.events
    await stage.send(scenes.dispatched(run))
    await stage.until(lambda: told["TransferExpected"] > 0, "the transfer is not announced")
    await stage.send(scenes.arrived(run))
    await stage.until(lambda: told["TransferSettled"] > 1, "the transfer is not settled")


async def _split(stage: Stage, where: Installation, run: str) -> None:
    """An order is split over two warehouses, allocated in both or in none, and leaves."""
    stage.screen.tell(
        f"An order of {scenes.WANTED} is split over {scenes.SHOP} and {scenes.BRANCH}"
    )
    await stage.send(scenes.supplied(run))
    api, order = Api(where.api), f"/v1/orders/split-{run}"
    try:
        status, told = api.post("/v1/orders/commands?wait=30", scenes.split_order(run))
        if status != http.client.OK:
            raise BooksError(f"orders do not take split-{run}: {told}")

        def state() -> str:
            return str((api.get(order) or {}).get("state"))

        await stage.until(lambda: state() == "allocated", f"split-{run} is not allocated")
        legs = api.get(order)["legs"]
        for leg in legs:
            units = sum(line["quantity"] for line in leg["lines"])
            stage.screen.note(f"  {units} units are promised in {leg['warehouse']}")
        await stage.send(scenes.left(run, legs))
        await stage.until(lambda: state() == "shipped", f"split-{run} is not shipped")
    finally:
        api.close()


async def _recall(stage: Stage, where: Installation, run: str) -> None:
    """A lot is recalled: it is known where it is and went, and nobody gets of it any more."""
    stage.screen.tell(f"A lot of {sum(CAME.values())} comes to two warehouses, and is recalled")
    api = Api(where.api)
    try:
        one = Recall(api, run)
        one.receive()
        await stage.send(order(run))
        told = one.recall()
        for line in told["gone"]:
            stage.screen.note(f"  {line['quantity']} went to {line['reservation']}")
        for warehouse, quantity in sorted(one.put_aside().items()):
            stage.screen.note(f"  {quantity} put aside in {warehouse}")
    finally:
        api.close()


async def _costs(stage: Stage, where: Installation, sample: Path, openings: list[Command]) -> None:
    """The opening stock is told what it cost: half of what it mostly sold for, as nobody knows."""
    stage.screen.tell("The opening stock is told its cost: half of what it mostly sold for")
    await _api_follows(where, stage.watch)
    api = Api(where.api)
    try:
        appraisal = Appraisal(api, costs_of(sample))
        before, receipts = appraisal.worth(), appraisal.tell_costs(openings)
        stage.screen.note(
            f"  worth of the stock: {in_pounds(before)} before, {in_pounds(appraisal.worth())} "
            f"after {receipts} receipts were told their cost"
        )
    finally:
        api.close()


async def _worth(stage: Stage, where: Installation, openings: list[Command], when: str) -> None:
    """What the stock is worth and the ledger has of it, once finance was told of all that moved."""
    await _api_follows(where, stage.watch)
    api = Api(where.api)
    try:
        appraisal = Appraisal(api, {})
        appraisal.await_told(stage.sent.values())
        booked = appraisal.ledger({command.warehouse for command in openings})
        stage.screen.note(
            f"  {when} the scenes: stock worth {in_pounds(appraisal.worth())}, "
            f"inventory on the ledger {in_pounds(booked['inventory'])}"
        )
    finally:
        api.close()


async def _valuation(stage: Stage, where: Installation, openings: list[Command]) -> None:
    """What the year has made of it, on the accounts of the general ledger."""
    stage.screen.tell("What the stock is worth after the year, and what was sold of it has cost")
    api = Api(where.api)
    try:
        booked = Appraisal(api, {}).ledger({command.warehouse for command in openings})
        for account, pence in sorted(booked.items()):
            stage.screen.note(f"    {account:<28}{in_pounds(pence):>16}")
        stage.screen.note(f"    {'sum':<28}{in_pounds(booked.total()):>16}")
    finally:
        api.close()


def _booked(where: Installation, warehouse: str, sku: str) -> int:
    api = Api(where.api)
    try:
        return int(api.get(f"/v1/stock/{warehouse}/{sku}")["on_hand"])
    finally:
        api.close()


async def _expiries(stage: Stage) -> None:
    """The time of tickets that nobody shipped runs out."""
    stage.screen.tell(f"Reservations that nobody shipped expire after {scenes.TTL_S} s")
    left = scenes.TICKETS - scenes.SHIPPED - scenes.RELEASED - scenes.HELD
    expired = stage.watch.events
    await stage.until(
        lambda: expired["ReservationExpired"] >= left, f"not all {left} reservations expired"
    )


async def _again(stage: Stage, where: Installation, commands: list[Command]) -> Check:
    check = Check("sent again, nothing changed", "commands", compared=len(commands))
    shown, watch = _shown(where), stage.watch  # scenes that ask the API have kept us from watching
    await stage.until(
        lambda: all(watch.positions().get(one, 0) >= seq for one, seq in shown.items()),
        "the events that the API shows are not seen",
    )
    before = stage.watch.positions()
    await stage.send(commands)
    after = stage.watch.positions()
    for partition, seq in after.items():
        if seq != before.get(partition, 0):
            check.differ(f"partition {partition}: {seq - before.get(partition, 0)} events more")
    return check


async def _api_follows(where: Installation, watch: Watch) -> None:
    """Wait until the API shows what is decided."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        seqs = _shown(where)
        if all(seqs.get(number, 0) >= seq for number, seq in watch.positions().items()):
            return
        if time.monotonic() > deadline:
            raise BooksError(f"the API is behind after {PATIENCE_S:.0f} s: see its log")
        await asyncio.sleep(LOOK_S)


def _shown(where: Installation) -> dict[int, int]:
    """The seq of the newest event that the API shows, by partition."""
    api = Api(where.api)
    try:
        positions = api.get("/v1/stock?limit=1")["positions"]
    finally:
        api.close()
    return {one["partition"]: one["seq"] for one in positions}
