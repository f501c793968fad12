"""Makes the stores fit for our processes: `python -m local.prepare topics` or `... tables`."""

import asyncio
import sys

from local import inbound
from local.exceptions import LocalError, TakenError, refuse
from local.parts import taking_inbound
from streams.exceptions import ConfigurationError, Unreachable
from streams.settings import Settings
from streams.topics import Topics, ensure_topics
from tables.exceptions import TablesError
from tables.migrate import migrate


async def _topics() -> None:
    settings = Settings.from_environment()
    for domain in settings.domains:
        await ensure_topics(settings, Topics.of(domain, settings.topic_prefix))
    if taking_inbound():
        await inbound.ensure_topics(settings)


def main() -> None:
    """Do the one thing that is asked; exit code 3 where only a person can help."""
    steps = {"topics": _topics, "tables": migrate}
    try:
        asyncio.run(steps[sys.argv[1]]())
    except (ConfigurationError, TablesError) as error:
        refuse(LocalError(str(error)))
    except (Unreachable, OSError) as error:
        refuse(TakenError(str(error)))


if __name__ == "__main__":
    main()
