"""Mistakes in the commit protocol: what is sent when, believed when, and read when."""

from typing import Any

from streams import recovery, transaction
from streams.inbox import Inbox
from streams.partition import Partition
from streams.reading import Readers
from streams.sender import Sender
from streams.transaction import TransactionalProducer
from tables.sink import Sink
from tests.simulation.loop import PROCESS
from tests.simulation.planted.patching import Bug, both, edited, wrapped


def _own_id(make: Any) -> Any:
    def __init__(self: Any, bootstrap: str, topics: Any, group: str, number: int) -> None:
        process = PROCESS.get()
        assert process is not None
        make(self, bootstrap, topics, f"{group}-{process.name}", number)

    return __init__


_WRITE = "store.write(batch.rows, batch.ids, batch.stale_timers, batch.stamp, next_offset)"
_SURE = f"with contextlib.suppress(Exception):\n        {_WRITE}"
_COMMIT = "next_offset = await producer.commit(batch)"
_EARLY = f"""was = store.position()
    next_offset = (was.next_offset if was else 0) + len(batch.changelog)
    {_WRITE}
    {_COMMIT}"""
_START = "    await self._producer.start()\n"
_RECOVER = """self._store, at, ends = await recover(
        reader, around.topics, self.number, path, around.memory
    )
    self._producer.changelog_end, self._told_to = ends
"""
_ADVANCE = "await self._target.advance(connection, expected, chunks)"
_BEFORE = f"    {_ADVANCE}\n    async with connection.transaction():\n"
_REFUSAL = "if not is_for_now(refused[there]):"
_PASSED_OVER = "offsets[there] = 0; del refused[there]\n                if False:"
_SEEN = "await self._is_forgotten(last, found)"
_END = 'await within(STEP_S, self._sender.commit(), "commit")'
_BELIEVED = "await asyncio.wait([asyncio.ensure_future(self._sender.commit())])"
_EACH = "    for records in fetched"
_UNTIL_NOTHING = f"    if not fetched:\n            return\n    {_EACH}"

_UNSEEN = edited(
    TransactionalProducer,
    "_check_place",
    ("if not end - self._committed <= begin <= end", "if False"),
)

PROTOCOL = (
    Bug(
        "a commit that its coordinator has forgotten is aborted",
        edited(TransactionalProducer, "_settled", (_SEEN, "False")),
    ),
    Bug(
        "a transaction is given up before brokers can have been replaced",
        edited(Sender, "init", ("TRANSACTION_TIMEOUT_MS", "12_000")),
    ),
    Bug("where the changelog goes on is not looked at", _UNSEEN),
    Bug(
        "the store is written before the commit",
        edited(Partition, "_commit", (_COMMIT, _EARLY)),
    ),
    Bug(
        "a batch that failed is committed over",
        edited(Sender, "_produce", (_REFUSAL, _PASSED_OVER)),
    ),
    Bug(
        "a commit without an answer is believed",
        edited(TransactionalProducer, "commit", (_END, _BELIEVED)),
    ),
    Bug(
        "what a lost marker left open is always aborted",
        edited(
            transaction, "endings", ("found[there] = COMPLETE[last.state]", "found[there] = False")
        ),
    ),
    Bug(
        "batch N+1 is sent after N has failed",
        edited(Partition, "_pass_on", ("committed.result()", "committed.exception()")),
    ),
    Bug(
        "the engine goes on after a failed batch",
        edited(Partition, "_fail", ("    await self._discard()\n", "    pass\n")),
    ),
    Bug(
        "a write that the disk refused is passed over",
        edited(Partition, "_commit", (_WRITE, _SURE)),
    ),
    Bug(
        "each worker has a transactional id of its own, and no place is checked",
        both(wrapped(TransactionalProducer, "__init__", _own_id), _UNSEEN),
    ),
    Bug(
        "recovery reads before the predecessor is fenced",
        edited(Partition, "_recovered", (_START, ""), (_RECOVER, _RECOVER + _START)),
    ),
    Bug(
        "recovery reads what is not committed",
        edited(Readers, "_started", ("self._isolation", '"read_uncommitted"')),
    ),
    Bug(
        "recovery reads until nothing comes, not to the end",
        edited(recovery, "fetches", (_EACH, _UNTIL_NOTHING)),
    ),
    Bug(
        "a rebalance does not wait for the commit under way",
        edited(Partition, "_settle", ("if committing is None:", "if True:")),
    ),
    Bug(
        "what a full batch leaves over is dropped",
        edited(Partition, "_pass_on", ("records = batch.rest", "records = []")),
    ),
    Bug(
        "a dropped fetch is not noticed",
        edited(Inbox, "put", ("fetch.start != self.expected", "False")),
    ),
    Bug(
        "no ticks are sent",
        edited(Partition, "_tick", ("if idle", "if not idle and idle")),
    ),
    Bug(
        "the audit sink moves its position outside the transaction",
        edited(
            Sink,
            "_write",
            ("    async with connection.transaction():\n", _BEFORE),
            (f"if not {_ADVANCE}:", "if connection.is_closed():"),
        ),
    ),
)
