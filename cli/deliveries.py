"""`./stockyard deliveries`: who is sent events, and how it goes; dead letters sent again."""

import asyncio
import json
import os
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from api.deliveries.endpoints import Endpoint, configured
from api.deliveries.redrive import Redriven
from api.deliveries.redrive import redrive as send_again
from cli.installation import kafka_settings
from local import deliveries, state
from local.exceptions import LocalError
from local.parts import DELIVERIES, ENDPOINTS
from streams.exceptions import Unreachable

app = typer.Typer(help="Events sent to services over HTTP.", no_args_is_help=True)
app.callback()(lambda: None)

FIGURES = ("circuit", "lag", "delivered", "retried", "dead")
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show each endpoint's circuit and lag, and what was sent since the process began."""
    found = _figures()
    if as_json:
        print(json.dumps(found))
        return
    table = Table("endpoint", *FIGURES, "", box=None)
    for name, figures in found.items():
        told = [str(figures.get(figure, "")) for figure in FIGURES]
        table.add_row(name, *told, "held up: see its log" if figures.get("outage") else "")
    Console(highlight=False).print(table)


def _figures() -> dict[str, dict[str, Any]]:
    now = state.running()
    if DELIVERIES not in now.parts:
        raise LocalError(
            f"nothing is delivered: let {ENDPOINTS} name a file of endpoints (docs/deliveries.md) "
            "and start anew, with ./stockyard down and ./stockyard up"
        )
    found = asyncio.run(deliveries.figures(now))
    if found is None:
        raise LocalError(f"the deliveries do not answer: see {state.home()}/log/{DELIVERIES}.log")
    return found


@app.command()
def redrive(
    endpoint: Annotated[str, typer.Option(help="of this one alone; of all without it")] = "",
    as_json: AsJson = False,
) -> None:
    """Send the dead letters again; exit 1 where some were refused again, or could not be sent."""
    settings = kafka_settings()
    chosen = _chosen(configured(settings.domains), endpoint)
    try:
        found = asyncio.run(send_again(settings, chosen))
    except Unreachable as error:
        raise LocalError(f"the dead letters could not all be sent: {error}") from error
    if as_json:
        print(json.dumps([asdict(one) for one in found]))
    else:
        for one in found:
            print(_told(one))
    if any(one.refused or one.left for one in found):
        raise typer.Exit(1)


def _chosen(known: list[Endpoint], name: str) -> list[Endpoint]:
    if not name:
        return known
    chosen = [one for one in known if one.name == name]
    if not chosen:
        named = ", ".join(one.name for one in known)
        raise LocalError(f"no endpoint {name!r} in {os.environ[ENDPOINTS]}: it has {named}")
    return chosen


def _told(one: Redriven) -> str:
    text = f"{one.endpoint}: {one.taken} taken"
    if one.refused:
        text += f", {one.refused} refused again and dead letters again"
    if one.left:
        text += f", {one.left} left as it does not answer: redrive again later"
    return text + (f" ({one.why})" if one.why else "")
