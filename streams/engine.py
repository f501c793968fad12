"""One partition's decisions, without I/O: records in, everything that one transaction carries out.

The engine reads a store (bytes that are there already) and its own undecided batches; it never
writes, sends or waits. Whoever drives it sends a batch, commits, applies it to the store, and calls
`applied`; if anything on that way fails, the driver throws the engine away and makes a new one from
what is committed.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from schemas.memo import Memo
from streams import keys
from streams import stamp as stamps
from streams.actor import Actor, Decision, Moment, Unreadable
from streams.batch import Batch as Batch
from streams.batch import Headers as Headers
from streams.batch import Record as Record
from streams.exceptions import ClockAhead, Defect, StoreError
from streams.ids import FINGERPRINT_BYTES, Ids, digest
from streams.stamp import Stamp
from streams.store import Store
from streams.telemetry import defect
from streams.timers import Timers
from streams.topics import owner

TICK = b'{"type":"Tick"}'
FORWARDED = "forwarded_from"
CAUSED = "caused_by"  # the event that brought a command about
EXPIRIES_MAX = 2_000  # in one batch: many rows can be due at once, and a transaction has its time
BURIED_BYTES_MAX = 3 << 20  # of a dead letter; a compressed record can unpack to far more
CUT_BYTES = 1_000
VALUE_BYTES_MAX = 1 << 20  # the contract's largest message
FORWARDED_BYTES_MAX = 3 << 19  # with its headers: below what the topic takes
AHEAD_MS_MAX = 5 * 60_000  # a record further ahead of our clock stops its partition
READ_AHEAD = 32  # records read before they are decided: few enough for the processor's cache
OWNERS_KEPT = 4_096  # keys, of which the partition is known
ROWS_CACHED = 16_384  # committed rows, twice, per partition: up to 8 MiB for most of the reads

_UNKNOWN: Final = b"\0unknown"


class _Command:
    def __init__(self, key: str, command: Any, digest: bytes) -> None:
        self.key = key
        self.command = command
        self.digest = digest  # of its id


class _Misrouted:
    def __init__(self, key: str, home: int) -> None:
        self.key = key
        self.home = home


class _Unread:
    def __init__(self, error: str) -> None:
        self.error = error


class Engine:
    """Decides one partition's records in order. A failed batch makes it unusable: build another."""

    def __init__(
        self,
        actor: Actor,
        topic: str,
        partition: int,
        store: Store,
        at: Stamp,
        window_s: int,
        told_to: int = 0,
    ) -> None:
        self._actor, self._topic, self._partition, self._store = actor, topic, partition, store
        self._told_to = told_to  # events up to this seq are on their topic already
        self._at = at
        self._moment = Moment(partition, at.next_seq, at.next_offset, at.log_time_ms)
        self._owners: Memo[str, int] = Memo(lambda key: owner(key, at.partitions), OWNERS_KEPT)
        self._ids = Ids(store, window_s, at.buckets)
        self._timers = Timers(store)
        self._cache: dict[bytes, bytes | None] = {}  # committed rows, the later half
        self._older: dict[bytes, bytes | None] = {}  # the earlier half
        self._undecided: list[Batch] = []  # decided, not yet applied; oldest first
        self._batch = Batch(at)

    @property
    def next_offset(self) -> int:
        """The record to be decided next."""
        return self._at.next_offset

    def next_due_ms(self) -> int | None:
        """When the earliest timer is due, in log time."""
        return self._timers.next_ms()

    def deciding(self, records: Sequence[Record], end: int, now_ms: int) -> Iterator[None]:
        """Decide records in their order, a few at a time; `end` is the position behind them.

        Between two steps the batch before may be `applied`; the last one leaves this one complete,
        in `batch`. Records before our position, which a fetch may bring once more, are passed over.
        A batch that has grown large enough ends early, between two decisions: `rest` is for the
        next one. Raises StoreError, MemoryError, ClockAhead, Defect: nothing of the batch, nor of
        one that was begun and not brought to its end, may be used then.
        """
        batch = self._batch = Batch(self._at)
        self._ids.open_batch()
        start = self._at.next_offset
        fresh = [record for record in records if record.offset >= start]
        for first in range(0, len(fresh), READ_AHEAD):
            if first:
                yield
            count = self._decide_some(fresh[first : first + READ_AHEAD], now_ms)
            if count < READ_AHEAD and first + count < len(fresh):
                batch.rest = fresh[first + count :]
                end = batch.rest[0].offset
                break
        batch.counts.records = len(fresh) - len(batch.rest)
        self._close(max(end, self._at.next_offset))

    @property
    def batch(self) -> Batch:
        """The one decided last."""
        return self._batch

    def _decide_some(self, records: list[Record], now_ms: int) -> int:
        """Decide these; how many were decided before the batch was full."""
        moment, timers = self._moment, self._timers
        commands = [self._read(record) for record in records]
        self._ids.load([one.digest for one in commands if type(one) is _Command])
        for count, record in enumerate(records):
            before_ms = moment.log_time_ms
            append_ms = record.timestamp
            if append_ms > before_ms:
                self._advance(record, now_ms)
            moment.offset = record.offset
            due = timers.next_ms()
            if due is not None and due <= moment.log_time_ms and not self._expire(due):
                # stamped with the time up to which all is closed; the record brings its own again
                moment.log_time_ms = before_ms
                return count
            command = commands[count]
            if type(command) is _Command:
                self._command(record, command)
            elif type(command) is _Misrouted:
                self._forward(record, command.key, command.home)
            elif type(command) is _Unread:
                self._bury(record, command.error)
        return len(records)

    def applied(self, batch: Batch) -> None:
        """The oldest batch is committed and in the store."""
        assert self._undecided[0] is batch, "batches are applied in their order"
        del self._undecided[0]
        for key, value in batch.rows.items():
            if not keys.is_timed(key):
                self._cache[key] = value
        if len(self._cache) > ROWS_CACHED:
            self._older, self._cache = self._cache, {}
        self._ids.stored()
        self._timers.stored(batch.timers)

    def _read(self, record: Record) -> "_Command | _Misrouted | _Unread | None":
        """What a record is; None for a tick. Nothing is decided yet."""
        value = record.value
        if value == TICK:
            return None
        try:
            if value is None:
                raise Unreadable("no value: a tombstone is no command")
            if len(value) > VALUE_BYTES_MAX:
                raise Unreadable(f"{len(value)} bytes: at most {VALUE_BYTES_MAX} are accepted")
            key, command_id, command = self._actor.decode(value)
        except Unreadable as error:
            return _Unread(str(error))
        except (StoreError, MemoryError):
            raise
        except Exception as broken:  # a name of its own: compiled, a name has one type
            defect("decode", broken, value)
            return _Unread(f"internal error: {broken!r}")
        home = self._owners[key]
        if home != self._partition:
            return _Misrouted(key, home)
        for name, _ in record.headers:
            if name == CAUSED:
                command_id = f"\0{command_id}"  # no producer's: it cannot be taken beforehand
                break
        return _Command(key, command, digest(key, command_id))

    def _forward(self, record: Record, key: str, home: int) -> None:
        if any(name == FORWARDED for name, _ in record.headers):
            self._bury(record, f"misrouted twice: {key} belongs to partition {home}")
            return
        added = _size(record.headers)
        if len(record.value or b"") + added > FORWARDED_BYTES_MAX:
            self._bury(record, f"misrouted, with {added} bytes of headers: too large to forward")
            return
        origin = f"{self._topic}/{self._partition}/{record.offset}"
        headers: Headers = [*record.headers, (FORWARDED, origin.encode())]
        assert record.value is not None
        self._batch.forwards.append((home, key.encode(), record.value, headers))
        self._batch.counts.forwarded += 1

    def _bury(self, record: Record, error: str) -> None:
        key, value, given = record.key, record.value, list(record.headers)
        if len(value or b"") + len(key or b"") + _size(given) > BURIED_BYTES_MAX:
            error += "; cut: the whole stands at the source"
            key, value, given = (key or b"")[:CUT_BYTES], (value or b"")[:VALUE_BYTES_MAX], []
        headers: Headers = [
            *given,
            ("error", error.encode("utf-8", "backslashreplace")),
            ("source_topic", self._topic.encode()),
            ("source_partition", b"%d" % self._partition),
            ("source_offset", b"%d" % record.offset),
        ]
        self._batch.dead_letters.append((key, value, headers))
        self._batch.counts.dead_letters += 1

    def _advance(self, record: Record, now_ms: int) -> None:
        if record.timestamp > now_ms + AHEAD_MS_MAX:
            raise ClockAhead(
                f"{self._topic}/{self._partition} offset {record.offset} was appended at "
                f"{record.timestamp} ms, {(record.timestamp - now_ms) // 1000} s ahead of this "
                "machine's clock: set the clocks of broker and worker, then restart the worker"
            )
        self._moment.log_time_ms = record.timestamp

    def _row(self, key: bytes) -> bytes | None:
        found: bytes | None = self._batch.rows.get(key, _UNKNOWN)
        if found is not _UNKNOWN:
            return found
        for batch in reversed(self._undecided):
            found = batch.rows.get(key, _UNKNOWN)
            if found is not _UNKNOWN:
                return found
        found = self._cache.get(key, _UNKNOWN)
        if found is _UNKNOWN:
            found = self._older.get(key, _UNKNOWN)
            if found is _UNKNOWN:
                found = self._store.get(key)
            if not keys.is_timed(key):  # most of those are read once more, much later
                self._cache[key] = found
        return found

    def _expire(self, due: int | None) -> bool:
        """Close what is due before a record; False when the batch is full first."""
        batch = self._batch
        while due is not None and due <= self._moment.log_time_ms:
            if len(batch.stale_timers) >= EXPIRIES_MAX:
                return False
            passed, row_key = self._timers.pop()
            batch.stale_timers.append(keys.timer_key(passed, row_key))
            value = self._row(row_key)
            if value is not None and keys.due_ms(value) == passed:
                self._take(row_key.split(b"\0", 2)[1], self._expired(row_key, value))
            due = self._timers.next_ms()
        return True

    def _expired(self, row_key: bytes, value: bytes) -> Decision:
        try:
            decision = self._actor.expire(row_key, value, self._row, self._moment)
        except (StoreError, MemoryError):
            raise
        except Exception as error:
            defect("expire", error, row_key + b" " + value)
            raise Defect(f"row {row_key!r} is due but cannot be closed: {error!r}") from error
        if row_key not in decision.changes:
            raise Defect(f"row {row_key!r} is due, and its expiry leaves it as it is")
        return decision

    def _command(self, record: Record, read: "_Command") -> None:
        command, one = read.command, read.digest
        counts, log_time_ms = self._batch.counts, self._moment.log_time_ms
        counts.commands += 1
        fingerprint = self._fingerprint(record, command)
        before = self._ids.recall(one, log_time_ms)
        if before is None:
            self._take(read.key.encode(), self._decide(record, command))
            self._ids.remember(one, fingerprint, log_time_ms)
        elif before == fingerprint:
            counts.duplicates += 1
        else:
            text = "the id was used before, with another payload"
            code = "IDEMPOTENCY_KEY_REUSED"
            decision = self._actor.reject(command, code, text, {}, self._moment)
            self._take(read.key.encode(), decision)

    def _fingerprint(self, record: Record, command: Any) -> bytes:
        try:
            return self._actor.fingerprint(command)
        except Exception as error:
            defect("fingerprint", error, record.value, command)
            return digest("", repr(record.value))[:FINGERPRINT_BYTES]

    def _decide(self, record: Record, command: Any) -> Decision:
        try:
            return self._actor.decide(command, self._row, self._moment)
        except (StoreError, MemoryError):
            raise
        except Exception as error:
            defect("decide", error, record.value, command)
            text = "a defect of ours; the command had no effect"
            return self._actor.reject(command, "INTERNAL", text, {}, self._moment)

    def _take(self, key: bytes, decision: Decision) -> None:
        batch = self._batch
        event, rows = decision.event, batch.rows
        if event is not None:
            for target, wish in decision.commands:
                cause = b"%d-%d" % (self._partition, self._moment.seq)
                caused: Headers = [(CAUSED, cause)]
                batch.forwards.append((self._owners[target], target.encode(), wish, caused))
            if self._moment.seq > self._told_to:
                batch.events.append((key, event))
            self._moment.seq += 1
            told, outcomes = (decision.outcome, decision.code), batch.counts.outcomes
            outcomes[told] = outcomes.get(told, 0) + 1
        if decision.alerts:
            batch.alerts += decision.alerts
        for row_key, value in decision.changes.items():
            rows[row_key] = value
            if value is not None and keys.is_timed(row_key):
                due = keys.due_ms(value)
                if due <= self._moment.log_time_ms:
                    raise Defect(f"row {row_key!r} would be due again at once")
                batch.timers.append(self._timers.put(row_key, due))

    def _close(self, next_offset: int) -> None:
        batch, moment = self._batch, self._moment
        records, batch.ids, buckets = self._ids.close_batch(moment.log_time_ms)
        self._at = batch.stamp = Stamp(
            self._at.incarnation,
            next_offset,
            moment.seq,
            moment.log_time_ms,
            self._at.partitions,
            buckets,
        )
        batch.changelog = [*batch.rows.items(), *records, (stamps.KEY, batch.stamp.encode())]
        self._undecided.append(batch)


def _size(headers: Sequence[tuple[str, bytes | None]]) -> int:
    return sum(len(name) + len(value or b"") for name, value in headers)
