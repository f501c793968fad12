"""Mistakes in the engine and what it remembers: stamps, ids, timers, rows, replay."""

from dataclasses import replace
from typing import Any

from streams.engine import Engine
from streams.ids import Ids
from streams.replay import Replay
from streams.store import Store
from streams.timers import Timers
from tests.simulation.planted.patching import Bug, both, edited, wrapped


def _earlier(close: Any) -> Any:
    """Stamp the last record's offset, not the next one's."""

    def _close(self: Any, next_offset: int) -> None:
        close(self, max(self._at.next_offset, next_offset - 1))

    return _close


def _reused_seq(make: Any) -> Any:
    def __init__(self: Any, *given: Any) -> None:
        *before, at, window_s = given
        make(self, *before, replace(at, next_seq=max(1, at.next_seq - 1)), window_s)

    return __init__


def _kept_rows(make: Any) -> Any:
    """The cache outlives its engine, and gets rows as they are decided."""

    def __init__(self: Any, actor: Any, topic: str, partition: int, *rest: Any) -> None:
        make(self, actor, topic, partition, *rest)
        kept = actor.__dict__.setdefault("kept", {})
        self._cache = kept.setdefault(partition, {})

    return __init__


def _cached_at_once(close: Any) -> Any:
    def _close(self: Any, next_offset: int) -> None:
        close(self, next_offset)
        self._cache.update(self._batch.rows)

    return _close


def _workers_clock(deciding: Any) -> Any:
    def wrapper(self: Any, records: Any, end: int, now_ms: int) -> Any:
        self.clock_ms = now_ms
        return deciding(self, records, end, now_ms)

    return wrapper


def _set_back(deciding: Any) -> Any:
    """Begin each batch at the time of its first record, whatever was read before."""

    def wrapper(self: Any, records: Any, *rest: Any) -> Any:
        self._moment.log_time_ms = min([self._moment.log_time_ms, *(r.timestamp for r in records)])
        return deciding(self, records, *rest)

    return wrapper


def _behind_the_rest(close: Any) -> Any:
    def _close(self: Any, next_offset: int) -> None:
        close(self, next_offset + bool(self._batch.rest))

    return _close


def _stored_alone(recall: Any) -> Any:
    def wrapper(self: Any, one: bytes, log_time_ms: int) -> Any:
        return recall(self, one, log_time_ms) if one in self._loaded else None

    return wrapper


def _rows_kept(write: Any) -> Any:
    def wrapper(self: Any, rows: Any, *rest: Any) -> None:
        write(self, {key: value for key, value in rows.items() if value is not None}, *rest)

    return wrapper


_CHANGELOG = "[*batch.rows.items(), *records, (stamps.KEY, batch.stamp.encode())]"
_STAMP_FIRST = "[(stamps.KEY, batch.stamp.encode()), *batch.rows.items(), *records]"
_ROWS = "*batch.rows.items()"
_KEPT_ROWS = "*(row for row in batch.rows.items() if row[1] is not None)"
_DECIDED = """self._take(read.key.encode(), self._decide(record, command))
        self._ids.remember(one, fingerprint, log_time_ms)"""
_REJECTED = """decision = self._decide(record, command)
        self._take(read.key.encode(), decision)
        decision.code or self._ids.remember(one, fingerprint, log_time_ms)"""
_REPLAYED = "self._store.write(self._whole_rows, self._whole_ids, past, at, next_offset)"
_TIMERLESS = f"""{_REPLAYED}
    timed = {{key: value for key, value in self._whole_rows.items() if value}}
    lost = [keys.timer_key(keys.due_ms(v), k) for k, v in timed.items() if keys.is_timed(k)]
    self._store.write({{}}, [], lost, at, next_offset)"""
_EACH = "    for record in records:"
_CUT = f"    self._rows, self._ids = {{}}, []\n{_EACH}"
_DUE = "due <= self._moment.log_time_ms"
_DUE_HERE = "due <= max(self._moment.log_time_ms, self.clock_ms)"
_NUMBER = "bucket.first, bucket.next + 1)"
_PENDING = "one for one in self._pending"

ENGINE = (
    Bug("the stamp's offset is one too small", wrapped(Engine, "_close", _earlier)),
    Bug(
        "the stamp stands before its rows",
        edited(Engine, "_close", (_CHANGELOG, _STAMP_FIRST)),
    ),
    Bug(
        "deleted rows are not in the changelog",
        edited(Engine, "_close", (_ROWS, _KEPT_ROWS)),
    ),
    Bug(
        "deleted rows stay in the store",
        wrapped(Store, "write", _rows_kept),
    ),
    Bug("a seq is used again after a restart", wrapped(Engine, "__init__", _reused_seq)),
    Bug(
        "rows of a failed batch stay in the cache",
        both(wrapped(Engine, "__init__", _kept_rows), wrapped(Engine, "_close", _cached_at_once)),
    ),
    Bug(
        "log time goes back with the broker's clock",
        wrapped(Engine, "deciding", _set_back),
    ),
    Bug(
        "an expiry is decided by the worker's clock",
        both(
            wrapped(Engine, "deciding", _workers_clock),
            edited(Engine, "_expire", (_DUE, _DUE_HERE)),
        ),
    ),
    Bug(
        "a full batch is stamped behind the record that it left over",
        wrapped(Engine, "_close", _behind_the_rest),
    ),
    Bug("ids are not looked up", wrapped(Ids, "recall", lambda _: lambda *_: None)),
    Bug(
        "ids of the batch under way are not seen",
        wrapped(Ids, "recall", _stored_alone),
    ),
    Bug(
        "ids are forgotten at the edge of their bucket",
        edited(Ids, "_drop", ("if following * 1000", "if number * 1000")),
    ),
    Bug(
        "records of ids have one number twice",
        edited(Ids, "close_batch", (_NUMBER, "bucket.first, bucket.next)")),
    ),
    Bug(
        "ids of rejected commands are not remembered",
        edited(Engine, "_command", (_DECIDED, _REJECTED)),
    ),
    Bug(
        "another payload under a known id is a repeat",
        edited(Engine, "_command", ("elif before == fingerprint:", "elif before:")),
    ),
    Bug("a timer is lost on replay", edited(Replay, "_write", (_REPLAYED, _TIMERLESS))),
    Bug(
        "timers of undecided batches are not loaded",
        edited(Timers, "_load", (_PENDING, "one for one in ()")),
    ),
    Bug("replay forgets what a fetch has cut", edited(Replay, "feed", (_EACH, _CUT))),
    Bug(
        "replay remembers no ids",
        edited(Replay, "feed", ("if value is not None:", "if value is None:")),
    ),
    Bug(
        "a dead letter does not name its source",
        edited(Engine, "_bury", ('("source_offset", b"%d" % record.offset),', "")),
    ),
    Bug(
        "a record is forwarded twice",
        edited(Engine, "_forward", ("any(name == FORWARDED", "any(name == 'never'")),
    ),
)
