"""Plain Faust: an agent, its tables in RocksDB, the settings frozen below.

`python -m faust -A bench.peers.faust_plain -L uvloop worker -l warn`

What is plain stays plain: under exactly_once Faust sends the events outside the transaction.
"""

import logging
import os

import faust
from faust.transport.producer import ProducerBuffer

from bench.peers.hosted import Partition

PREFIX, GUARANTEE = os.environ["BENCH_PREFIX"], os.environ["BENCH_GUARANTEE"]

logging.disable(logging.INFO)  # `-l warn` still formats fifteen lines per command: 15 % of all
if GUARANTEE == "at_least_once":  # under exactly_once what is buffered misses its transaction
    ProducerBuffer.max_messages = 10_000  # 100: the stream would wait every twenty commands

app = faust.App(
    f"{PREFIX}faust",
    broker=f"kafka://{os.environ['BENCH_KAFKA']}",
    processing_guarantee=GUARANTEE,
    datadir=os.environ["BENCH_HOME"],
    store="rocksdb://",
    topic_partitions=int(os.environ["BENCH_PARTITIONS"]),
    topic_replication_factor=1,
    topic_disable_leader=True,
    table_standby_replicas=0,  # one worker
    web_enabled=False,
    web_port=int(os.environ["BENCH_WEB_PORT"]),
    broker_commit_interval=float(os.environ["BENCH_COMMIT_S"]),  # 2.8 s by default
    broker_commit_every=1_000_000,  # by time alone, as everywhere
    broker_max_poll_records=4_000,
    broker_check_crcs=False,
    consumer_max_fetch_size=4 << 20,
    consumer_auto_offset_reset="earliest",
    producer_linger=0.05,  # batches instead of a request per record; half a commit interval
    producer_max_batch_size=512 << 10,
    producer_acks=-1,
    cython_optimizations=True,
    stream_wait_empty=False,
)
commands = app.topic(os.environ["BENCH_COMMANDS"], key_serializer="raw", value_serializer="raw")
events = app.topic(f"{PREFIX}stock.events.v1", key_serializer="raw", value_serializer="raw")
alerts = app.topic(f"{PREFIX}stock.alerts.v1", key_serializer="raw", value_serializer="raw")
stock = app.Table(
    "stock",
    key_type=bytes,
    value_type=bytes,  # raw, both
    partitions=int(os.environ["BENCH_PARTITIONS"]),
    options={"driver": "rocksdict", "block_cache_size": 64 << 20, "write_buffer_size": 64 << 20},
)
partitions: dict[int, Partition] = {}


@app.agent(commands)  # type: ignore[untyped-decorator] # Faust's has no types
async def ledger(stream: faust.StreamT[bytes]) -> None:
    """One command after the other, as Faust's guide has it."""
    async for event in stream.events():
        received = event.message
        number = received.partition
        partition = partitions.get(number)
        if partition is None:
            partition = partitions[number] = Partition(number, stock.get)
        told, alarms = partition.take(
            event.value,
            received.offset,
            round(received.timestamp * 1_000),
            stock.get,
            stock.__setitem__,
        )
        for value in told:
            events.send_soon(key=received.key, value=value, partition=number)
        for key, value in alarms:
            alerts.send_soon(key=key, value=value, partition=number)
