"""Command lines as people and scripts get them wrong, and environments that do."""

from collections.abc import Callable
from typing import NamedTuple

from tests.corpus.case import Seat, Told
from tests.corpus.commands import receive, text

USAGE, NO_VERDICT, FAILED = 2, 2, 1
FILE = "{file}"  # stands for the case's file
FOLDER = "{folder}"  # stands for the folder it is in


class Line(NamedTuple):
    """Arguments, what is told, and the environment and file they are given with."""

    arguments: tuple[str, ...]
    told: Told
    environment: tuple[tuple[str, str], ...] = ()
    file: bytes = b""
    suffix: str = ".jsonl"


MakeLine = Callable[[Seat], Line]
COMMANDS = ("up", "status", "down", "demo", "load", "books", "audit", "bench", "test")
NOT_COMMANDS = (
    "", " ", "Load", "LOAD", "load ", "loda", "--", "-", "..", "../load", "cli.load", "__main__",
    "load\n", "[red]load[/]", "[/]", "\x1b[2J", "; id", "$(id)", "`id`", "%s%n", "{0}", "'", '"',
    "\u202eload", "l\u043ead", "\U0001f4e6", "x" * 10_000, "--version", "-V", "--verbose", "-rf",
    "*",
)  # fmt: skip
OPTIONS = (
    "--no-such",
    "-x",
    "--jsn",
    "--json=1",
    "--workers",
    "--\u00e4",
    "---",
    "--[/]",
    "-\x1b[2J",
)
WORKERS = ("0", "-1", "65", "x", "1.5", "", "1e1", "0x2", "\u00b2", "1_0x", "2,3", "[/]", "9" * 400)
BENCHES = ("", "Speed", "../speed", "speed ", "[/]", "x" * 1_000, "\x1b[2J", "sp\u0435ed")
SETTINGS = (
    ("STOCKYARD_PARTITIONS", "x"), ("STOCKYARD_PARTITIONS", "0"), ("STOCKYARD_PARTITIONS", "-1"),
    ("STOCKYARD_PARTITIONS", "1.5"), ("STOCKYARD_PARTITIONS", ""), ("STOCKYARD_REPLICATION", "x"),
    ("STOCKYARD_IDEMPOTENCY_WINDOW_S", "0"), ("STOCKYARD_COMMIT_INTERVAL_MS", "-1"),
    ("STOCKYARD_METRICS_PORT", "http"),
)  # fmt: skip
ADDRESSES = ("127.0.0.1:1", "127.0.0.1:x", "", ":", "127.0.0.1:99999", "[::1", "a:b:c", ",", " ")


def _usage(*arguments: str, word: str = "") -> Line:
    return Line(arguments, Told(USAGE, (word,) if word else ()))


def _not_a_command(seat: Seat) -> Line:
    name = NOT_COMMANDS[seat.turn % len(NOT_COMMANDS)]
    return _usage(name, *seat.rng.choice(((), ("x",), ("--help",))), word="no command")


def _option(seat: Seat) -> Line:
    command = COMMANDS[seat.turn % len(COMMANDS)]
    option = seat.rng.choice([one for one in OPTIONS if (command, one) != ("up", "--workers")])
    if option == "--json=1" and command == "bench":  # it takes a file there
        option = "-x"
    more = ("verify",) if command == "audit" else ()
    return _usage(command, *more, option)


def _too_many(seat: Seat) -> Line:
    command = seat.rng.choice(("up", "status", "down", "demo", "books", "bench"))
    return _usage(command, "speed", "extra", "[/]")


def _workers(seat: Seat) -> Line:
    value = WORKERS[seat.turn % len(WORKERS)]
    return _usage("up", "--workers", value, word="--workers")


def _bench(seat: Seat) -> Line:
    return _usage("bench", BENCHES[seat.turn % len(BENCHES)], word="no benchmark")


def _audit(seat: Seat) -> Line:
    return _usage("audit", seat.rng.choice(("nope", "", "verify ", "VERIFY", "[/]", "../x")))


def _no_file(seat: Seat) -> Line:
    names = (
        "no-such.jsonl", "", "/nowhere/x.csv", FOLDER, "x" * 300 + ".csv", "\x1b[2J.csv", "[/].csv",
        "[bold]x.jsonl", "\u202egsj.csv", "~/none.jsonl", "https://e/x.jsonl", "-", "a\nb.csv",
    )  # fmt: skip
    return _usage("load", names[seat.turn % len(names)])


def _kind_of_file(seat: Seat) -> Line:
    suffixes = ("", ".json", ".txt", ".xlsx", ".csv.gz", ".jsonl.bak", ".[b]", ".parquet~")
    suffix = suffixes[seat.turn % len(suffixes)]
    return Line(("load", FILE, "--dry-run"), Told(USAGE, ("is needed",)), (), b"x", suffix)


def _rejects(seat: Seat) -> Line:
    places = (FILE, FOLDER, FOLDER + "/none/x.jsonl", "", "/nowhere/x")
    place = places[seat.turn % len(places)]
    line = text(receive(seat)) + b"\n"
    return Line(
        ("load", FILE, "--dry-run", "--rejects", place), Told(USAGE, ("--rejects",)), (), line
    )


def _setting(seat: Seat) -> Line:
    name, value = SETTINGS[seat.turn % len(SETTINGS)]
    line = text(receive(seat)) + b"\n"
    environment = ((name, value), ("STOCKYARD_KAFKA", "127.0.0.1:1"))
    return Line(("load", FILE), Told(USAGE, (name,)), environment, line)


def _address(seat: Seat) -> Line:
    value = ADDRESSES[seat.turn % len(ADDRESSES)]
    line = text(receive(seat)) + b"\n"
    word = "Kafka at" if value == ADDRESSES[0] else "STOCKYARD_KAFKA="
    return Line(("load", FILE), Told(USAGE, (word,)), (("STOCKYARD_KAFKA", value),), line)


def _not_up(seat: Seat) -> Line:
    line = text(receive(seat)) + b"\n"
    choices = (
        (("load", FILE), FAILED),
        (("books",), NO_VERDICT),
        (("books", "--json"), NO_VERDICT),
        (("audit", "verify"), NO_VERDICT),
        (("audit", "verify", "--json"), NO_VERDICT),
        (("down",), 0),
        (("status",), 0),
        (("status", "--json"), 0),
        (("load", FILE, "--dry-run"), 0),
    )
    arguments, code = choices[seat.turn % len(choices)]
    return Line(arguments, Told(code, ("stockyard up",) if code else ()), (), line)


TABLE: dict[str, MakeLine] = {
    "no such command": _not_a_command,
    "no such option": _option,
    "too many arguments": _too_many,
    "how many workers": _workers,
    "no such benchmark": _bench,
    "audit of what": _audit,
    "no such file": _no_file,
    "a file of another kind": _kind_of_file,
    "a place for the refused lines": _rejects,
    "a setting outside its rule": _setting,
    "an address of no Kafka": _address,
    "nothing is up": _not_up,
}
