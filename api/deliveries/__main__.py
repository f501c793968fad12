"""Starts the deliveries, `python -m api.deliveries`; STOCKYARD_DELIVERIES names their file."""

import asyncio
import signal
import sys

import uvloop
from aiokafka.errors import KafkaError
from prometheus_client import start_http_server

from api.deliveries.dead_letters import ensure_topic, producer
from api.deliveries.delivery import Delivery
from api.deliveries.endpoints import Endpoint, configured
from streams.deadlines import stop
from streams.exceptions import ConfigurationError, Unreachable
from streams.settings import Settings
from streams.telemetry import configure_logs, log

AGAIN, DO_NOT_RESTART = 1, 3  # exit codes: the second where only a person can mend it


async def deliver(settings: Settings, endpoints: list[Endpoint]) -> None:
    """Deliver to all endpoints until SIGTERM. Raises Unreachable where there is no Kafka."""
    await ensure_topic(settings)
    writer = producer(settings)
    try:
        await writer.start()
    except KafkaError as error:
        raise Unreachable(f"no Kafka answers at {settings.kafka} ({error!r})") from error
    start_http_server(settings.metrics_port, settings.host)
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    try:
        async with asyncio.TaskGroup() as group:
            work = [group.create_task(Delivery(settings, one, writer).run()) for one in endpoints]
            await ending.wait()
            for task in work:
                task.cancel()
    finally:
        await stop(writer)


def main() -> int:
    """Deliver until SIGTERM; the exit code."""
    configure_logs("deliveries")
    try:
        settings = Settings.from_environment()
        uvloop.run(deliver(settings, configured(settings.domains)))
    except ConfigurationError as error:
        log.error("cannot_start", remedy=str(error))
        return DO_NOT_RESTART
    except Unreachable as error:
        log.error("not_yet", remedy=str(error))
        return AGAIN
    return 0


if __name__ == "__main__":
    sys.exit(main())
