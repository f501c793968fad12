"""A foreign program that takes a worker's `transactional.id` for its own."""

import re
from functools import partial

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import NewTopic  # type: ignore[attr-defined]

from tests.chaos.cluster import BROKERS
from tests.chaos.processes import NotReady
from tests.chaos.run import RESUMED_S, START_S, Hit, Run

TOPIC = "foreign"
TRY_S = 5.0
ANSWER_S = 30.0
ENDS = ("commits", "aborts", "leaves it open")


def hijacked(run: Run) -> Hit:
    """The worker is fenced, opens anew, and fences the other one in turn."""
    partition, end = run.rng.randrange(run.made.partitions), run.rng.choice(ENDS)
    run.until("a topic of its own", START_S, partial(_has_topic, run))
    before = _opened(run, partition)
    foreigner = Producer(
        {
            "bootstrap.servers": run.made.kafka,
            "transactional.id": _transactional_id(run, partition),
            "log_level": 2,
        }
    )
    run.until("a foreign producer", START_S, partial(_starts, foreigner))
    ended = _transact(foreigner, end)
    run.until("the owner to open anew", RESUMED_S, lambda: _opened(run, partition) > before)
    resumed_s = run.resumed()
    del foreigner
    return Hit(f"partition {partition}, {end}: {ended}", resumed_s)


def _transactional_id(run: Run, partition: int) -> str:
    commands = run.made.topic("commands")
    return f"{run.made.prefix}stock-agents-{commands}-{partition}"


def _opened(run: Run, partition: int) -> int:
    """How often a worker has opened it. One that is fenced does, and nothing else happens here."""
    line = re.compile(rf'"partition": {partition},.*"partition_open"')
    logs = [run.parts[name].log.read_text() for name in run.worker_names()]
    return sum(len(line.findall(log)) for log in logs)


def _has_topic(run: Run) -> bool:
    admin = run.made.admin
    try:
        if TOPIC in admin.list_topics(timeout=TRY_S).topics:
            return True
        admin.create_topics([NewTopic(TOPIC, 1, len(BROKERS))])[TOPIC].result(timeout=TRY_S)
    except (KafkaException, TimeoutError):
        return False  # a broker is away: asked again
    return True


def _starts(producer: Producer) -> bool:
    try:
        producer.init_transactions(TRY_S)
    except KafkaException as error:
        if error.args[0].retriable():
            return False
        raise NotReady(f"a foreign producer: {error}") from error
    return True


def _transact(producer: Producer, end: str) -> str:
    """One transaction of its own; what became of it, for the owner may be the faster one."""
    try:
        producer.begin_transaction()
        producer.produce(TOPIC, b"foreign")
        producer.flush(ANSWER_S)
        if end == "commits":
            producer.commit_transaction(ANSWER_S)
        elif end == "aborts":
            producer.abort_transaction(ANSWER_S)
    except KafkaException as error:
        return str(error.args[0].name())
    return "done"
