"""The control: the naive worker on a way that loses answers. What it leaves must be found wrong."""

from tests.chaos.checker import Report
from tests.chaos.cluster import cluster
from tests.chaos.experiment import traffic, verdict
from tests.chaos.isolation import Isolation, NotPossible
from tests.chaos.proxy import Orders, write_orders
from tests.chaos.run import Tell
from tests.chaos.traffic import Traffic

PARTITIONS = 3
COMMANDS, PER_SECOND = 2_000, 100.0
SHARE = 0.2  # of its Produce answers: librdkafka then sends them again, without idempotence
DECIDED_S = 120.0


def control(seed: int, isolation: Isolation, tell: Tell) -> Report:
    """Its report; right only where the checker sees nothing. Raises NotPossible."""
    with cluster(PARTITIONS, isolation, seed) as made:
        made.start_brokers()
        proxy, worker = made.proxy(), made.naive_worker()
        if proxy is None:
            raise NotPossible(isolation.no_network)
        proxy.start()
        worker.start()
        tell("the naive worker at work, its answers being lost")
        write_orders(made.orders, Orders("lose", ("Produce",), SHARE))
        with traffic(made, Traffic(seed, PARTITIONS).wishes(COMMANDS), PER_SECOND):
            pass
        write_orders(made.orders, Orders())
        made.wait_decided(DECIDED_S)
        worker.kill()
        tell(f"lost: {proxy.log.read_text().count('lose')} answers")
        report, _, _ = verdict(made, min_events=1)
    return report
