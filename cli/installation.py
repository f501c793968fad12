"""Which installation a command works on: the running one, or the cluster the environment names."""

import dataclasses
import os
from dataclasses import dataclass

from local import state
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the parts of one installation are reached."""

    settings: Settings
    postgres: str  # DSN of the reader role
    api: str  # URL without a slash at its end

    @classmethod
    def running(cls) -> "Installation":
        """The one that is up; raises LocalError where none is."""
        settings, now = Settings.from_environment(), state.running()
        settings = dataclasses.replace(settings, kafka=now.kafka, domains=now.domains)
        return cls(settings, now.postgres, now.api)


def kafka_settings() -> Settings:
    """Settings to produce with: STOCKYARD_KAFKA if it is set, else the running installation's."""
    if "STOCKYARD_KAFKA" in os.environ:
        return Settings.from_environment()
    return Installation.running().settings
