"""A worker: one Faust application that hosts the partitions its group gives it."""

import asyncio
import contextlib
import json
import os
import signal
import time
from typing import Any

import faust
import faust.tables
import uvloop
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from faust.app.base import BootStrategy
from faust.types import TP
from prometheus_client import start_http_server
from yarl import URL

from streams import native, telemetry
from streams.actor import Actor
from streams.deadlines import stop
from streams.engine import TICK
from streams.membership import claim
from streams.partition import Partition, State, Surroundings, Unowned
from streams.reading import Readers
from streams.settings import Settings
from streams.spared import collect_seldom
from streams.store import Memory
from streams.telemetry import log
from streams.topics import Topics, check_topics
from streams.transport import BatchConsumer, Transport

SESSION_S = 6.0  # a dead worker's partitions are given away after this
HEARTBEAT_S = 1.5
REBALANCE_S = 30.0  # for a member that is busy replaying to answer
FETCHES_BUFFERED = 4  # on the way from the consumer to the agent
REPORT_S = 1.0
TICK_S = 5.0  # for a tick to be sent
EXPULSION_S, EXPULSIONS_MAX = 60.0, 3  # so many in this time: somebody else uses our identity
EXIT_AGAIN = 1
EXIT_STAY_DOWN = 3  # tells the supervisor not to start this worker again


