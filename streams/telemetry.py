"""What a worker tells of itself: Prometheus metrics and structured logs."""

import logging
import sys
import time
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import Counter, Gauge, Histogram

if TYPE_CHECKING:
    from streams.engine import Batch

log = structlog.get_logger("stockyard")

COMMANDS = Counter("stockyard_commands_total", "Commands decided, duplicates too", ["partition"])
EVENTS = Counter("stockyard_events_total", "Events committed", ["type"])
REJECTIONS = Counter("stockyard_rejections_total", "Commands rejected", ["code"])
DUPLICATES = Counter("stockyard_duplicates_total", "Repeats without effect")
FORWARDED = Counter("stockyard_forwarded_total", "Misrouted commands sent to their owner")
DEAD_LETTERS = Counter("stockyard_dead_letters_total", "Records that could not be read")
ALERTS = Counter("stockyard_alerts_total", "Alerts committed")
DEFECTS = Counter("stockyard_defects_total", "Errors of our own in deciding one command", ["stage"])
FAILURES = Counter("stockyard_batch_failures_total", "Batches dropped and tried again", ["error"])
BATCH = Histogram(
    "stockyard_batch_records",
    "Records per transaction",
    buckets=[1, 3, 10, 30, 100, 300, 1000, 3000, 10000],
)
_TIMES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]
TRANSACTION = Histogram("stockyard_transaction_seconds", "From send to commit", buckets=_TIMES)
RECOVERY = Histogram(
    "stockyard_recovery_seconds",
    "From assignment to the first decision",
    buckets=[0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000],
)
RECOVERED_ROWS = Counter("stockyard_recovered_rows_total", "Rows replayed from the changelog")
LAG_RECORDS = Gauge("stockyard_lag_records", "Records that wait to be decided", ["partition"])
LAG_SECONDS = Gauge("stockyard_lag_seconds", "Age of the record decided last", ["partition"])
STATE = Gauge("stockyard_partition_state", "1 in the state that holds", ["partition", "state"])
SEQ = Gauge("stockyard_seq", "Next seq", ["partition"])
STORE_BYTES = Gauge("stockyard_store_bytes", "Size of a partition's store", ["partition"])

SAME_AGAIN_S = 5.0
BYTES_LOGGED = 2_000  # of a record that a defect of ours could not decide


def defect(stage: str, error: Exception, value: bytes | None, command: object = None) -> None:
    """An error of our own in one command: counted, and logged with the command's bytes."""
    DEFECTS.labels(stage).inc()
    log.error(
        "defect",
        stage=stage,
        command_id=getattr(command, "id", None),
        correlation_id=getattr(command, "correlation_id", None),
        value=repr((value or b"")[:BYTES_LOGGED]),
        exc_info=error,
    )


class _Seldom(logging.Filter):
    """Lets a library say the same thing once in a while: aiokafka does 40 times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "stockyard":
            return True
        place, now = (record.pathname, record.lineno), time.monotonic()
        if now - self._said.get(place, -SAME_AGAIN_S) < SAME_AGAIN_S:
            return False
        self._said[place] = now
        return True


def configure_logs(process: str, level: int = logging.INFO) -> None:
    """Log JSON lines to stderr, this process's and its libraries', each with the process's name."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        lambda _logger, _method, event: event | {"process": process},
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=shared,
        )
    )
    handler.addFilter(_Seldom())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for chatty in ("aiokafka", "faust", "mode"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def count(partition: int, batch: "Batch", append_ms: int) -> None:
    """Count a batch once it is committed and applied; `append_ms` is its last record's."""
    label, counts = str(partition), batch.counts
    COMMANDS.labels(label).inc(counts.commands)
    for (outcome, code), times in counts.outcomes.items():
        EVENTS.labels(outcome).inc(times)
        if code:
            REJECTIONS.labels(code).inc(times)
    DUPLICATES.inc(counts.duplicates)
    FORWARDED.inc(counts.forwarded)
    DEAD_LETTERS.inc(counts.dead_letters)
    ALERTS.inc(len(batch.alerts))
    BATCH.observe(counts.records)
    SEQ.labels(label).set(batch.stamp.next_seq)
    LAG_SECONDS.labels(label).set(max(0.0, time.time() - append_ms / 1000))
