"""Commands that events bring about: each there once, as it was foretold, and in its order."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping

from tests.chaos.records import Caused, Prediction, Record
from tests.chaos.rules import Unreadable, read

CAUSED_BY = "caused_by"

Difference = tuple[str, str]
"""(sort, text)."""


def cause_of(record: Record) -> str | None:
    """The event that brought a record about; None where a producer did."""
    for name, value in record.headers:
        if name == CAUSED_BY:
            return (value or b"").decode(errors="replace")
    return None


def actual(
    commands: Mapping[int, Iterable[Record]], relayed: Container[tuple[int, int]] = ()
) -> dict[str, list[Record]]:
    """All records that an event brought about, by the event; not what others were `relayed`."""
    found: dict[str, list[Record]] = defaultdict(list)
    for records in commands.values():
        for record in records:
            event = cause_of(record)
            if event is not None and (record.partition, record.offset) not in relayed:
                found[event].append(record)
    return found


def compare(
    predictions: Mapping[int, Prediction], found: Mapping[str, list[Record]]
) -> Iterator[Difference]:
    """What was not foretold, or was and is not there, or otherwise, or twice."""
    foretold = {one.event: one for told in predictions.values() for one in told.caused}
    for event in found.keys() - foretold.keys():
        yield "caused command of no event", f"{event}: {_where(found[event][0])}"
    for event, want in foretold.items():
        records = found.get(event, [])
        if not records:
            yield "caused command missing", f"{event}: {want.fields}"
        elif len(records) > 1:
            yield "caused command doubled", f"{event}: {[_where(one) for one in records]}"
        for record in records:
            problem = wrong(want, record)
            if problem:
                yield "caused command", f"{event}: {problem}"
    yield from _out_of_order(predictions, found)


def wrong(want: Caused, record: Record) -> str:
    """What is wrong with a record; empty where nothing is."""
    if (record.partition, record.key) != (want.target, want.key):
        return f"{_where(record)}, key {record.key!r}; expected {want.target} and {want.key!r}"
    if record.headers != ((CAUSED_BY, want.event.encode()),):
        return f"headers {record.headers}"
    try:
        have = read(record.value)
    except Unreadable as problem:
        return f"unreadable: {problem}"
    if have is None or have.problem:
        return f"no command: {have and have.problem}"
    fields = {name: value for name, value in have.fields.items() if value is not None}
    fields.pop("lines", None)
    if "is_final" in want.fields:
        fields.setdefault("is_final", False)
    if fields != want.fields:
        return f"{fields}, expected {want.fields}"
    if list(have.lines.items()) != list(want.lines.items()):
        return f"lines {have.lines}, expected {want.lines}"
    return ""


def _where(record: Record) -> str:
    return f"partition {record.partition} offset {record.offset}"


def _out_of_order(
    predictions: Mapping[int, Prediction], found: Mapping[str, list[Record]]
) -> Iterator[Difference]:
    """From one partition to another they stand in the order of their events."""
    for partition, told in predictions.items():
        last: dict[int, int] = {}
        for want in told.caused:
            for record in found.get(want.event, [])[:1]:
                before = last.get(record.partition, -1)
                if record.offset < before:
                    text = f"{want.event}, from {partition}: {_where(record)} after {before}"
                    yield "order of caused commands", text
                last[record.partition] = record.offset


def unbalanced(
    predictions: Iterable[Prediction], balances: Iterable[Mapping[str, int]]
) -> Iterator[Difference]:
    """SKUs of which one end received what the other has not let go, or the reverse.

    `balances`: of each SKU, the accounts `transfers` of a partition, summed.
    """
    have: Counter[str] = Counter()
    want: Counter[str] = Counter()
    for units in balances:
        have.update(units)
    for told in predictions:
        want.update(told.unmatched)
    for sku in have.keys() | want.keys():
        if have[sku] != want[sku]:
            yield "books", f"{sku}: the accounts transfers sum to {have[sku]}, not {want[sku]}"
