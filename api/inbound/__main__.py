"""Starts what takes the events of other systems, `python -m api.inbound`."""

import asyncio
import signal
import sys
import time
from contextlib import suppress

import uvloop
from aiokafka.errors import KafkaError
from prometheus_client import start_http_server

from api.inbound import telemetry
from api.inbound.session import Session
from schemas.inbound import inbound_of
from streams.exceptions import ConfigurationError, StreamsError
from streams.settings import Settings
from streams.telemetry import configure_logs, log

DO_NOT_RESTART = 3  # exit code where only a person can mend it
BACKOFF_S, BACKOFF_S_MAX = 0.5, 10.0  # as deliveries wait for Kafka
DRAIN_S = 5.0  # for the turn under way; what it has not kept is sent again


async def take(settings: Settings) -> None:
    """Take events until SIGTERM. Raises ConfigurationError."""
    telemetry.begin(one.name for one in inbound_of(settings.domains))
    start_http_server(settings.metrics_port, settings.host)
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    work = asyncio.create_task(_sessions(settings, ending))
    end = asyncio.create_task(ending.wait())
    await asyncio.wait((work, end), return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait((work,), timeout=DRAIN_S)
    if not work.cancel():
        work.result()
    await asyncio.wait((work,))
    log.info("inbound_stopped")


async def _sessions(settings: Settings, ending: asyncio.Event) -> None:
    """Session after session, over whatever Kafka does."""
    backoff_s = BACKOFF_S
    while not ending.is_set():
        began = time.monotonic()
        try:
            await Session(settings).run(ending)
        except ConfigurationError:
            raise
        except (StreamsError, KafkaError, OSError) as error:
            log.warning("inbound_interrupted", error=repr(error))
            telemetry.OUTAGE.set(1)
            if time.monotonic() - began > BACKOFF_S_MAX:
                backoff_s = BACKOFF_S
            with suppress(TimeoutError):
                async with asyncio.timeout(backoff_s):
                    await ending.wait()
            backoff_s = min(2 * backoff_s, BACKOFF_S_MAX)


def main() -> int:
    """Take events until SIGTERM; the exit code."""
    configure_logs("inbound")
    try:
        uvloop.run(take(Settings.from_environment()))
    except ConfigurationError as error:
        log.error("cannot_start", remedy=str(error))
        return DO_NOT_RESTART
    return 0


if __name__ == "__main__":
    sys.exit(main())
