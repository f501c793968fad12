"""aiokafka's client over the simulated network, beneath the real Sender; and its producer.

Requests and answers have the fields that they have on the wire. Each is asked once, as aiokafka
does; what to make of an answer, or of none, is the product's business.
"""

import asyncio
import struct
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition
from aiokafka.client import ConnectionGroup
from aiokafka.errors import BrokerResponseError, NotLeaderForPartitionError, ProducerFenced
from aiokafka.protocol.api import Request
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.protocol.transaction import InitProducerIdRequest
from aiokafka.record.memory_records import MemoryRecords

from streams.inspection_requests import DescribeProducers, DescribeTransactions, WriteMarkers
from streams.packing import pack
from streams.sender import FENCED
from streams.transaction_requests import EndTransaction, Produce
from streams.unended import NONE_OPEN
from tests.simulation.broker import ABORTED, COMMITTED, Broker, Sent
from tests.simulation.loop import PROCESS
from tests.simulation.network import ask
from tests.simulation.world import here

NODE = 0
NOT_YET = 0.02  # share of the batches that their leader refuses for now
REFUSED, TOO_LARGE = 29, 10
ID_NOT_FOUND = 105
ATTRIBUTES, CONTROL = 21, 1 << 5  # of a record batch: where they stand, and what a marker has


class Client:
    """What Sender and `unended` use of AIOKafkaClient: one broker that leads everything."""

    def __init__(self, **_: Any) -> None:
        self._broker: Broker = here().broker
        self._process = PROCESS.get()
        self.cluster = self
        self._conns = {(NODE, ConnectionGroup.COORDINATION): self}
        self._serving: dict[type[Request[Any]], Callable[..., Any]] = {
            InitProducerIdRequest: self._init,
            Produce: self._produce,
            EndTransaction: self._end,
            DescribeTransactions: self._transactions,
            DescribeProducers: self._producers,
            WriteMarkers: self._mark,
            OffsetRequest: self._ends,
            FetchRequest: self._fetch,
        }

    def connected(self) -> bool:
        """A connection that broke is noticed by who asks."""
        return True

    async def bootstrap(self) -> None:
        """Connect."""

    async def close(self) -> None:
        """Disconnect; what is under way may still arrive."""

    def set_topics(self, _topics: Iterable[str]) -> asyncio.Future[bool]:
        """All topics are known."""
        return self.force_metadata_update()

    async def _wait_on_metadata(self, _topic: str) -> None:
        """All topics are known."""

    def partitions_for_topic(self, _topic: str) -> set[int]:
        """Numbers of a topic's partitions."""
        return set(range(self._broker.partitions))

    def leader_for_partition(self, _there: TopicPartition) -> int:
        """The only broker."""
        return NODE

    def force_metadata_update(self) -> asyncio.Future[bool]:
        """There is no news."""
        known = asyncio.get_running_loop().create_future()
        known.set_result(True)
        return known

    async def coordinator_lookup(self, _kind: int, _transactional_id: str) -> int:
        """The only broker."""
        return NODE

    async def send(self, _node: int, request: Any, *, group: Any = None) -> Any:
        """One request, with its fields as `build` lays them out."""
        serve = self._serving[type(request)]
        fields = request.build(_Layout)
        fate = self._fate() if isinstance(request, EndTransaction) else ""
        return await ask(lambda: serve(*fields), fate)

    def _fate(self) -> str:
        assert self._process is not None
        fates = here().cuts.endings.get(self._process.name)
        fate = fates.pop(0) if fates else ""
        if fate:
            here().note(f"EndTxn of {self._process.name} is {fate}")
        return fate

    def _init(self, name: str, timeout_ms: int) -> Any:
        return _coordinated(lambda: self._broker.init_producer(name, timeout_ms / 1_000))

    def _end(self, name: str, _producer_id: int, epoch: int, commits: bool, _: Any) -> Any:
        outcome = COMMITTED if commits else ABORTED
        return _coordinated(lambda: self._broker.end(name, epoch, outcome))

    def _produce(self, name: str, _acks: int, _timeout_ms: int, topics: Any, _: Any) -> Any:
        """Each partition's leader takes its batch, or does not; nothing makes them one."""
        return SimpleNamespace(
            topics=[
                (topic, [(at, *self._append(name, topic, at, batch)) for at, batch, _ in parts], {})
                for topic, parts, _ in topics
            ]
        )

    def _append(self, name: str, topic: str, partition: int, packed: bytes) -> tuple[int, int]:
        """(error code, offset) of one batch."""
        assert self._process is not None
        refusals = here().cuts.refusals.get(self._process.name)
        if refusals:
            here().note(f"produce to {topic}/{partition} is refused")
            return REFUSED if refusals.pop(0) == "refused" else TOO_LARGE, -1
        if here().chance(NOT_YET):
            return NotLeaderForPartitionError.errno, -1
        batch = MemoryRecords(packed).next_batch()
        assert batch is not None
        epoch, sequence = batch.producer_epoch, batch.base_sequence
        records: list[Sent] = [(one.key, one.value, list(one.headers)) for one in batch]
        place = (topic, partition)
        return _coded(lambda: self._broker.transact(name, epoch, place, sequence, records), -1)

    def _transactions(self, names: list[str], _: Any) -> Any:
        last = self._broker.last_transaction(names[0])
        code = 0 if last.state else ID_NOT_FOUND
        said = (code, names[0], last.state, 0, last.start_ms, last.producer_id, last.epoch)
        return SimpleNamespace(states=[said])

    def _producers(self, topics: Any, _: Any) -> Any:
        return SimpleNamespace(
            topics=[
                (topic, [self._described((topic, at)) for at in indexes], {})
                for topic, indexes, _ in topics
            ]
        )

    def _described(self, place: tuple[str, int]) -> Any:
        code, producers = _coded(lambda: self._broker.producers_in(place), ())
        told: list[Any] = [
            (one, epoch, 0, 0, 0, 0 if is_open else NONE_OPEN, {})
            for one, epoch, is_open in producers
        ]
        return place[1], code, None, told, {}

    def _ends(self, _replica: int, _isolation: int, topics: Any) -> Any:
        [(topic, [(index, _)])] = topics
        return SimpleNamespace(
            topics=[(topic, [(index, 0, 0, self._broker.logs[topic, index].end)])]
        )

    def _fetch(self, *fields: Any) -> Any:
        """The markers from an offset on: nothing else is fetched so."""
        [(topic, [(index, first, _)])] = fields[-1]
        markers = self._broker.logs[topic, index].markers
        packed = b"".join(_marker(*one) for one in markers if one[0] >= first)
        return SimpleNamespace(topics=[(topic, [(index, 0, 0, 0, [], packed)])])

    def _mark(self, markers: Iterable[Any], _: Any) -> Any:
        [(producer_id, epoch, commits, [(topic, [index], _)], _, _)] = markers
        outcome, log = COMMITTED if commits else ABORTED, self._broker.logs[topic, index]
        code, _ = _coded(lambda: log.mark(producer_id, epoch, outcome), None)
        return SimpleNamespace(markers=[[producer_id, [[topic, [[index, code, {}]], {}]], {}]])