class Worker:
    """Hosts one domain's actor. Make it and call `run`, once in a process."""

    def __init__(self, domain: str, actor: Actor, settings: Settings, name: str) -> None:
        self._actor, self._settings, self._name = actor, settings, name
        self._topics = Topics.of(domain, settings.topic_prefix)
        self._group = f"{settings.topic_prefix}{domain}-agents"
        self.identity, self._lock = claim(settings.home, name)
        self._partitions: dict[int, Partition] = {}
        self._generation = -1
        self._rebalancing = asyncio.Lock()  # an assignment never overtakes a revocation
        self._expulsions: list[float] = []
        self._known_s = 0.0  # when the group last showed that it knows us
        self._ticking = asyncio.Lock()
        self._closed: asyncio.Future[list[None]] | None = None
        self._ticker: AIOKafkaProducer | None = None
        self._exit_code = 0
        self._turn = asyncio.Lock()
        self._state_written = ""
        self.app = self._application()
        self._around = self._surroundings()

    def _application(self) -> faust.App:
        host = self._settings.home / "faust" / f"{self._settings.topic_prefix}{self._name}"
        host.mkdir(parents=True, exist_ok=True)
        app = faust.App(
            self._group,
            broker=[URL(f"kafka://{one}") for one in self._settings.kafka.split(",")],
            datadir=str(host),  # shared by two applications it ends in a ConsistencyError
            consumer_group_instance_id=self.identity,
            broker_session_timeout=SESSION_S,
            broker_heartbeat_interval=HEARTBEAT_S,
            broker_rebalance_timeout=REBALANCE_S,
            stream_buffer_maxsize=FETCHES_BUFFERED,
            topic_disable_leader=True,
            topic_allow_declare=False,
            worker_redirect_stdouts=False,
            TableManager=_NoTables,
        )
        app.boot_strategy = BootStrategy(app, enable_web=False)
        app.transport = Transport(app.conf.broker, app)
        app._consumer_transport = app.transport
        BatchConsumer.seek_partitions = staticmethod(self._assigned)
        BatchConsumer.position_lost = staticmethod(self._position_lost)
        BatchConsumer.turn = self._turn
        commands = app.topic(self._topics.commands, key_serializer="raw", value_serializer="raw")
        app.agent(commands, name=f"{self._group}.decide")(self._take)
        app.on_partitions_revoked.connect(self._revoked)
        app.on_partitions_assigned.connect(self._assigned_nothing)
        app.on_before_shutdown.connect(self._shut_down)
        app.task(self._report)
        return app

    def run(self) -> int:
        """Work until SIGTERM; the process's exit code."""
        uvloop.install()
        collect_seldom()
        port = self._settings.metrics_port
        server, _ = start_http_server(port, self._settings.host)
        self._metrics_port = server.server_port
        asyncio.get_event_loop_policy().set_event_loop(loop := uvloop.new_event_loop())
        loop.run_until_complete(check_topics(self._settings, self._topics))
        worker = _QuietWorker(self.app, loop=loop, redirect_stdouts=False)
        try:
            worker.execute_from_commandline()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
            return self._exit_code or code
        return self._exit_code

    async def _take(self, stream: Any) -> None:
        """The agent: every fetch goes to its partition."""
        async for event in stream.events():
            for fetch in event.message.value:
                if fetch.partition in self._partitions:
                    self._partitions[fetch.partition].offer(fetch)

    def _position_lost(self, number: int) -> None:
        if number in self._partitions:
            self._partitions[number].lost()

    async def _revoked(self, *_: Any, **__: Any) -> None:
        async with self._rebalancing:
            await asyncio.gather(*(one.suspend() for one in self._partitions.values()))

    async def _assigned_nothing(self, _app: Any, assigned: set[TP], **_: Any) -> None:
        """Faust seeks nothing where nothing is assigned; what we had must still be given up."""
        if not assigned:
            await self._assigned()

    async def _assigned(self) -> None:
        """Start what is ours by now, go on where we stayed, give up the rest."""
        async with self._rebalancing:
            consumer, generation = self.app.consumer, self.app.consumer_generation_id
            kept_one = generation == self._generation + 1
            self._generation, self._known_s = generation, time.monotonic()
            ours = {tp.partition for tp in consumer.assignment()}
            gone = [n for n in self._partitions if n not in ours or not kept_one]
            if self._closed is not None:
                await asyncio.shield(self._closed)
            self._closed = asyncio.gather(*(self._partitions.pop(n).close() for n in gone))
            await asyncio.shield(self._closed)  # Faust cancels us when another rebalance comes
            if generation != self.app.consumer_generation_id:
                return  # the next assignment is here already, and starts what is its own
            consumer.pause_partitions(consumer.assignment())
            # after an expulsion an assignment can come without a revocation before it
            await asyncio.gather(*(one.suspend() for one in self._partitions.values()))
            for number in sorted(ours):
                if number not in self._partitions:
                    self._partitions[number] = Partition(number, self._actor, self._around)
                self._partitions[number].start()
            self._watch_expulsion()
            self._write_state()
            log.info("assigned", partitions=sorted(ours), generation=generation, kept=kept_one)
            if not ours:
                remedy = f"is {self._topics.commands} there, and are there more workers than parts?"
                log.warning("no_partitions", remedy=remedy)

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            settings=self._settings,
            topics=self._topics,
            group=self._group,
            directory=self._settings.home / "store" / self._name,
            memory=Memory(),
            readers=Readers(self._settings.kafka),
            prove=self._prove,
            seek=lambda number, offset: self.app.consumer.go_to(self._tp(number), offset),
            flow=self._flow,
            tick=self._tick,
            turn=self._turn,
        )

    def _tp(self, number: int) -> TP:
        return TP(self._topics.commands, number)

    def _flow(self, number: int, on: bool) -> None:
        consumer, tp = self.app.consumer, self._tp(number)
        if on and tp in consumer.assignment():
            consumer.resume_partitions({tp})
        else:
            consumer.pause_partitions({tp})

    async def _prove(self, number: int) -> None:
        """An OffsetCommit with the present generation: a zombie's fails, and it may not fence."""
        try:
            await self.app.consumer.commit_position(self._tp(number), None)
        except KafkaError as error:
            raise Unowned(f"the group does not say that {number} is ours: {error!r}") from error

    async def _tick(self, number: int) -> None:
        """Append a tick; one that fails is missed by nobody, the next second brings another."""
        try:
            async with asyncio.timeout(TICK_S), self._ticking:
                if self._ticker is None:
                    ticker = AIOKafkaProducer(bootstrap_servers=self._settings.kafka, acks="all")
                    await ticker.start()
                    self._ticker = ticker
                await self._ticker.send(self._topics.commands, TICK, partition=number)
        except (KafkaError, TimeoutError) as error:
            log.warning("tick_failed", partition=number, error=repr(error))
            ticker, self._ticker = self._ticker, None  # the next one asks where Kafka is
            if ticker is not None:
                await stop(ticker)

    def _watch_expulsion(self) -> None:
        """Count how often the group forgets us; each answer of one such time comes here too."""
        coordinator = self.app.consumer.kafka._coordinator
        if getattr(coordinator, "watched", False):
            return
        coordinator.watched = True
        forget, beat = coordinator.reset_generation, coordinator._do_heartbeat

        async def heartbeat() -> bool:
            if good := await beat():
                self._known_s = time.monotonic()
            return bool(good)

        def reset_generation() -> None:
            known = coordinator.generation >= 0
            forget()
            if known and not self.app.should_stop:
                self._expelled(time.monotonic() - self._known_s)

        coordinator.reset_generation, coordinator._do_heartbeat = reset_generation, heartbeat

    def _expelled(self, silent_s: float) -> None:
        """Forgotten `silent_s` after the group last knew us; past the session that is no wonder.

        Within it somebody else has joined with our identity, and would throw us out for ever.
        """
        if silent_s > SESSION_S:
            log.warning("session_expired", identity=self.identity, silent_s=round(silent_s, 1))
            return
        now = time.monotonic()
        self._expulsions = [at for at in self._expulsions if now - at < EXPULSION_S] + [now]
        log.warning("expelled", identity=self.identity, times=len(self._expulsions))
        if len(self._expulsions) >= EXPULSIONS_MAX:
            log.error(
                "expelled_again",
                identity=self.identity,
                remedy="another process uses this identity: give this worker a home of its own",
            )
            self._exit_code = EXIT_STAY_DOWN
            os.kill(os.getpid(), signal.SIGTERM)

    async def _report(self) -> None:
        """Lag, sizes and group offsets, once a second: for people and tools, never for us."""
        while not self.app.should_stop:
            await asyncio.sleep(REPORT_S)
            for number, partition in list(self._partitions.items()):
                with contextlib.suppress(Exception):
                    await self._report_one(number, partition)
            self._write_state()

    async def _report_one(self, number: int, partition: Partition) -> None:
        if partition.state is not State.SERVING:
            return
        label, consumer = str(number), self.app.consumer
        lag = consumer.behind(self._tp(number)) + partition.undecided
        telemetry.LAG_RECORDS.labels(label).set(lag)
        if not lag:
            telemetry.LAG_SECONDS.labels(label).set(0)
        telemetry.STORE_BYTES.labels(label).set(partition.store_bytes())
        if not self.app.rebalancing:
            await consumer.commit_position(self._tp(number), partition.next_offset)

    def _write_state(self) -> None:
        path = self._settings.home / "run" / f"{self._name}.json"
        states = {str(number): one.state for number, one in sorted(self._partitions.items())}
        text = json.dumps(
            {
                "id": self.identity,
                "pid": os.getpid(),
                "partitions": sorted(self._partitions),
                "states": states,
                "errors": {n: p.error for n, p in self._partitions.items() if p.error},
                "metrics_port": self._metrics_port,
                "compiled": native.is_active(),
            }
        )
        if text != self._state_written:
            self._state_written = text
            fresh = path.with_suffix(".fresh")
            fresh.write_text(text)
            fresh.replace(path)

    async def _shut_down(self, _app: Any, **_: Any) -> None:
        async with self._rebalancing:
            await asyncio.gather(*(one.close() for one in self._partitions.values()))
            self._partitions.clear()
        if self._ticker is not None:
            await self._ticker.stop()


class _NoTables(faust.tables.TableManager):
    """Faust's, without the second that it sleeps for tables that register late."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


class _QuietWorker(faust.Worker):
    """Faust's worker without its banner, spinner and logging: logs are ours."""

    def _setup_logging(self) -> None:
        self.spinner = None

    async def on_startup_finished(self) -> None:
        log.info("worker_started", compiled=native.is_active())
