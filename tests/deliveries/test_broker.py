"""A broker that dies under deliveries and comes back: they go on, and nothing is lost."""

import subprocess
import sys
import time
from pathlib import Path

from local import probes
from local.parts import ROOT
from local.ports import free_port
from tests.deliveries.conftest import Open
from tests.deliveries.service import Deliveries, assert_signed, endpoint, until
from tests.deliveries.test_delivering import assert_in_order

READY_S = 120.0


class Broker:
    """A broker of this test's own, which can be killed."""

    def __init__(self, home: Path) -> None:
        self._home, self._port = home, free_port()
        self.address = f"127.0.0.1:{self._port}"

    def start(self) -> None:
        where = ["--home", str(self._home), "--port", str(self._port)]
        command = [sys.executable, "-m", "local.kafka", *where]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        ready = probes.kafka(self.address)
        import asyncio

        until("the broker answers", lambda: asyncio.run(ready(0)), READY_S)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def test_it_goes_on_when_its_broker_was_killed(tmp_path: Path, service: Open) -> None:
    broker = Broker(tmp_path / "kafka")
    broker.start()
    shop = service("shop")
    shop.answers(poison=["POISON"])
    deliveries = Deliveries(broker.address, tmp_path)
    try:
        deliveries.endpoints(endpoint(shop, tries=1))
        sent = [deliveries.put(f"W{n % 5}") for n in range(200)]
        deliveries.producer.flush()
        deliveries.start()
        until("it is at work", lambda: len(shop.taken()) > 0)

        broker.kill()
        time.sleep(8)
        broker.start()
        sent += [deliveries.put(f"W{n % 5}") for n in range(200)]
        poison = deliveries.put("W1", note="POISON")
        deliveries.producer.flush()

        until("all is there", lambda: {one.event["id"] for one in shop.taken()} == set(sent), 120)
        until("the dead letter too", lambda: len(deliveries.dead_letters()) == 1)
        until("no outage", lambda: deliveries.figures("shop").get("stockyard_delivery_outage") == 0)
        assert poison.encode() in deliveries.dead_letters()[0].value()
        assert_in_order(shop.taken())
        assert_signed(shop.requests())
        deliveries.stop()
    finally:
        deliveries.kill()
        broker.kill()
