"""The stores themselves: real, on loopback, and each role with its own rights."""

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError

from tests.stores import Database


async def test_a_topic_must_be_made_before_it_is_written_to(kafka: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, request_timeout_ms=2_000)
    await producer.start()
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        with pytest.raises(UnknownTopicOrPartitionError):
            await producer.send_and_wait("stores.unmade", b"x")
        await admin.create_topics([NewTopic("stores.made", 1, 1)])
        written = await producer.send_and_wait("stores.made", b"x")
    finally:
        await producer.stop()
        await admin.close()
    assert written.offset == 0


async def test_a_dead_letter_of_four_mebibytes_fits(kafka: str) -> None:
    size = 4 << 20
    producer = AIOKafkaProducer(bootstrap_servers=kafka, max_request_size=size + 1024)
    await producer.start()
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    limit = {"max.message.bytes": str(size + 1024)}
    try:
        await admin.create_topics([NewTopic("stores.large", 1, 1, topic_configs=limit)])
        written = await producer.send_and_wait("stores.large", b"x" * size)
    finally:
        await producer.stop()
        await admin.close()
    assert written.offset == 0


async def test_postgres_is_the_version_that_is_meant(postgres: Database) -> None:
    connection = await asyncpg.connect(postgres.reader)
    try:
        version = await connection.fetchval("SHOW server_version")
    finally:
        await connection.close()
    assert version.startswith("18.")


@pytest.mark.parametrize("role", ["writer", "reader"])
async def test_only_the_owner_may_make_things(postgres: Database, role: str) -> None:
    connection = await asyncpg.connect(getattr(postgres, role))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE SCHEMA mine")
    finally:
        await connection.close()


async def test_a_wrong_password_is_refused(postgres: Database) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.reader, password="wrong")
