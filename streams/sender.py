"""aiokafka's sender of transactions, without its silent retries: the first doubt ends it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.client import CoordinationType
from aiokafka.errors import KafkaError
from aiokafka.producer.sender import AddPartitionsToTxnHandler, EndTxnHandler, Sender

from streams.deadlines import STEP_S, Indefinite
from streams.telemetry import log


class _Once:
    """A request of which one attempt is made: where its answer is lost, only the log knows more."""

    async def do(self: Any, node_id: int) -> bool:
        sender = self._sender
        answer = await sender.client.send(node_id, self.create_request(), group=self.group)
        pause_s = self.handle_response(answer)
        if pause_s is None:
            return True
        await asyncio.sleep(min(pause_s, sender._retry_backoff))  # aiokafka would take 20 ms
        return False


class _AddPartitions(_Once, AddPartitionsToTxnHandler):
    """«Not yet» is the usual answer while the last transaction is being completed: asked again."""


class _End(_Once, EndTxnHandler):
    async def do(self: Any, node_id: int) -> bool:
        if not await super().do(node_id):
            raise Indefinite("the coordinator would not end the transaction")
        return True


class OnceSender(Sender):
    """Ends with the first doubt: a coordinator that is gone may have completed what it had not.

    Nothing of a next transaction may follow a commit whose coordinator was lost, as it could be
    joined to what that one left open; see `unended`.
    """

    asking: asyncio.Task[Any] | None = None
    settle: Callable[[int], Awaitable[bool]]  # whether the predecessor's transactions have ended

    async def _do_init_pid(self, node_id: int) -> bool:
        try:
            settled = await self.settle(node_id)
        except KafkaError as error:
            name = self._txn_manager.transactional_id
            log.warning("coordinator_not_ready", transactional_id=name, error=repr(error))
            super()._coordinator_dead(CoordinationType.TRANSACTION)
            settled = False
        if not settled:
            await asyncio.sleep(self._retry_backoff)
            return False
        return bool(await super()._do_init_pid(node_id))

    def _coordinator_dead(self, coordinator_type: Any) -> None:
        if self._txn_manager.has_pid():
            raise Indefinite("the transaction's coordinator is gone")
        super()._coordinator_dead(coordinator_type)

    def _maybe_do_transactional_request(self) -> asyncio.Task[Any] | None:
        self.asking = super()._maybe_do_transactional_request()
        return self.asking

    async def _do_add_partitions_to_txn(self, tps: Any) -> bool:
        return await _AddPartitions(self, tps).do(await self._coordinator())

    async def _do_txn_commit(self, commit_result: Any) -> None:
        await self._message_accumulator.flush_for_commit()
        if self._txn_manager.is_empty_transaction():
            self._txn_manager.complete_transaction()
        else:
            await _End(self, commit_result).do(await self._coordinator())

    async def _coordinator(self) -> int:
        name = self._txn_manager.transactional_id
        return int(await self._find_coordinator(CoordinationType.TRANSACTION, name))

    async def end(self) -> None:
        """Cut the connections and everything that would use them again."""
        running = [task for task in (self._sender_task, self.asking) if task is not None]
        for task in running:
            task.cancel()
        closing = asyncio.ensure_future(self.client.close())
        await asyncio.wait([closing, *running], timeout=STEP_S)
