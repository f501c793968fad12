"""CSV and Parquet files: the same lines from both, bad lines refused, foreign files explained."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.exceptions import LoadError
from cli.sales import Reason, Refusal, SalesLine
from cli.tabular import COLUMNS, read_sales
from tests.load.lines import SHIPPED

HEADER = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,CustomerID,Country\n"
GOOD = (
    "489434,85048,15CM CHRISTMAS GLASS BALL 20 LIGHTS,12,2009-12-01 07:45:00,6.95,13085,"
    "United Kingdom\n"
)

Write = Callable[..., Path]


@pytest.fixture
def csv(tmp_path: Path) -> Write:
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "sales.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def parquet(path: Path, **columns: object) -> Path:
    """One row like the first real one, with columns replaced; None leaves one out."""
    values: dict[str, object] = {
        "Invoice": ["489434"],
        "StockCode": ["85048"],
        "Description": ["15CM CHRISTMAS GLASS BALL 20 LIGHTS"],
        "Quantity": [12],
        "InvoiceDate": [datetime(2009, 12, 1, 7, 45)],  # noqa: DTZ001 - as the real file has it
        "Price": [6.95],
        "CustomerID": [13085],
        "Country": ["United Kingdom"],
    }
    values |= columns
    pq.write_table(pa.table({k: v for k, v in values.items() if v is not None}), path)
    return path


def problem_of(path: Path) -> str:
    (refusal,) = read_sales(path)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.MALFORMED
    return refusal.problem


def test_a_line_of_csv_is_read(csv: Write) -> None:
    assert list(read_sales(csv(HEADER + GOOD))) == [SHIPPED._replace(number=2)]


def test_a_row_of_parquet_is_read(tmp_path: Path) -> None:
    assert list(read_sales(parquet(tmp_path / "sales.parquet"))) == [SHIPPED]


def test_columns_stand_in_any_order_among_others(csv: Write) -> None:
    text = (
        "row,Country,Customer ID,Price,InvoiceDate,Quantity,Description,StockCode,Invoice\n"
        "0,EIRE,13085.0,2.1,2009-12-01T08:45:00+01:00,+48,,22041,489435\n"
    )
    at = datetime(2009, 12, 1, 7, 45, tzinfo=UTC)
    line = SalesLine(2, "489435", "22041", "", 48, at, 2.1, "13085.0", "EIRE")
    assert list(read_sales(csv(text))) == [line]


def test_a_byte_order_mark_and_windows_lines_do_no_harm(csv: Write) -> None:
    text = (HEADER + GOOD).replace("\n", "\r\n")
    assert list(read_sales(csv(text, "utf-8-sig"))) == [SHIPPED._replace(number=2)]


def test_a_quoted_field_may_have_commas_quotes_and_lines(csv: Write) -> None:
    quoted = GOOD.replace("15CM CHRISTMAS GLASS BALL 20 LIGHTS", '"RECORD FRAME 7"",\nSINGLE"')
    first, second = read_sales(csv(HEADER + quoted + GOOD))
    assert isinstance(first, SalesLine)
    assert first.description == 'RECORD FRAME 7",\nSINGLE'
    assert (first.number, second.number) == (2, 4)


def test_blank_lines_are_passed_over(csv: Write) -> None:
    assert [line.number for line in read_sales(csv(HEADER + "\n" + GOOD + "\n"))] == [3]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (",12,", ",12.0,", "Quantity '12.0' is no integer"),
        (",12,", ",,", "Quantity '' is no integer"),
        (",12,", ",1_2,", "Quantity '1_2' is no integer"),
        (",12,", ",१२,", "Quantity '१२' is no integer"),
        ("2009-12-01 07:45:00", "12/1/2009 7:45", "is no date and time like 2010-12-01 08:26:00"),
        ("2009-12-01 07:45:00", "", "InvoiceDate '' is no date"),
        ("6.95", "6.95 GBP", "Price '6.95 GBP' is no number like 2.55"),
        ("6.95", "nan", "Price 'nan' is no number"),
        ("6.95", "1_0", "Price '1_0' is no number"),
        (",13085,", ",", "7 fields, not 8"),
        (",6.95,", ",6,95,", "9 fields, not 8"),
    ],
)
def test_a_malformed_line_is_refused_alone(csv: Write, old: str, new: str, problem: str) -> None:
    refusal, good = read_sales(csv(HEADER + GOOD.replace(old, new) + GOOD))
    assert isinstance(refusal, Refusal)
    assert (refusal.number, refusal.reason) == (2, Reason.MALFORMED)
    assert problem in refusal.problem
    assert good == SHIPPED._replace(number=3)


def test_a_quote_that_is_never_closed_is_refused(csv: Write) -> None:
    path = csv(HEADER + GOOD.replace(",15CM", ',"15CM'))
    assert problem_of(path).startswith("no CSV: ")


@pytest.mark.parametrize("header", ['"Invoice,StockCode', '"Invoice"x,StockCode', "x" * 200_000])
def test_a_first_line_that_is_no_csv_is_explained(csv: Write, header: str) -> None:
    with pytest.raises(LoadError, match="first line, with the columns, is no CSV: "):
        list(read_sales(csv(f"{header}\n{GOOD}")))


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(csv: Write, tmp_path: Path, column: str) -> None:
    header = ",".join("Other" if name == column else name for name in COLUMNS)
    with pytest.raises(LoadError, match=f"column {column} is missing"):
        list(read_sales(csv(f"{header}\n{GOOD}")))
    with pytest.raises(LoadError, match=f"column {column} is missing"):
        list(read_sales(parquet(tmp_path / "sales.parquet", **{column: None})))


def test_a_column_that_is_there_twice_is_named(csv: Write) -> None:
    with pytest.raises(LoadError, match="column CustomerID is missing or there twice"):
        list(read_sales(csv(HEADER.replace("Country", "Country,Customer ID") + GOOD)))


def test_other_separators_are_explained(csv: Write) -> None:
    with pytest.raises(LoadError, match=r"'Invoice;StockCode;.*separated by commas"):
        list(read_sales(csv((HEADER + GOOD).replace(",", ";"))))


def test_an_empty_file_has_no_columns(csv: Write) -> None:
    with pytest.raises(LoadError, match="column Invoice, StockCode"):
        list(read_sales(csv("")))


@pytest.mark.parametrize("encoding", ["windows-1252", "latin-1"])
def test_another_encoding_is_named_by_line_and_byte(csv: Write, encoding: str) -> None:
    path = csv(HEADER + GOOD + GOOD.replace("GLASS", "GIFT VOUCHER £20"), encoding)
    with pytest.raises(LoadError, match=r"line 3 is not UTF-8 \(byte 0xa3\).*iconv"):
        list(read_sales(path))


def test_utf16_is_no_utf8(csv: Write) -> None:
    with pytest.raises(LoadError, match=r"line 1 is not UTF-8 \(byte 0xff\)"):
        list(read_sales(csv(HEADER + GOOD, "utf-16")))


def test_parquet_in_name_only_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    path.write_text(HEADER + GOOD)
    with pytest.raises(LoadError, match="cannot be read as Parquet"):
        list(read_sales(path))


def test_a_truncated_parquet_file_is_explained(tmp_path: Path) -> None:
    path = parquet(tmp_path / "sales.parquet")
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(LoadError, match="cannot be read as Parquet"):
        list(read_sales(path))


def test_a_parquet_file_with_text_that_is_none_is_explained(tmp_path: Path) -> None:
    windows = pa.array(["CHÂLET".encode("windows-1252")]).view(pa.string())
    with pytest.raises(LoadError, match=r"text that is not UTF-8 .*0xc2"):
        list(read_sales(parquet(tmp_path / "sales.parquet", Description=windows)))


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [
        ("Quantity", [12.0], "double"),
        ("Quantity", ["12"], "string"),
        ("InvoiceDate", ["2009-12-01 07:45:00"], "string"),
        ("Price", ["6.95"], "string"),
        ("Invoice", [489434], "int64"),
    ],
)
def test_a_column_of_another_type_is_named(
    tmp_path: Path, column: str, values: list[object], kind: str
) -> None:
    path = parquet(tmp_path / "sales.parquet", **{column: values})
    with pytest.raises(LoadError, match=f"column {column} is of type {kind}"):
        list(read_sales(path))


@pytest.mark.parametrize("column", ["Quantity", "InvoiceDate", "Price"])
def test_a_row_without_what_counts_is_refused(tmp_path: Path, column: str) -> None:
    kinds = {"Quantity": pa.int64(), "InvoiceDate": pa.timestamp("us"), "Price": pa.float64()}
    nothing = pa.array([None], kinds[column])
    path = parquet(tmp_path / "sales.parquet", **{column: nothing})
    assert problem_of(path) == "Quantity, InvoiceDate or Price is missing or out of range"


@pytest.mark.parametrize(("unit", "count"), [("s", 10**12), ("s", -(10**12)), ("us", 2**62)])
def test_a_time_of_a_year_that_no_calendar_has_is_refused(
    tmp_path: Path, unit: str, count: int
) -> None:
    path = parquet(tmp_path / "sales.parquet", InvoiceDate=pa.array([count], pa.timestamp(unit)))
    assert problem_of(path).endswith("out of range")


def test_times_and_prices_of_other_types_are_read(tmp_path: Path) -> None:
    zone = timezone(timedelta(hours=2))
    at = pa.array([datetime(2009, 12, 1, 9, 45, tzinfo=zone)], pa.timestamp("ns", "Europe/Riga"))
    price = pa.array([Decimal("6.95")], pa.decimal128(9, 2))
    path = parquet(tmp_path / "sales.parquet", InvoiceDate=at, Price=price)
    assert list(read_sales(path)) == [SHIPPED]
