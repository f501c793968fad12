"""`./stockyard status`: what runs, where, and how far behind it is."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from local.state import State, home, living, read
from local.status import status as gather


def status(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Show every part with its process, its door, its restarts, and the lag."""
    folder = home()
    document = gather(folder)
    if as_json:
        print(json.dumps(document))
        return
    console = Console(highlight=False)
    state = living(folder)
    if state is None:
        last = read(folder)
        why = f": {last.error}" if last is not None and last.error else ""
        console.print(f"it is not up{why}", markup=False, soft_wrap=True)
        return
    console.print("ready" if document["ready"] else f"not ready ({state.phase})")
    others = [worker for domain in document["domains"].values() for worker in domain["workers"]]
    workers = [*document["workers"], *others]
    console.print(_table(state, {one["id"]: one["partitions"] for one in workers}))
    if any(one["compiled"] is False for one in document["workers"]):
        console.print("decides as plain Python: `./stockyard up` says why when it starts workers")
    for endpoint, figures in document["deliveries"].items():
        lag = figures.get("lag", "unknown")
        console.print(f"deliveries to {endpoint}: circuit {figures['circuit']}, lag {lag}")
    for topic, figures in document["inbound"].items():
        console.print(f"{topic}: lag {figures['lag']}, dead letters {figures['dead']}")
    lags = {"stock": document["lag"]}
    lags |= {name: domain["lag"] for name, domain in document["domains"].items()}
    told = (f"{name} {'unknown' if lag is None else lag}" for name, lag in lags.items())
    console.print(f"lag, in records: {', '.join(told)}")
    if document["relays"]:
        waiting = ", ".join(f"{name} {lag}" for name, lag in document["relays"].items())
        console.print(f"events to be told, of one domain to another: {waiting}")


def _table(state: State, partitions: dict[str, list[int]]) -> Table:
    table = Table("part", "state", "pid", "port", "metrics", "restarts", "what", box=None)
    for name, part in state.parts.items():
        owned = " ".join(str(number) for number in partitions.get(name, []))
        table.add_row(
            name,
            part.phase,
            str(part.identity.pid) if part.identity else "",
            str(part.port or ""),
            str(part.metrics_port or ""),
            str(part.restarts),
            part.note or (f"partitions {owned}" if owned else ""),
        )
    return table
