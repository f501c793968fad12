"""The first protocol of transactions, as aiokafka's producer speaks it: what relays run on.

All transactions of a producer have one epoch, so a delayed EndTxn may end the next one. Partitions
are added before anything is sent to them, and a Produce to another one is refused. A group's
positions are kept within the transaction, and count when its marker is written; nobody asks of
which generation of the group the sender is.
"""

from collections.abc import Mapping, Sequence

from aiokafka.errors import ConcurrentTransactions, InvalidTxnState

from tests.simulation.broker import COMMITTED, Broker, Place, Sent

POSITIONS: Place = ("positions", 0)
Reached = Mapping[Place, int]


def begin(broker: Broker, name: str) -> int:
    """InitProducerId: fence the predecessor and end its transaction; the epoch."""
    _, epoch = broker.init_producer(name)
    broker.ids[name].classic = True
    return epoch


def add(broker: Broker, name: str, epoch: int, places: Sequence[Place]) -> None:
    """AddPartitionsToTxn, AddOffsetsToTxn: the transaction begins with its first."""
    known = broker.known(name, epoch)
    for place in places:
        broker.add(known, place)


def append(
    broker: Broker, name: str, epoch: int, place: Place, sequence: int, records: list[Sent]
) -> None:
    """Produce within the transaction; a repeated sequence is answered as it was."""
    known = broker.known(name, epoch)
    if known.state != "ongoing" or place not in known.places:
        raise InvalidTxnState
    broker.transact(name, epoch, place, sequence, records)


def reach(
    broker: Broker, name: str, epoch: int, sequence: int, group: str, reached: Reached
) -> None:
    """TxnOffsetCommit: how far a group has read, once the transaction is committed."""
    append(broker, name, epoch, POSITIONS, sequence, _entries(group, reached))


def end(broker: Broker, name: str, epoch: int, outcome: str) -> None:
    """EndTxn of whatever is under way: a repetition cannot be told from the next one's end."""
    known = broker.known(name, epoch)
    if known.state == "preparing":
        raise ConcurrentTransactions
    if known.state == "ended" and known.outcome == outcome:
        return
    if known.state != "ongoing":
        raise InvalidTxnState
    broker.finish(known, outcome)


def positions(broker: Broker, group: str) -> dict[Place, int]:
    """OffsetFetch: the positions that count by now; one of a transaction that goes on does not."""
    found: dict[Place, int] = {}
    for entry in broker.logs[POSITIONS].entries:
        if entry.part is None or entry.part.state == COMMITTED:
            name, topic, partition = (entry.key or b"").decode().split("/")
            if name == group:
                found[topic, int(partition)] = int(entry.value or b"0")
    return found


def put_back(broker: Broker, group: str, reached: Reached) -> None:
    """Somebody sets a group's positions."""
    broker.produce(POSITIONS, _entries(group, reached))


def _entries(group: str, reached: Reached) -> list[Sent]:
    return [
        (f"{group}/{topic}/{partition}".encode(), b"%d" % offset, [])
        for (topic, partition), offset in reached.items()
    ]
