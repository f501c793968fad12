"""A sales line becomes a stock movement or is refused with a reason: pure rules, line by line.

The columns are those of Online Retail (UCI 502): Invoice, StockCode, Description, Quantity,
InvoiceDate, Price, CustomerID, Country. The rules and what they do to the real year of sales are
written up in `docs/sales.md`; nothing is guessed, a line that could mean two things is refused.
"""

import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from schemas.fields import QUANTITY_MAX, sku_rule

SKU_CHARACTERS_MAX = 64
WAREHOUSE_CHARACTERS_MAX = 64


class SalesLine(NamedTuple):
    """One line of a sales file, typed but not judged. `at` is in UTC, `price` in its money."""

    number: int  # of the line in a CSV file, of the row in a Parquet file, from 1
    invoice: str
    code: str
    description: str
    quantity: int
    at: datetime
    price: float
    customer: str
    country: str


class Movement(NamedTuple):
    """What one line did to the stock of one SKU: `delta` < 0 left, > 0 came back."""

    number: int
    invoice: str
    warehouse: str
    sku: str
    delta: int
    at: datetime


class Reason(StrEnum):
    """Why a line is refused; in the order in which the rules are asked."""

    MALFORMED = "malformed"
    NO_GOODS = "no_goods"
    ODD_CODE = "odd_code"
    ODD_INVOICE = "odd_invoice"
    NEGATIVE_SALE = "negative_sale"
    POSITIVE_CANCELLATION = "positive_cancellation"
    ODD_QUANTITY = "odd_quantity"
    NO_DESCRIPTION = "no_description"
    NEGATIVE_PRICE = "negative_price"
    NO_PRICE = "no_price"
    NO_WAREHOUSE = "no_warehouse"


class Refusal(NamedTuple):
    """A line that moves no stock or is no command, and why, for a person to read."""

    number: int
    reason: Reason
    problem: str
    original: "SalesLine | str"  # the text of a line whose fields could not be read


INVOICE = re.compile(r"C?[0-9]{1,20}")  # C: a cancellation
CODES_KEPT = 65_536  # a large shop's; some 20 MiB
COUNTRIES_KEPT = 1_024

NO_GOODS = {
    "ADJUST": "an adjustment of money",
    "AMAZONFEE": "a marketplace's fee",
    "B": "a bad debt",
    "BANK CHARGES": "bank charges",
    "C2": "carriage",
    "CRUK": "a charity's commission",
    "D": "a discount",
    "DOT": "postage of the web shop",
    "M": "a manual entry of money",
    "PADS": "a note that cushions come with pads: always 1, not a count",
    "POST": "postage",
    "S": "samples, booked as money",
}
NO_GOODS_SHAPES = (
    (re.compile(r"ADJUST[0-9]+"), NO_GOODS["ADJUST"]),
    (re.compile(r"GIFT_[0-9_]+"), "a gift voucher"),
    (re.compile(r"TEST[0-9]+"), "a test product"),
)
NO_COUNTRY = {"", "UNSPECIFIED"}


@lru_cache(maxsize=CODES_KEPT)
def sku_of(code: str) -> str:
    """The SKU of a stock code: spaces at the ends cut, letters in upper case, NFC.

    The shop typed codes both ways: each of the lower-case codes whose upper-case twin is sold too
    has a description in common with it, so `85123a` is `85123A`.
    """
    return unicodedata.normalize("NFC", code.strip().upper())


@lru_cache(maxsize=COUNTRIES_KEPT)
def warehouse_of(country: str) -> str:
    """The warehouse that serves a country: its name in ASCII capitals, words joined by `-`.

    Empty where the country is missing, unspecified or has no Latin letter.
    """
    plain = unicodedata.normalize("NFKD", country).encode("ascii", "ignore").decode().upper()
    name = re.sub(r"[^A-Z0-9]+", "-", plain).strip("-")
    return "" if name in NO_COUNTRY or len(name) > WAREHOUSE_CHARACTERS_MAX else name


def judge(line: SalesLine) -> Movement | Refusal:
    """The movement that a line is, or the first rule that refuses it."""
    invoice, sku = line.invoice.strip().upper(), sku_of(line.code)
    cancels = invoice.startswith("C")
    refused = (
        _no_article(sku)
        or _odd_invoice(invoice)
        or _odd_count(line.quantity, cancels)
        or _no_sale(line)
    )
    if refused:
        return Refusal(line.number, *refused, line)
    warehouse = warehouse_of(line.country)
    if not warehouse:
        problem = f"country {line.country!r} names no warehouse"
        return Refusal(line.number, Reason.NO_WAREHOUSE, problem, line)
    return Movement(line.number, invoice, warehouse, sku, -line.quantity, line.at)


@lru_cache(maxsize=CODES_KEPT)
def _no_article(sku: str) -> tuple[Reason, str] | None:
    what = NO_GOODS.get(sku)
    if what is None:
        what = next((text for shape, text in NO_GOODS_SHAPES if shape.fullmatch(sku)), None)
    if what is not None:
        return Reason.NO_GOODS, f"{sku} is {what}"
    if not 1 <= len(sku) <= SKU_CHARACTERS_MAX:
        return (
            Reason.ODD_CODE,
            f"stock code of {len(sku)} characters, not 1 to {SKU_CHARACTERS_MAX}",
        )
    try:
        sku_rule(sku)
    except ValueError as error:
        return Reason.ODD_CODE, f"stock code {sku!r} {error}"
    return None


def _odd_invoice(invoice: str) -> tuple[Reason, str] | None:
    if INVOICE.fullmatch(invoice):
        return None
    return (
        Reason.ODD_INVOICE,
        f"invoice {invoice!r} is neither a number (a sale) nor C and a number (a cancellation)",
    )


def _odd_count(quantity: int, cancels: bool) -> tuple[Reason, str] | None:
    if quantity < 0 and not cancels:
        return Reason.NEGATIVE_SALE, f"quantity {quantity} on an invoice that cancels nothing"
    if quantity > 0 and cancels:
        return Reason.POSITIVE_CANCELLATION, f"quantity {quantity} on a cancellation"
    if not 1 <= abs(quantity) <= QUANTITY_MAX:
        return Reason.ODD_QUANTITY, f"quantity {quantity} is not between 1 and {QUANTITY_MAX}"
    return None


def _no_sale(line: SalesLine) -> tuple[Reason, str] | None:
    if not line.description.strip():
        return Reason.NO_DESCRIPTION, "no description: a correction of stock, not a sale"
    if line.price < 0:
        return Reason.NEGATIVE_PRICE, f"price {line.price}: a correction of money"
    if line.price == 0 and not line.customer.strip():
        problem = "neither price nor customer: a correction or a gift, which one cannot be told"
        return Reason.NO_PRICE, problem
    return None
