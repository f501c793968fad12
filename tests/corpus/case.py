"""A case of the corpus: what goes in, by which way, and the answer that the contract gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Literal, NamedTuple

Channel = Literal["kafka", "api", "file", "arguments"]
Kind = Literal["done", "rejected", "invalid", "unaddressed", "unreadable", "too large", "nothing"]
Headers = tuple[tuple[str | bytes, bytes | None], ...]

ANYWHERE = "*"  # the path of a fault that has no name fit to be written
WAREHOUSE_OWNS = -1  # the partition of the warehouse, as Kafka's default hash has it


class Verdict(NamedTuple):
    """What a command's bytes come to, whichever way they came."""

    kind: Kind
    what: str = ""  # event type, rejection code, path of the field, or a word of the error
    details: Mapping[str, Any] | None = None  # of a rejection, where the contract names them


def done(event: str) -> Verdict:
    """It has its effect, told by an event of this type."""
    return Verdict("done", event)


def rejected(code: str, **details: Any) -> Verdict:
    """It is decided against."""
    return Verdict("rejected", code, details or None)


def invalid(path: str) -> Verdict:
    """Its id and warehouse are good, the field at this path is not."""
    return Verdict("invalid", path)


def unaddressed(field_name: str) -> Verdict:
    """Nobody can be answered: `id` or `warehouse` is missing or outside its rule."""
    return Verdict("unaddressed", field_name)


def unreadable(word: str = "JSON") -> Verdict:
    """It is no JSON object in UTF-8; the error says so with this word."""
    return Verdict("unreadable", word)


TOO_LARGE = Verdict("too large", "bytes")
NOTHING = Verdict("nothing")  # a tick, or a repeat: no event and no effect


class Body(NamedTuple):
    """A command as bytes, or what pretends to be one; and texts that must be shown as they are."""

    value: bytes
    verdict: Verdict
    shown: tuple[tuple[str, str], ...] = ()  # (field of the outcome, text)


class Step(NamedTuple):
    """One record of a case, in its order; its key, headers and partition where they matter."""

    value: bytes | None
    verdict: Verdict
    shown: tuple[tuple[str, str], ...] = ()
    key: bytes | None = b"warehouse"  # this word stands for the warehouse's name
    headers: Headers = ()
    partition: int = WAREHOUSE_OWNS  # else so many partitions further
    packed: str = ""  # compression of the batch
    padding: int = 0  # blanks behind the value; a bomb is not held in memory until it is sent


class Stored(NamedTuple):
    """A row as it must stand in the end."""

    sku: str
    on_hand: int
    reserved: int = 0


class Answer(NamedTuple):
    """What HTTP answers: a status, and the event's type or the problem's code."""

    status: int
    what: str = ""
    path: str = ""  # of the problem's first flaw
    details: Mapping[str, Any] | None = None  # of a rejection


class Request(NamedTuple):
    """One request of HTTP, byte for byte, and its answer."""

    value: bytes
    answer: Answer
    shown: tuple[tuple[str, str], ...] = ()


class Told(NamedTuple):
    """What the command line answers: exit code, words in its output, counts of a load."""

    exit_code: int
    words: tuple[str, ...] = ()
    commands: int = 0  # that would be sent
    refused: tuple[tuple[str, str], ...] = ()  # (reason, a word of the problem), by line


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled input."""

    id: str  # family and number; its warehouse and the ids of its commands are called so
    name: str  # its class
    channel: Channel
    steps: tuple[Step, ...] = ()  # of kafka
    requests: tuple[Request, ...] = ()  # of the API
    rows: tuple[Stored, ...] | None = None  # of its warehouse in the end, where the case says them
    file: bytes = b""
    suffix: str = ".jsonl"
    arguments: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    told: Told | None = None

    @property
    def family(self) -> str:
        """The part of the corpus that it belongs to."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Seat:
    """What a case is made from: an id of its own, and chance by its seed."""

    rng: Random
    id: str
    turn: int  # another one for each case of a class

    @property
    def warehouse(self) -> str:
        """A warehouse of its own."""
        return self.id


Make = Callable[[Seat], Body]
