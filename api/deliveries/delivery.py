"""One endpoint's deliveries: session after session, so that nothing but SIGTERM ends them."""

import asyncio
import random
import time
from typing import NoReturn

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from api.deliveries import telemetry
from api.deliveries.carrying import Carrier
from api.deliveries.circuit import Circuit, Schedule
from api.deliveries.dead_letters import DeadLetters
from api.deliveries.endpoints import Endpoint
from api.deliveries.gate import Gate
from api.deliveries.positions import prepare
from api.deliveries.posting import Poster
from api.deliveries.session import Session
from streams.exceptions import LogLost, StreamsError
from streams.settings import Settings
from streams.telemetry import log

BACKOFF_S, BACKOFF_S_MAX = 0.5, 10.0
EXPECTED = (StreamsError, KafkaError, OSError, TimeoutError)


class Delivery:
    """Runs one endpoint, over whatever Kafka and the endpoint do."""

    def __init__(self, settings: Settings, endpoint: Endpoint, writer: AIOKafkaProducer) -> None:
        self._settings, self._endpoint, self._name = settings, endpoint, endpoint.name
        self._schedule = Schedule(endpoint.pause_s, endpoint.pause_s_max, random.random)
        circuit = Circuit(endpoint.open_after, self._schedule)
        self._gate = Gate(circuit, endpoint.parallel, self._tell)
        self._letters = DeadLetters(settings, endpoint.name, writer)
        self._shown = circuit.state

    async def run(self) -> NoReturn:
        """Deliver until cancelled. Where a person must look it waits, and harms no other."""
        telemetry.begin(self._name)
        backoff_s = BACKOFF_S
        while True:
            began = time.monotonic()
            try:
                await self._session()
            except LogLost as error:
                log.critical("endpoint_stopped", endpoint=self._name, remedy=str(error))
                backoff_s = BACKOFF_S_MAX
            except Exception as error:  # noqa: BLE001 - the other endpoints are not to blame
                told = None if isinstance(error, EXPECTED) else error
                log.warning(
                    "deliveries_interrupted",
                    endpoint=self._name,
                    error=repr(error),
                    exc_info=told,
                )
            telemetry.OUTAGE.labels(self._name).set(1)
            if time.monotonic() - began > BACKOFF_S_MAX:
                backoff_s = BACKOFF_S
            await asyncio.sleep(backoff_s)
            backoff_s = min(2 * backoff_s, BACKOFF_S_MAX)

    async def _session(self) -> None:
        await prepare(self._settings, self._endpoint)
        async with Poster(self._endpoint) as poster:
            carrier = Carrier(
                self._endpoint, self._gate, self._schedule, poster.post, self._letters.bury
            )
            await Session(self._settings, self._endpoint, self._gate, carrier).run()

    def _tell(self, circuit: Circuit) -> None:
        """Show the circuit; in the log only where it opens or closes, not at every trial."""
        if circuit.state == self._shown:
            return
        if circuit.state == "closed" or self._shown == "closed":
            log.warning("circuit", endpoint=self._name, state=circuit.state)
        self._shown = circuit.state
        telemetry.show(self._name, circuit.state)
