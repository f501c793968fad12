"""Reads sales files, CSV or Parquet, a line at a time: typed, or refused as malformed."""

import csv
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cli.exceptions import LoadError
from cli.sales import Reason, Refusal, SalesLine

COLUMNS = (
    "Invoice",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "Price",
    "CustomerID",
    "Country",
)
ALSO_CALLED = {"Customer ID": "CustomerID"}  # as the spreadsheet of the same data set has it
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
ROWS_PER_BATCH = 8_192  # a few MiB of Python objects at a time
EPOCH, MICROSECONDS = datetime(1970, 1, 1, tzinfo=UTC), 1_000_000
FIELD_CHARACTERS_MAX = 131_072  # a field longer than this is a quote that was never closed


def read_sales(path: Path) -> Iterator[SalesLine | Refusal]:
    """Every line of a sales file in order. Raises LoadError where the file as a whole is wrong."""
    return _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_csv(path)


def _positions(path: Path, names: list[str]) -> list[int]:
    """Where each of COLUMNS stands among a file's columns."""
    known = [ALSO_CALLED.get(name.strip(), name.strip()) for name in names]
    missing = [column for column in COLUMNS if known.count(column) != 1]
    if missing:
        raise LoadError(
            f"{path}: column {', '.join(missing)} is missing or there twice; the file has "
            f"{', '.join(repr(name) for name in names[:12])}. Sales need the columns "
            f"{', '.join(COLUMNS)}, separated by commas, in any order"
        )
    return [known.index(column) for column in COLUMNS]


def _read_csv(path: Path) -> Iterator[SalesLine | Refusal]:
    csv.field_size_limit(FIELD_CHARACTERS_MAX)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            yield from _records(reader, _positions(path, header), len(header))
    except UnicodeDecodeError:
        raise LoadError(_not_utf8(path)) from None
    except csv.Error as error:  # of another record it is a refusal
        raise LoadError(f"{path}: its first line, with the columns, is no CSV: {error}") from None


def _records(reader: Any, positions: list[int], width: int) -> Iterator[SalesLine | Refusal]:
    while True:
        number = reader.line_num + 1  # where the record begins; a quoted field may span lines
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refusal(number, Reason.MALFORMED, f"no CSV: {error}", "")
            continue
        if record:
            yield _typed(number, record, positions, width)


def _typed(number: int, record: list[str], positions: list[int], width: int) -> SalesLine | Refusal:
    if len(record) != width:
        problem = f"{len(record)} fields, not {width}"
        return Refusal(number, Reason.MALFORMED, problem, ",".join(record))
    invoice, code, description, quantity, at, price, customer, country = (
        record[position] for position in positions
    )
    moment, amount = _moment(at), _amount(price)
    if INTEGER.fullmatch(quantity.strip()) is None:
        problem = f"Quantity {quantity!r} is no integer"
    elif moment is None:
        problem = f"InvoiceDate {at!r} is no date and time like 2010-12-01 08:26:00"
    elif amount is None:
        problem = f"Price {price!r} is no number like 2.55"
    else:
        count = int(quantity)
        return SalesLine(
            number, invoice, code, description, count, moment, amount, customer, country
        )
    return Refusal(number, Reason.MALFORMED, problem, ",".join(record))


def _moment(text: str) -> datetime | None:
    try:
        return _utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        return None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _amount(text: str) -> float | None:
    try:
        amount = float(text)
    except ValueError:
        return None
    return amount if math.isfinite(amount) and "_" not in text else None


def _not_utf8(path: Path) -> str:
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                raw.decode()
            except UnicodeDecodeError as error:
                other = path.with_suffix(".utf8.csv")
                return (
                    f"{path}: line {number} is not UTF-8 (byte 0x{raw[error.start]:02x}). Convert "
                    f"the file, for example: iconv -f WINDOWS-1252 -t UTF-8 {path} > {other}"
                )
    return f"{path} is not UTF-8"


KINDS = {
    "Invoice": (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
    "StockCode": (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
    "Description": (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
    "Country": (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
    "Quantity": (pa.types.is_integer,),
    "InvoiceDate": (pa.types.is_timestamp,),
    "Price": (pa.types.is_floating, pa.types.is_decimal, pa.types.is_integer),
}


PER_S = {"s": 1, "ms": 1_000, "us": MICROSECONDS, "ns": 1_000_000_000}


def _read_parquet(path: Path) -> Iterator[SalesLine | Refusal]:
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            names = [schema.names[position] for position in _positions(path, schema.names)]
            for column, name in zip(COLUMNS, names, strict=True):
                kind = schema.field(name).type
                if column in KINDS and not any(test(kind) for test in KINDS[column]):
                    raise LoadError(f"{path}: column {name} is of type {kind}: convert it")
            number = 0
            for batch in file.iter_batches(ROWS_PER_BATCH, columns=names):
                for row in zip(*(_values(batch.column(name)) for name in names), strict=True):
                    number += 1
                    yield _typed_row(number, row)
    except (pa.ArrowException, OSError) as error:
        raise LoadError(f"{path} cannot be read as Parquet: {error}") from None
    except UnicodeDecodeError as error:
        raise LoadError(f"{path} has text that is not UTF-8 ({error}): write it anew") from None


def _values(column: Any) -> list[Any]:
    if not pa.types.is_timestamp(column.type):
        return list(column.to_pylist())
    per_s = PER_S[column.type.unit]
    return [_instant(count, per_s) for count in column.cast(pa.int64()).to_pylist()]


def _instant(count: int | None, per_s: int) -> datetime | None:
    """So many units since 1970; None where that is nothing, or a year that no calendar has."""
    if count is None:
        return None
    try:
        return EPOCH + timedelta(microseconds=count * MICROSECONDS // per_s)
    except OverflowError:
        return None


def _typed_row(number: int, row: tuple[Any, ...]) -> SalesLine | Refusal:
    invoice, code, description, quantity, at, price, customer, country = row
    if quantity is None or at is None or price is None or not math.isfinite(price):
        problem = "Quantity, InvoiceDate or Price is missing or out of range"
        return Refusal(number, Reason.MALFORMED, problem, str(row))
    return SalesLine(
        number,
        invoice or "",
        code or "",
        description or "",
        quantity,
        _utc(at),
        float(price),
        "" if customer is None else str(customer),
        country or "",
    )
