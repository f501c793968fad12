"""Keeps out of a worker what its libraries import and it never uses: nearly half of its imports."""

import gc
import sys
from types import ModuleType

GARBAGE_MIN = 50_000  # objects, some batches of them; nearly none of them is in a cycle
# structlog's console and Faust's YAML codec: both libraries do without
OPTIONAL = ("rich", "yaml")
# what Faust takes from a module for parts that are off here: its web server, whose client reads the
# system's certificates, and its search for agents, which looks at the file of every module
NAMED = {"aiohttp.client": ("ClientSession",), "venusian": ("Scanner", "attach")}


class _Unused:
    """A class that stands in types only, or a function whose result nobody looks at."""

    def __init__(self, *_: object, **__: object) -> None:
        pass


def spare() -> None:
    """Import less from now on; call it before any library is imported.

    It stops the cycle collector too, until `collect_seldom`: what is imported is no garbage.
    """
    gc.disable()
    early = [name for name in (*OPTIONAL, *NAMED) if name in sys.modules]
    assert not early, f"{early} were imported before: some would have them, some not"
    for name in OPTIONAL:
        sys.modules[name] = None  # type: ignore[assignment]  # as Python marks what is missing
    for name, wanted in NAMED.items():
        sys.modules[name] = module = ModuleType(name)
        vars(module).update(dict.fromkeys(wanted, _Unused))


def collect_seldom() -> None:
    """Spare the cycle collector what lives on, and most of what a batch makes and drops."""
    gc.freeze()
    gc.set_threshold(GARBAGE_MIN, 20, 100)
    gc.enable()