class _Layout:
    """Takes the place of a request's struct: its fields as they are laid out."""

    API_VERSION = 4

    def __new__(cls, *fields: Any) -> Any:
        return fields


def _marker(offset: int, producer_id: int, epoch: int, state: str) -> bytes:
    """A control batch."""
    key = struct.pack(">HH", 0, state == COMMITTED)
    [(packed, _)] = pack([(key, b"")], None, producer_id, epoch, 0)
    laid_out = bytearray(packed)
    struct.pack_into(">q", laid_out, 0, offset)
    laid_out[ATTRIBUTES + 1] |= CONTROL
    return bytes(laid_out)


def _coordinated(serve: Callable[[], tuple[int, int]]) -> Any:
    """A coordinator's answer: a producer id with its epoch, or an error."""
    code, (producer_id, epoch) = _coded(serve, (-1, -1))
    return SimpleNamespace(error_code=code, producer_id=producer_id, producer_epoch=epoch)


def _coded(serve: Callable[[], Any], otherwise: Any) -> tuple[int, Any]:
    """(error code, answer); a broken connection has neither."""
    try:
        return 0, serve()
    except ProducerFenced:
        return FENCED, otherwise
    except BrokerResponseError as error:
        return error.errno, otherwise


class Ticker:
    """What a worker uses of AIOKafkaProducer to append ticks."""

    def __init__(self, **_: Any) -> None:
        self._broker: Broker = here().broker

    async def start(self) -> None:
        """Connect."""

    async def stop(self) -> None:
        """Disconnect."""

    async def send(self, topic: str, value: bytes, partition: int) -> None:
        """Queue a tick; whether it arrives is not waited for."""
        records: list[Sent] = [(None, value, [])]
        await ask(lambda: self._broker.produce((topic, partition), records))
