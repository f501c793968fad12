"""`python -m tables`: the audit sink and the history projection. `python -m tables migrate`."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn

import structlog
import uvloop
from prometheus_client import start_http_server

from streams.exceptions import StreamsError
from streams.settings import Settings
from streams.telemetry import configure_logs
from streams.topics import Topics
from tables.audit import Audited, AuditTarget
from tables.exceptions import TablesError
from tables.migrate import migrate
from tables.postgres import dsn
from tables.projection import HistoryTarget
from tables.sink import Sink, Target

DO_NOT_RESTART = 3  # the supervisor leaves it ended: starting again cannot help

log = structlog.get_logger()


async def run(settings: Settings) -> None:
    """Write the audit log and, behind it, each domain's history, until SIGTERM."""
    topics = {domain: Topics.of(domain, settings.topic_prefix) for domain in settings.domains}
    audited, address = Audited(), dsn("writer")
    start_http_server(settings.metrics_port, settings.host)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    histories = [HistoryTarget(one, topics[one], audited) for one in topics]
    targets: tuple[Target, ...] = (AuditTarget(topics.values(), audited), *histories)
    await side_by_side([Sink(one, settings.kafka, address).run() for one in targets], stop)


async def side_by_side(sinks: list[Coroutine[Any, Any, NoReturn]], stop: asyncio.Event) -> None:
    """Run them until they are to stop or one fails: that is raised; what failed with it is told."""
    tasks = [asyncio.create_task(one) for one in sinks]
    stopping = asyncio.create_task(stop.wait())
    done, pending = await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()  # an unfinished transaction is rolled back; its records come again
    await asyncio.gather(*pending, return_exceptions=True)
    failures = [error for task in tasks if task in done and (error := task.exception())]
    for error in failures[1:]:
        tell(error)
    if failures:
        raise failures[0]


def tell(error: BaseException) -> None:
    """Say what an operator has to mend."""
    log.critical("stopped", error=str(error), kind=type(error).__name__)


def main(arguments: list[str]) -> int:
    """Exit code of the process: 0 on SIGTERM, 3 where an operator has to change something."""
    configure_logs("migrations" if arguments else "audit")
    try:
        if arguments == ["migrate"]:
            asyncio.run(migrate())
        elif not arguments:
            uvloop.run(run(Settings.from_environment()))
        else:
            raise TablesError(f"unknown arguments {arguments}: `python -m tables [migrate]`")
    except (StreamsError, TablesError) as error:
        tell(error)
        return DO_NOT_RESTART
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
