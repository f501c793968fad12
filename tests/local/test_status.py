"""What the status says of those who are behind, as their metrics tell it."""

import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from local.processes import Identity
from local.state import PartState, State, make, write
from local.status import status

TOLD = {
    "orders-1": 'stockyard_lag_records{partition="0"} 2.0\n',
    "catalog-1": 'stockyard_lag_records{partition="0"} 0.0\n',
    "policies-1": """\
# TYPE stockyard_relay_lag_records gauge
stockyard_relay_lag_records{partition="0",relay="stock-to-orders"} 3.0
stockyard_relay_lag_records{partition="1",relay="stock-to-orders"} 4.0
stockyard_relay_lag_records{partition="0",relay="orders-to-stock"} 5.0
stockyard_relay_lag_records{partition="3",relay="orders-to-stock"} 6.0
""",
}


class Metrics(BaseHTTPRequestHandler):
    """The metrics of one part."""

    told = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.told.encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def ports() -> Iterator[dict[str, int]]:
    """Where each part tells of itself."""
    servers = {
        name: ThreadingHTTPServer(("127.0.0.1", 0), type(name, (Metrics,), {"told": told}))
        for name, told in TOLD.items()
    }
    for server in servers.values():
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    yield {name: server.server_port for name, server in servers.items()}
    for server in servers.values():
        server.shutdown()
        server.server_close()


def home(folder: Path, ports: dict[str, int]) -> Path:
    """A home with these parts."""
    make(folder)
    parts = {name: PartState(phase="ready", metrics_port=port) for name, port in ports.items()}
    ours, domains = Identity.of(os.getpid()), ("stock", "orders", "catalog")
    write(folder, State(ours, 1, domains=domains, phase="ready", parts=parts))
    return folder


def test_each_relay_says_how_many_events_it_has_not_told(
    tmp_path: Path, ports: dict[str, int]
) -> None:
    assert status(home(tmp_path, ports))["relays"] == {"stock-to-orders": 7, "orders-to-stock": 11}


def test_a_domain_is_behind_by_its_commands_and_what_stock_has_to_tell_it(
    tmp_path: Path, ports: dict[str, int]
) -> None:
    domains = status(home(tmp_path, ports))["domains"]
    assert {name: domain["lag"] for name, domain in domains.items()} == {"orders": 9, "catalog": 0}


def test_while_nobody_tells_it_is_unknown(tmp_path: Path, ports: dict[str, int]) -> None:
    del ports["policies-1"]
    told = status(home(tmp_path, ports))
    assert told["relays"] == {}
    assert {name: one["lag"] for name, one in told["domains"].items()} == {
        "orders": None,
        "catalog": 0,
    }
