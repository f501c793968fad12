"""What a worker does not start with: it says what to do, and whether to try again."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from local.ports import free_port
from streams import features
from streams.exceptions import ConfigurationError
from streams.topics import check_topics
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.processes import Worker

STAY_DOWN = 3


def _refusal(worker: Worker, event: str = "cannot_start") -> str:
    return str(worker.logged(event)[-1]["remedy"])


def test_another_partition_count(install: Install) -> None:
    installation = install(partitions=2)

    worker = installation.started(PARTITIONS="3")

    assert worker.wait(30) == STAY_DOWN
    assert "STOCKYARD_PARTITIONS=2" in _refusal(worker)


def test_topics_that_are_missing(install: Install) -> None:
    installation = install(partitions=1)

    worker = installation.started(TOPIC_PREFIX="nobodys.")

    assert worker.wait(30) == STAY_DOWN
    assert "./stockyard up" in _refusal(worker)


async def test_a_cluster_without_the_second_transaction_protocol(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await asyncio.to_thread(install, 1)
    await check_topics(made.settings, made.topics)
    monkeypatch.setattr(features, "TRANSACTIONS_MIN", 3)  # the brokers here have 2

    with pytest.raises(ConfigurationError, match=r"transaction.version 2, and 3 is needed"):
        await check_topics(made.settings, made.topics)


def test_a_broker_that_is_away_is_tried_again(install: Install) -> None:
    installation = install(partitions=1)

    worker = installation.started(KAFKA=f"127.0.0.1:{free_port()}")

    assert worker.wait(30) == 1, "the supervisor starts it again"
    assert "STOCKYARD_KAFKA" in _refusal(worker, "not_yet")


def test_a_variable_that_is_no_number(install: Install) -> None:
    worker = install(partitions=1).started(COMMIT_INTERVAL_MS="soon")

    assert worker.wait(30) == STAY_DOWN
    assert "STOCKYARD_COMMIT_INTERVAL_MS" in _refusal(worker)


def test_commands_with_their_producers_times(install: Install) -> None:
    installation = install(partitions=1)
    asyncio.run(_take_producers_times(installation))

    worker = installation.started()

    assert worker.wait(30) == STAY_DOWN
    assert "LogAppendTime" in _refusal(worker)


async def _take_producers_times(installation: Installation) -> None:
    times = {"message.timestamp.type": "CreateTime"}
    topic = ConfigResource(ConfigResourceType.TOPIC, installation.topics.commands, configs=times)
    admin = AIOKafkaAdminClient(bootstrap_servers=installation.kafka)
    await admin.start()
    await admin.alter_configs([topic])
    await admin.close()
