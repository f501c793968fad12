"""Serves the API until it is told to stop: `python -m api`, configured by STOCKYARD_* variables."""

import gc
import os
import signal
import sys

import uvicorn

from api.app import build
from streams.exceptions import ConfigurationError
from streams.settings import Settings
from streams.telemetry import configure_logs, log

DO_NOT_RESTART = 3  # an exit code: only a person can mend it
PORT = 8080
GRACE_S = 5  # for answers that are under way when the process is told to stop
BACKLOG = 4_096  # connections that wait to be taken: as many as Linux allows by default
KEEP_ALIVE_S = 75  # longer than the 60 s that most proxies keep an idle connection
OBJECTS_PER_COLLECTION = 20_000  # a request leaves few cycles; 700 would pause far more often


def main() -> int:
    """Serve; returns the exit code."""
    configure_logs("api")
    failures: list[BaseException] = []
    try:
        settings = Settings.from_environment()
        port = _port()
        server = uvicorn.Server(
            uvicorn.Config(
                build(settings, lambda error: _fail(server, failures, error)),
                host=settings.host,
                port=port,
                loop="uvloop",
                http="httptools",
                ws="none",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
                timeout_keep_alive=KEEP_ALIVE_S,
                backlog=BACKLOG,
            )
        )
    except ConfigurationError as error:
        log.error("configuration_error", error=str(error))
        return DO_NOT_RESTART
    # uvicorn raises the signal again once it has stopped: that ends the process, as it should
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    gc.set_threshold(OBJECTS_PER_COLLECTION, 20, 20)
    server.run()
    for failure in failures:
        log.error("stopped", error=str(failure), exc_info=failure)
        return DO_NOT_RESTART if isinstance(failure, ConfigurationError) else 1
    return 0 if server.started else 1


def _fail(server: uvicorn.Server, failures: list[BaseException], error: BaseException) -> None:
    failures.append(error)
    server.should_exit = True


def _port() -> int:
    text = os.environ.get("STOCKYARD_API_PORT", str(PORT))
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise ConfigurationError(f"STOCKYARD_API_PORT={text!r} is no port")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
