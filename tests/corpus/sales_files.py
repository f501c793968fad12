"""Sales files: one line or one file of each kind that a spreadsheet, a mailer or a foe makes."""

import gzip
import io
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from tests.corpus.case import Seat, Told

COLUMNS = [
    "Invoice",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "Price",
    "CustomerID",
    "Country",
]
GOOD = dict(
    zip(
        COLUMNS,
        ("489434", "85048", "GLASS BALL", "12", "2009-12-01 07:45:00", "6.95", "13085", "EIRE"),
        strict=True,
    )
)
HEADER = ",".join(COLUMNS)
USAGE = 2  # exit code of a file that cannot be loaded at all


class File(NamedTuple):
    """A file's bytes and what loading it tells."""

    value: bytes
    told: Told
    suffix: str = ".csv"


MakeFile = Callable[[Seat], File]
GOODS = ("POST", "DOT", "M", "d", "S", "B", "C2", "PADS", "CRUK", "bank charges", "AMAZONFEE",
         "ADJUST", "ADJUST2", "gift_0001_10", "TEST001", " POST ")  # fmt: skip
SPOILED: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "Quantity": (
        (("", "x", "1.0", "1e3", "1_0", "\u0967", "0x1", "--1", "1 0", "=1+1", "NaN", "1;2", "+",
          "\u221212", "1/2", "null"), "malformed"),
        (("0", "-0", "1000000000001", "999999999999999999"), "odd_quantity"),
        (("-1", "-12", "-1000000000001"), "negative_sale"),
    ),
    "InvoiceDate": (
        (("", "now", "12/1/2009 7:45", "2009-13-01 07:45:00", "2009-02-29 07:45:00", "07:45:00",
          "2009-12-01 24:00:01", "2009-12-01 07:60:00", "0000-01-01 00:00:00", "40148.3",
          "10000-01-01 00:00:00", "2009-12-01T07:45:00+99:00", "1259653500", "2009-12-01 07:45:60",
          "0001-01-01 00:00:00+01:00", "9999-12-31 23:59:59-01:00", "=NOW()"), "malformed"),
    ),
    "Price": (
        (("", "x", "nan", "inf", "-inf", "1e999", "1_0", "2.55 GBP", "\u00a32", "1.2.3", "=1",
          "0x1p3", "1/2", "--1"), "malformed"),
        (("-1", "-0.01", "-11062.06"), "negative_price"),
    ),
    "StockCode": (
        (GOODS, "no_goods"),
        (("", " ", "x" * 65, "A\x00B", "A\x07", "A\x1bB", "A\x7f", "A\x85B", "\U0001f4e6" * 65),
         "odd_code"),
    ),
    "Invoice": (
        (("", "A563185", "12x", "C", "x1", "1.0", "-1", "CC1", "1C", "=1", "\u0661", "1" * 21),
         "odd_invoice"),
        (("C489449", "c489449"), "positive_cancellation"),
    ),
    "Description": ((("", " ", "\t", "\u00a0"), "no_description"),),
    "Country": (
        (("", "Unspecified", "UNSPECIFIED", "\u65e5\u672c", "---", "x" * 65, "\U0001f1ee"),
         "no_warehouse"),
    ),
}  # fmt: skip
ODD_BUT_GOOD: dict[str, tuple[str, ...]] = {
    "Quantity": ("+12", "1000000000000", "1"),
    "InvoiceDate": ("2009-12-01T07:45:00Z", "2009-12-01 07:45", "2009-12-01T07:45:00+01:00",
                    "1969-12-31 00:00:00", "0999-12-31 23:59:59", "2009-12-01 07:45:00.5"),
    "Price": ("0", "0.0", "1e3", "-0"),
    "StockCode": ("=1+1", "+A", "@SUM", "-1", "'; DROP TABLE audit.log; --", "../../x", "a/b",
                  "[bold]x[/]", "<script>", "85048a", " 85048 ", "\u00c4", "\U0001f4e6" * 64,
                  "%00"),
    "Description": ("=cmd|' /C calc'!A0", "<script>alert(1)</script>", "[/]", "\x1b[2J", "\u202ex",
                    "a,b", 'a"b', "a\nb", "a\r\nb", "{{7*7}}", "\ufeff"),
    "CustomerID": ("", "x", "13085.0", "=1", "'--"),
    "Country": ("<b>EIRE</b>", "../EIRE", "E\u0301ire", "EIRE'; --", "eire"),
}  # fmt: skip


def csv_line(**changed: str) -> str:
    """A line, each field quoted where that is needed."""
    fields = (GOOD | changed).values()
    quoted = (
        '"' + one.replace('"', '""') + '"' if set(one) & set(',"\r\n') else one for one in fields
    )
    return ",".join(quoted)


