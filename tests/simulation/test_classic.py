"""What relays stand on in the simulation: the first protocol of transactions, and positions."""

import pytest
from aiokafka.errors import ConcurrentTransactions, InvalidTxnState

from tests.simulation import classic
from tests.simulation.broker import COMMITTED, Broker, Log
from tests.simulation.classic import POSITIONS
from tests.simulation.test_world import FENCED, TOPIC, pass_time, sent, values
from tests.simulation.test_world import broker as broker
from tests.simulation.test_world import world as world
from tests.simulation.world import World


@pytest.fixture
def epoch(broker: Broker) -> int:
    broker.logs[POSITIONS] = Log(POSITIONS)
    return classic.begin(broker, "p")


def carried(broker: Broker, epoch: int, sequence: int, value: bytes, reached: int) -> None:
    """A step of a relay, but for its end."""
    classic.add(broker, "p", epoch, [TOPIC, POSITIONS])
    classic.append(broker, "p", epoch, TOPIC, sequence, sent(value))
    classic.reach(broker, "p", epoch, sequence, "group", {("t", 0): reached})


def test_a_position_counts_with_its_transaction(world: World, broker: Broker, epoch: int) -> None:
    carried(broker, epoch, 1, b"a", 7)

    assert classic.positions(broker, "group") == {}
    classic.end(broker, "p", epoch, COMMITTED)
    pass_time(world, 1)
    assert (values(broker), classic.positions(broker, "group")) == ([b"a"], {("t", 0): 7})
    assert classic.positions(broker, "another") == {}


def test_nothing_counts_of_what_a_successor_ends(world: World, broker: Broker, epoch: int) -> None:
    carried(broker, epoch, 1, b"a", 7)
    with pytest.raises(ConcurrentTransactions):
        classic.begin(broker, "p")
    pass_time(world, 1)

    assert (values(broker), classic.positions(broker, "group")) == ([], {})
    for _ in range(5):
        with pytest.raises(Exception, match=FENCED):
            classic.end(broker, "p", epoch, COMMITTED)


def test_a_late_end_may_hit_the_next_transaction(world: World, broker: Broker, epoch: int) -> None:
    carried(broker, epoch, 1, b"whole", 7)
    classic.end(broker, "p", epoch, COMMITTED)
    pass_time(world, 1)
    classic.add(broker, "p", epoch, [TOPIC])
    classic.append(broker, "p", epoch, TOPIC, 2, sent(b"half"))
    classic.end(broker, "p", epoch, COMMITTED)  # the first one's, delayed
    pass_time(world, 1)

    assert values(broker) == [b"whole", b"half"]
    with pytest.raises(InvalidTxnState):
        classic.reach(broker, "p", epoch, 3, "group", {("t", 0): 9})
    assert classic.positions(broker, "group") == {("t", 0): 7}


def test_nothing_is_sent_where_nothing_was_added(broker: Broker, epoch: int) -> None:
    with pytest.raises(InvalidTxnState):
        classic.append(broker, "p", epoch, TOPIC, 1, sent(b"a"))
