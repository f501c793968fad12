"""Faults of a worker's store: damaged or old when it starts again, or without space."""

import shutil
from pathlib import Path

from tests.chaos import damage
from tests.chaos.isolation import NotPossible, mount_small, step
from tests.chaos.processes import NotReady
from tests.chaos.run import Run

DISK_BYTES = 48 << 20
DISK_FULL_S = (6.0, 15.0)
OLD_S = 6.0  # by how much a store that is put back is older


def damaged(run: Run) -> tuple[str, float | None]:
    name, how = run.owner_of_some(), run.rng.choice(damage.DAMAGES)
    with run.gone(name):
        run.parts[name].kill()
        found = damage.stores(run.made.home / "store" / name[-1])
        if not found:
            raise NotReady(f"{name} owned partitions but has no store")
        for store in found:
            how(run.rng, store)
    return f"{name}, {len(found)} stores: {how.__name__}", None


def put_back(run: Run) -> tuple[str, float | None]:
    name = run.owner_of_some()
    store, old = run.made.home / "store" / name[-1], run.made.home / "old"
    with run.gone(name):
        run.parts[name].kill()
        shutil.copytree(store, old)
    run.resumed()
    run.pause(OLD_S)
    with run.gone(name):
        run.parts[name].kill()
        shutil.rmtree(store)
        old.rename(store)
    return name, None


def filled(run: Run) -> tuple[str, float | None]:
    """Its directory lies on a small disk of its own, which fills up, and then has space again."""
    name = run.owner_of_some()
    store = run.made.home / "store" / name[-1]
    with run.gone(name):
        run.parts[name].kill()
        mount_small(store, DISK_BYTES)
    ballast = store / "ballast"
    try:
        run.resumed()
        _fill(ballast)
        run.pause(run.rng.uniform(*DISK_FULL_S))
        ballast.unlink()
        resumed_s = run.resumed()
    finally:
        with run.gone(name):
            run.parts[name].kill()
            step("umount", str(store))
    return name, resumed_s


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            file.writelines(bytes(4096) for _ in range(2 * DISK_BYTES >> 12))
        except OSError:
            return  # it is full
    raise NotPossible("a disk that does not fill up")
