"""Starts a worker of a domain, `python -m agents --number N [--domain finance]`, or the policies.

Which actors and policies there are is said in `agents/composition.py`.
"""

import argparse
import asyncio
import sys

from streams import native, spared

spared.spare()  # before any library is imported
native.activate()  # before anything that may be compiled is imported

# ruff: noqa: E402
from agents.composition import actor_of, relays_of
from schemas.domains import DOMAINS, STOCK
from streams.exceptions import ConfigurationError, Unreachable
from streams.relay import carry
from streams.settings import Settings
from streams.telemetry import configure_logs, log
from streams.worker import EXIT_AGAIN, EXIT_STAY_DOWN, Worker


def main() -> int:
    """Work until SIGTERM; 3 when only a person can help."""
    parser = argparse.ArgumentParser(prog="python -m agents", description=__doc__)
    parser.add_argument("--number", type=int, required=True, help="1, 2, ...: unique in this home")
    parser.add_argument("--domain", choices=DOMAINS, default=STOCK)
    parser.add_argument(
        "--policies", action="store_true", help="instead: tell the domains of each other's events"
    )
    asked = parser.parse_args()
    kind = "policies" if asked.policies else "worker" if asked.domain == STOCK else asked.domain
    configure_logs(f"{kind}-{asked.number}")
    try:
        settings = Settings.from_environment()
        if asked.policies:
            asyncio.run(carry(relays_of(settings), settings))
            return 0
        actor = actor_of(asked.domain, settings.idempotency_window_s * 1_000)
        return Worker(asked.domain, actor, settings, f"{kind}-{asked.number}").run()
    except ConfigurationError as error:
        log.error("cannot_start", remedy=str(error))
        return EXIT_STAY_DOWN
    except Unreachable as error:
        log.error("not_yet", remedy=str(error))
        return EXIT_AGAIN


if __name__ == "__main__":
    sys.exit(main())