def csv_file(*lines: str, header: str = HEADER, end: str = "\n", code: str = "utf-8") -> bytes:
    """A file of these lines between two good ones of other invoices."""
    around = [csv_line(Invoice="1"), *lines, csv_line(Invoice="2")]
    return (end.join([header, *around]) + end).encode(code)


def told(reason: str = "", word: str = "", commands: int = 2) -> Told:
    """What is told of a file with at most one bad line."""
    refused = ((reason, word),) if reason else ()
    return Told(1 if reason == "malformed" else 0, (), commands, refused)


def unusable(*words: str) -> Told:
    """What is told of a file that is none of ours."""
    return Told(USAGE, words)


def _spoiled(seat: Seat, field: str) -> File:
    choices = [(value, reason) for values, reason in SPOILED[field] for value in values]
    value, reason = choices[seat.turn % len(choices)]
    return File(csv_file(csv_line(**{field: value})), told(reason))


def _no_price(seat: Seat) -> File:
    return File(csv_file(csv_line(Price=seat.rng.choice(("0", "-0", "0.00")), CustomerID="")),
                told("no_price"))  # fmt: skip


def _odd_but_good(seat: Seat, field: str) -> File:
    values = ODD_BUT_GOOD[field]
    return File(csv_file(csv_line(**{field: values[seat.turn % len(values)]})), told(commands=3))


def _fields(seat: Seat) -> File:
    line = seat.rng.choice(
        ("1", "1,2", ",", "," * 8, "," * 6, csv_line() + ",x", "x" * 1_000, "=1+1")
    )
    return File(csv_file(line), told("malformed", "fields"))


def _quotes(seat: Seat) -> File:
    line = seat.rng.choice((f'"a"b,{csv_line()}', f'"a" ,{csv_line()}', f'"a\'"x,{csv_line()}'))
    return File(csv_file(line), told("malformed", "CSV"))


def _open_quote(seat: Seat) -> File:
    """A quote that is never closed takes the rest of the file with it."""
    return File(csv_file(csv_line().replace("GLASS", '"GLASS')), told("malformed", "CSV", 1))


def _ends(seat: Seat) -> File:
    end = seat.rng.choice(("\r\n", "\r", "\n\n", "\n", "\r\n\r\n"))
    return File(csv_file(csv_line(), end=end), told(commands=3))


def _header(seat: Seat) -> File:
    odd = (
        "", "a,b", HEADER.replace(",", ";"), HEADER.replace(",", "\t"), HEADER.lower(),
        HEADER.replace("Price", "Cost"), HEADER + ",Price", HEADER.replace("Country", "Invoice"),
        csv_line(), '"' + HEADER + '"', HEADER.replace("Invoice,", "=Invoice,"), "[/],x",
    )  # fmt: skip
    header = odd[seat.turn % len(odd)]
    return File(csv_file(csv_line(), header=header), unusable("column"))


def _encoded(seat: Seat) -> File:
    if seat.turn % 3 == 0:
        return File(csv_file(csv_line(), code="utf-8-sig"), told(commands=3))
    if seat.turn % 3 == 1:
        return File(csv_file(csv_line(), code="utf-16"), unusable("UTF-8"))
    code = seat.rng.choice(("latin-1", "cp1252"))
    return File(csv_file(csv_line(Description="CAF\u00c9"), code=code), unusable("UTF-8", "line 3"))


def _no_csv(seat: Seat) -> File:
    values = (
        b"",
        b"PAR1",
        gzip.compress(csv_file(csv_line()), mtime=0),
        b"\x00" * 100,
        b"\xff" * 9,
    )
    value = values[seat.turn % len(values)]
    return File(value, unusable())


CSV: dict[str, MakeFile] = {
    **{f"CSV: {field}": partial(_spoiled, field=field) for field in SPOILED},
    **{f"CSV: odd {field}": partial(_odd_but_good, field=field) for field in ODD_BUT_GOOD},
    "CSV: neither price nor customer": _no_price,
    "CSV: another number of fields": _fields,
    "CSV: text behind a quote": _quotes,
    "CSV: a quote never closed": _open_quote,
    "CSV: ends of lines": _ends,
    "CSV: columns": _header,
    "CSV: encoding": _encoded,
    "CSV: no CSV": _no_csv,
}

