"""One endpoint's reading: its group reads the log, its lanes send, its position follows."""

import time
from collections.abc import Collection

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, KafkaError

from api.deliveries import telemetry
from api.deliveries.carrying import Carrier
from api.deliveries.endpoints import Endpoint
from api.deliveries.events import Outgoing, outgoing
from api.deliveries.gate import Gate
from api.deliveries.lanes import Lanes
from api.deliveries.positions import group_of, topics_of
from api.deliveries.windows import Window
from streams.deadlines import STEP_S, stop, within
from streams.exceptions import StreamsError
from streams.rebootstrap import reach_again
from streams.settings import Settings
from streams.telemetry import log

SESSION_MS, HEARTBEAT_MS = 6_000, 1_500
TURN_MS, TURN_RECORDS = 100, 100
COMMIT_S = 0.25  # after a crash what was taken since is sent again
LAG_S = 1.0  # a request for the ends: of a paused partition nothing else tells them
FETCH_BYTES = 256 << 10  # of a partition at once; a larger record comes all the same
# in memory: of a partition so many, so that one key that fails does not hold up the others at once,
AHEAD_RECORDS = 256
AHEAD_BYTES = 16 << 20  # and of all partitions so much, beside what one turn brings
DRAIN_S = 4.0  # for what is under way when partitions go to another process, or at the end


class Session(ConsumerRebalanceListener):  # type: ignore[misc] # of a library without types
    """From joining the group to the first failure."""

    def __init__(
        self, settings: Settings, endpoint: Endpoint, gate: Gate, carrier: Carrier
    ) -> None:
        self._settings, self._endpoint, self._name = settings, endpoint, endpoint.name
        self._topics = topics_of(settings, endpoint)
        self._gate, self._carrier = gate, carrier
        self._consumer = self._new_consumer()
        self._windows: dict[TopicPartition, Window] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._lanes = Lanes(self._carry)

    async def run(self) -> None:
        """Deliver until cancelled; raises what Kafka or a lane failed by."""
        self._consumer.subscribe(self._topics, listener=self)
        try:
            await self._consumer.start()
            log.info("endpoint_started", endpoint=self._name)
            await self._read()
        finally:
            await self._end_lanes()
            await stop(self._consumer)

    def _new_consumer(self) -> AIOKafkaConsumer:
        made = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka,
            group_id=group_of(self._settings, self._name),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",  # the group has a position everywhere
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            max_partition_fetch_bytes=FETCH_BYTES,
        )
        reach_again(made)
        return made

    async def _read(self) -> None:
        committed_at = measured_at = time.monotonic()
        while True:
            self._hold_back()
            turn = await self._consumer.getmany(timeout_ms=TURN_MS, max_records=TURN_RECORDS)
            for source, records in turn.items():
                self._begin(source, records)
            self._lanes.check()
            if time.monotonic() - committed_at >= COMMIT_S:
                await self._keep_position()
                telemetry.OUTAGE.labels(self._name).set(0)
                committed_at = time.monotonic()
            if time.monotonic() - measured_at >= LAG_S:
                await within(STEP_S, self._measure(), f"the lag of {self._name}")
                measured_at = time.monotonic()

    def _begin(
        self, source: TopicPartition, records: Collection[ConsumerRecord[bytes, bytes]]
    ) -> None:
        window = self._windows[source]
        for record in records:
            event = outgoing(record, self._endpoint)
            if event is None:
                telemetry.PASSED_OVER.labels(self._name).inc()
                continue
            window.begin(event.offset, len(event.body))
            self._lanes.put(event)

    async def _carry(self, event: Outgoing) -> None:
        window = self._windows[TopicPartition(event.topic, event.partition)]
        await self._carrier.carry(event)
        window.done(event.offset)

    def _hold_back(self) -> None:
        """Pause what is far ahead of its position, and go on with what no longer is."""
        full = sum(window.size_bytes for window in self._windows.values()) >= AHEAD_BYTES
        held = self._consumer.paused()
        for source, window in self._windows.items():
            if source not in held and (full or len(window) >= AHEAD_RECORDS):
                self._consumer.pause(source)
            elif source in held and not full and len(window) <= AHEAD_RECORDS // 2:
                self._consumer.resume(source)
        telemetry.UNDER_WAY.labels(self._name).set(sum(map(len, self._windows.values())))

    async def _keep_position(self) -> None:
        await within(STEP_S, self._commit(), f"the position of {self._name}")

    async def _commit(self) -> None:
        """Keep the positions that moved."""
        positions = await self._positions()
        moved = {one: at for one, at in positions.items() if self._committed.get(one) != at}
        if moved:
            try:
                await self._consumer.commit(moved)
            except CommitFailedError:  # the group is being shared out anew: it begins from before
                return
            self._committed |= moved

    async def _positions(self) -> dict[TopicPartition, int]:
        return {
            source: window.position(await self._consumer.position(source))
            for source, window in list(self._windows.items())
        }

    async def _measure(self) -> None:
        """Show how far the positions are behind what is committed."""
        positions, lags = await self._positions(), dict.fromkeys(self._topics, 0)
        ends = await self._consumer.end_offsets(list(positions)) if positions else {}
        for source, position in positions.items():
            lags[source.topic] += max(0, ends[source] - position)
        for topic, lag in lags.items():
            telemetry.LAG.labels(self._name, topic).set(lag)

    async def _end_lanes(self) -> None:
        """End what is under way, and keep how far it came."""
        await self._lanes.close(DRAIN_S if self._gate.is_closed else 0.0)
        try:
            await self._keep_position()
        except (StreamsError, KafkaError, OSError) as error:  # it is sent again, then
            log.warning("position_not_kept", endpoint=self._name, error=repr(error))
        self._windows = {}

    async def on_partitions_revoked(self, _revoked: set[TopicPartition]) -> None:
        """Others may send from here on: end what is under way."""
        await self._end_lanes()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """From here on these are ours."""
        self._windows = {source: Window() for source in assigned}
        self._committed = {}
        self._lanes = Lanes(self._carry)
