"""Disks that fill up, under a worker's store, PostgreSQL or a broker, and then have space again."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from tests.chaos import audit_rows
from tests.chaos.cluster import BROKERS
from tests.chaos.isolation import NotPossible, mount_small, step
from tests.chaos.processes import Process
from tests.chaos.run import START_S, Hit, Run

STORE_BYTES = 48 << 20
ROOM_BYTES = 64 << 20  # beside what is there
FULL_S = (6.0, 15.0)
MET_S = 120.0
DRAINED_S = 120.0
NO_SPACE = "No space left on device"


def store_filled(run: Run) -> Hit:
    """A worker's store lies on a small disk of its own, which fills up."""
    name = run.owner_of_some()
    store = run.made.home / "store" / name
    with run.gone(name):
        run.parts[name].kill()
        mount_small(store, STORE_BYTES)
    try:
        run.resumed()
        with _full(store):
            run.pause(run.rng.uniform(*FULL_S))
        resumed_s = run.resumed()
    finally:
        with run.gone(name):
            run.parts[name].kill()
            step("umount", str(store))
    return Hit(name, resumed_s)


def postgres_filled(run: Run) -> Hit:
    """Stock does not wait for it, and the audit log has all when there is space again."""
    made, part, dsn = run.made, run.parts["postgres"], run.made.dsn("reader")
    with _small_disk(run, part, made.home / "postgres" / "cluster", part.stop) as place:
        run.until("PostgreSQL", START_S, lambda: _audited(dsn) >= 0)
        before, audited = part.told(NO_SPACE), _audited(dsn)
        with _full(place):
            run.until("PostgreSQL without space", MET_S, lambda: part.told(NO_SPACE) > before)
            audited = max(audited, _audited(dsn))
            resumed_s = run.resumed()
            run.pause(run.rng.uniform(*FULL_S))
        met = part.told(NO_SPACE) - before
        run.until("the audit log to go on", DRAINED_S, lambda: _audited(dsn) > audited)
    return Hit(f"«{NO_SPACE}» {met} times", resumed_s)


def _audited(dsn: str) -> int:
    try:
        return audit_rows.count(dsn)
    except (OSError, asyncpg.PostgresError):
        return -1  # it starts


def broker_filled(run: Run) -> Hit:
    """It ends, again at each start, until there is space; the two others go on."""
    name = f"kafka-{run.rng.choice(BROKERS)}"
    part = run.parts[name]
    with _small_disk(run, part, run.made.home / name / "log", part.kill) as place:
        run.whole()
        before = _ends(run, name)
        with _full(place):
            run.until(f"{name} to end", MET_S, lambda: _ends(run, name) > before)
            resumed_s = run.resumed()
            run.pause(run.rng.uniform(*FULL_S))
        ends = _ends(run, name) - before
        run.whole()
    return Hit(f"{name}, ended {ends} times", resumed_s)


def _ends(run: Run, name: str) -> int:
    return sum(count for how, count in run.ended.items() if how.startswith(f"{name} "))


@contextmanager
def _small_disk(run: Run, part: Process, place: Path, down: Callable[[], object]) -> Iterator[Path]:
    """A part's directory lies on a small disk meanwhile, with all that is in it."""
    disk = run.made.home / "disk"
    disk.mkdir(exist_ok=True)
    with run.gone(part.name):
        down()
        mount_small(disk, _used(place) + ROOM_BYTES)
        step("cp", "-a", f"{place}/.", str(disk))
        step("mount", "--move", str(disk), str(place))
    try:
        yield place
    finally:
        with run.gone(part.name):
            down()
            step("mount", "--move", str(place), str(disk))
            shutil.rmtree(place)
            step("cp", "-a", str(disk), str(place))
            step("umount", str(disk))


def _used(place: Path) -> int:
    return sum(path.lstat().st_blocks * 512 for path in place.rglob("*"))


@contextmanager
def _full(place: Path) -> Iterator[None]:
    """No space there in this block."""
    ballast = place / "ballast"
    try:
        _fill(ballast)
        yield
    finally:
        ballast.unlink(missing_ok=True)


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            file.writelines(bytes(4096) for _ in range((STORE_BYTES + ROOM_BYTES) >> 11))
        except OSError:
            return  # it is full
    raise NotPossible("a disk that does not fill up")