TYPES: dict[str, tuple[pa.DataType, Any]] = {
    "Invoice": (pa.string(), "489434"),
    "StockCode": (pa.string(), "85048"),
    "Description": (pa.string(), "GLASS BALL"),
    "Quantity": (pa.int64(), 12),
    "InvoiceDate": (pa.timestamp("us"), datetime(2009, 12, 1, 7, 45)),  # noqa: DTZ001
    "Price": (pa.float64(), 6.95),
    "CustomerID": (pa.int64(), 13085),
    "Country": (pa.string(), "EIRE"),
}
WRONG_TYPES: tuple[tuple[str, Any, Any], ...] = (
    ("Quantity", pa.float64(), 12.0),
    ("Quantity", pa.string(), "12"),
    ("Quantity", pa.bool_(), True),
    ("InvoiceDate", pa.string(), "2009-12-01 07:45:00"),
    ("InvoiceDate", pa.date32(), datetime(2009, 12, 1).date()),  # noqa: DTZ001
    ("InvoiceDate", pa.int64(), 1259653500),
    ("Price", pa.string(), "6.95"),
    ("Price", pa.bool_(), True),
    ("Invoice", pa.int64(), 489434),
    ("StockCode", pa.binary(), b"\xff\xfe"),
    ("Description", pa.list_(pa.string()), ["x"]),
    ("Country", pa.struct([("a", pa.string())]), {"a": "x"}),
)
SPOILED_ROWS: tuple[tuple[str, Any, Any, str], ...] = (
    ("Quantity", pa.int64(), None, "malformed"),
    ("Quantity", pa.int64(), 0, "odd_quantity"),
    ("Quantity", pa.uint64(), 2**64 - 1, "odd_quantity"),
    ("Quantity", pa.int64(), -5, "negative_sale"),
    ("Quantity", pa.int64(), -(2**63), "negative_sale"),
    ("InvoiceDate", pa.timestamp("us"), None, "malformed"),
    ("InvoiceDate", pa.timestamp("s"), 10**12, "malformed"),
    ("InvoiceDate", pa.timestamp("s"), -(10**12), "malformed"),
    ("InvoiceDate", pa.timestamp("us"), 2**62, "malformed"),
    ("Price", pa.float64(), None, "malformed"),
    ("Price", pa.float64(), float("nan"), "malformed"),
    ("Price", pa.float64(), float("inf"), "malformed"),
    ("Price", pa.float64(), -1.0, "negative_price"),
    ("StockCode", pa.string(), None, "odd_code"),
    ("StockCode", pa.string(), "POST", "no_goods"),
    ("StockCode", pa.string(), "A\x00", "odd_code"),
    ("Invoice", pa.string(), None, "odd_invoice"),
    ("Description", pa.string(), None, "no_description"),
    ("Country", pa.string(), None, "no_warehouse"),
)


def parquet(**changed: tuple[Any, Any]) -> bytes:
    """A file of one row between two good ones, a column of another type or value."""
    columns = {}
    for name, (kind, value) in TYPES.items():
        own_kind, own = changed.get(name, (kind, value))
        values = (
            [own if name in changed and own is None else value] * 3
            if own_kind == kind
            else [own] * 3
        )
        values[1] = own
        if name == "Invoice" and own_kind == kind:
            values = ["1", own, "2"]
        columns[name] = pa.array(values, own_kind)
    return written(pa.table(columns))


def written(table: Any, **options: Any) -> bytes:
    """A table's bytes as Parquet."""
    into = io.BytesIO()
    pq.write_table(table, into, **options)
    return into.getvalue()


def _wrong_type(seat: Seat) -> File:
    name, kind, value = WRONG_TYPES[seat.turn % len(WRONG_TYPES)]
    return File(parquet(**{name: (kind, value)}), unusable("column", "type"), ".parquet")


def _spoiled_row(seat: Seat) -> File:
    name, kind, value, reason = SPOILED_ROWS[seat.turn % len(SPOILED_ROWS)]
    same = kind == TYPES[name][0]
    count = 1 if same and value is not None else 3
    commands = 2 if count == 1 else 0
    label = Told(1 if reason == "malformed" else 0, (), commands, ((reason, ""),) * count)
    return File(parquet(**{name: (kind, value)}), label, ".parquet")


def _no_parquet(seat: Seat) -> File:
    good = parquet()
    values = (
        b"", b"PAR1", b"PAR1PAR1", good[:-4], good[: len(good) // 2], good[4:],
        csv_file(csv_line()),
        good[:-8] + b"\xff\xff\xff\x7fPAR1", good[:-8] + b"\x00\x00\x00\x00PAR1", b"\x00" * 64,
    )  # fmt: skip
    return File(values[seat.turn % len(values)], unusable("Parquet"), ".parquet")


def _odd_parquet(seat: Seat) -> File:
    code = seat.rng.choice(("snappy", "gzip", "zstd", "none"))
    unit = seat.rng.choice(("s", "ms", "ns"))
    table = pa.table({n: pa.array([v], k) for n, (k, v) in TYPES.items()})
    at = table.schema.get_field_index("InvoiceDate")
    table = table.set_column(
        at, "InvoiceDate", table["InvoiceDate"].cast(pa.timestamp(unit, "UTC"))
    )
    rows = seat.rng.choice((0, 1))
    return File(written(table.slice(0, rows), compression=code), told(commands=rows), ".parquet")


PARQUET: dict[str, MakeFile] = {
    "Parquet: a column of another type": _wrong_type,
    "Parquet: a row": _spoiled_row,
    "Parquet: no Parquet": _no_parquet,
    "Parquet: odd but good": _odd_parquet,
}
