"""Faults of a worker's store: damaged or old when it starts again."""

import shutil

from tests.chaos import damage
from tests.chaos.run import START_S, Hit, Run

OLD_S = 6.0  # by how much a store that is put back is older


def damaged(run: Run) -> Hit:
    name, how = run.owner_of_some(), run.rng.choice(damage.DAMAGES)
    place = run.made.home / "store" / name
    run.until(f"a store of {name}", START_S, lambda: bool(damage.stores(place)))
    with run.gone(name):
        run.parts[name].kill()
        found = damage.stores(place)
        for store in found:
            how(run.rng, store)
    return Hit(f"{name}, {len(found)} stores: {how.__name__}")


def put_back(run: Run) -> Hit:
    name = run.owner_of_some()
    store, old = run.made.home / "store" / name, run.made.home / "old"
    with run.gone(name):
        run.parts[name].kill()
        shutil.copytree(store, old)
    run.resumed()
    run.pause(OLD_S)
    with run.gone(name):
        run.parts[name].kill()
        shutil.rmtree(store)
        old.rename(store)
    return Hit(name)
