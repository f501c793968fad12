"""What every process reads from its environment, once, at its start."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from schemas.domains import DOMAINS, STOCK
from streams.exceptions import ConfigurationError

PORT_MAX = 65_535
_ADDRESS = re.compile(r"(?:[^\s:\[\],]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})", re.ASCII)
IDEMPOTENCY_WINDOW_S = 30 * 86_400  # the contract's default


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation's choices. Every field has its variable, STOCKYARD_ and its name."""

    home: Path
    kafka: str  # bootstrap servers, host:port[,host:port]
    topic_prefix: str  # one tenant's; empty by default
    partitions: int
    replication: int
    idempotency_window_s: int
    commit_interval_ms: int  # a partition starts a transaction at most this often
    metrics_port: int  # 0: a free one
    host: str  # what servers bind to
    domains: tuple[str, ...] = DOMAINS  # those at work; stock always is

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read STOCKYARD_*; raises ConfigurationError naming the variable that is wrong."""
        return cls(
            home=Path(os.environ.get("STOCKYARD_HOME", ".stockyard")).resolve(),
            kafka=_addresses("STOCKYARD_KAFKA", "127.0.0.1:9092"),
            topic_prefix=os.environ.get("STOCKYARD_TOPIC_PREFIX", ""),
            partitions=_integer("STOCKYARD_PARTITIONS", 12, 1),
            replication=_integer("STOCKYARD_REPLICATION", 1, 1),
            idempotency_window_s=_integer(
                "STOCKYARD_IDEMPOTENCY_WINDOW_S", IDEMPOTENCY_WINDOW_S, 1
            ),
            commit_interval_ms=_integer("STOCKYARD_COMMIT_INTERVAL_MS", 10, 0),
            metrics_port=_integer("STOCKYARD_METRICS_PORT", 0, 0),
            host=os.environ.get("STOCKYARD_HOST", "127.0.0.1"),
            domains=domains_at_work(),
        )


def _addresses(name: str, default: str) -> str:
    text = os.environ.get(name, default)
    for one in text.split(","):
        match = _ADDRESS.fullmatch(one.strip())
        if match is None or int(match[1]) > PORT_MAX:
            raise ConfigurationError(f"{name}={text!r} is no host:port[,host:port]")
    return text


def domains_at_work() -> tuple[str, ...]:
    """What STOCKYARD_DOMAINS names, all without it; raises ConfigurationError."""
    text = os.environ.get("STOCKYARD_DOMAINS", ",".join(DOMAINS))
    named = {one.strip() for one in text.split(",")}
    if not {STOCK} <= named <= set(DOMAINS):
        raise ConfigurationError(
            f"STOCKYARD_DOMAINS={text!r} is not {STOCK} and, with commas between, any of "
            f"{', '.join(DOMAINS)}"
        )
    return tuple(one for one in DOMAINS if one in named)


def _integer(name: str, default: int, least: int) -> int:
    text = os.environ.get(name, str(default))
    try:
        number = int(text)
    except ValueError:
        raise ConfigurationError(f"{name}={text!r} is no integer") from None
    if number < least:
        raise ConfigurationError(f"{name}={number} is below {least}")
    return number
