"""Starts a worker: `python -m agents --number N`. The composition root of every domain's actor."""

import argparse
import sys

from streams import native, spared

spared.spare()  # before any library is imported
native.activate()  # before anything that may be compiled is imported

# ruff: noqa: E402
from agents.stock.agent import StockActor
from streams.exceptions import ConfigurationError, Unreachable
from streams.settings import Settings
from streams.telemetry import configure_logs, log
from streams.worker import EXIT_AGAIN, EXIT_STAY_DOWN, Worker


def main() -> int:
    """Work until SIGTERM; 3 when only a person can help."""
    parser = argparse.ArgumentParser(prog="python -m agents", description=__doc__)
    parser.add_argument("--number", type=int, required=True, help="1, 2, ...: unique in this home")
    number = parser.parse_args().number
    configure_logs(f"worker-{number}")
    try:
        settings = Settings.from_environment()
        actor = StockActor(settings.idempotency_window_s * 1000)
        return Worker("stock", actor, settings, number).run()
    except ConfigurationError as error:
        log.error("cannot_start", remedy=str(error))
        return EXIT_STAY_DOWN
    except Unreachable as error:
        log.error("not_yet", remedy=str(error))
        return EXIT_AGAIN


if __name__ == "__main__":
    sys.exit(main())
