"""Events of other systems that mean something to us, in CloudEvents 1.0. The definition.

Unlike commands they may carry fields that nobody here knows: an order has prices too.
"""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple, Union

from pydantic import AfterValidator, Field

from schemas.accounts import Account
from schemas.catalog_lines import CatalogName, ShelfLifeDays, Title, Tracking
from schemas.domains import CATALOG, ORDERS, STOCK
from schemas.envelope import Language
from schemas.fields import (
    LINES_MAX,
    QUANTITY_MAX,
    Channel,
    Label,
    Priority,
    Quantity,
    Sku,
    StockLevel,
    Warehouse,
)
from schemas.instants import utc_instant
from schemas.locations_lines import Name, TemperatureClass
from schemas.lots_lines import Days
from schemas.orders_lines import (
    ATTEMPTS,
    HOLD_S,
    ORDER_LINES_MAX,
    SOURCES_MAX,
    AttemptsMax,
    HoldSeconds,
    OrderId,
    Strategy,
)

_ELSEWHERE = re.compile(r"(.{10})[Tt](.{8})(\.[0-9]+)?([+-][0-9]{2}:[0-9]{2})", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_JSON = re.compile(r"[a-z]+/(?:[^;\s]+\+)?json\s*(?:;.*)?", re.IGNORECASE | re.DOTALL)


def in_utc(text: str) -> str:
    """An RFC 3339 instant of any offset, as one in UTC; else ValueError."""
    told = _ELSEWHERE.fullmatch(text)
    if told is None:
        return utc_instant(text)
    day, clock, fraction, offset = told.groups()
    utc_instant(f"{day}T{clock}Z")  # a day and a time as they are written, and nothing else
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("has an offset that leads to no instant") from None
    return f"{moment.replace(tzinfo=None).isoformat()}{fraction or ''}Z"


def _attribute(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("has a control character")
    return text


def _of_json(text: str) -> str:
    if _JSON.fullmatch(text) is None:
        raise ValueError("is no JSON, such as application/json")
    return text


Attribute = Annotated[str, Field(min_length=1), AfterValidator(_attribute)]
AnyInstant = Annotated[
    str,
    Field(max_length=128, json_schema_extra={"format": "date-time"}, description="RFC 3339"),
    AfterValidator(in_utc),
]
Units = Annotated[int, Field(ge=0, le=QUANTITY_MAX)]


class CloudEvent(Language):
    """What happened in another system. `source` and `id` together name it for ever."""

    specversion: Literal["1.0"]
    id: Attribute
    source: Attribute
    subject: Attribute | None = None
    time: AnyInstant | None = None
    datacontenttype: Annotated[str, AfterValidator(_of_json)] | None = None
    correlationid: Attribute | None = None


class WantedLine(Language):
    """So many base units of a SKU are wanted, or have come."""

    sku: Sku
    quantity: Quantity


class WantedSource(Language):
    """A warehouse from which an order may be served."""

    warehouse: Warehouse
    priority: Priority = 0
    distance: StockLevel | None = None
    cost: StockLevel | None = None


class WantedOrder(Language):
    """What somebody ordered, and where it may come from."""

    order: OrderId
    lines: Annotated[list[WantedLine], Field(min_length=1, max_length=ORDER_LINES_MAX)]
    sources: Annotated[list[WantedSource], Field(min_length=1, max_length=SOURCES_MAX)]
    strategy: Strategy = "priority"
    backorder: bool = False
    attempts_max: AttemptsMax = ATTEMPTS
    hold_s: HoldSeconds = HOLD_S
    channel: Channel | None = None
    priority: Priority = 0
    promised: AnyInstant | None = None
    shelf_life_days: Days = 0


class UnwantedOrder(Language):
    """An order that nobody wants any more."""

    order: OrderId
    reason: Label | None = None


class KnownProduct(Language):
    """What a shop sells by one SKU, all that is known of it from now on."""

    catalog: CatalogName
    sku: Sku
    title: Title | None = None
    product: Name | None = None
    item_type: Name | None = None
    temperature_class: TemperatureClass | None = None
    shelf_life_days: ShelfLifeDays | None = None


class NewProduct(KnownProduct):
    """The same, with what stays for ever."""

    base_unit: Name
    tracking: Tracking = "none"


class GoneProduct(Language):
    """A SKU that is sold no more."""

    catalog: CatalogName
    sku: Sku


class OrderedLine(Language):
    """So many of a SKU are to come, and when."""

    sku: Sku
    quantity: Quantity
    due: AnyInstant


class ChangedLine(Language):
    """So many of a SKU are still to come, and when, by somebody who knew how many it were."""

    sku: Sku
    quantity: Units
    due: AnyInstant
    expected: Units


class CancelledLine(Language):
    """Nothing of a SKU is to come any more, by somebody who knew how many it were."""

    sku: Sku
    expected: Units


class PurchaseOrder(Language):
    """What was ordered, and for which warehouse."""

    purchase_order: Label
    warehouse: Warehouse


class PlacedPurchase(PurchaseOrder):
    """It is new."""

    lines: Annotated[list[OrderedLine], Field(min_length=1, max_length=LINES_MAX)]


class ChangedPurchase(PurchaseOrder):
    """Another day, more, or fewer; a SKU that no line names stays as it is."""

    lines: Annotated[list[ChangedLine], Field(min_length=1, max_length=LINES_MAX)]


class CancelledPurchase(PurchaseOrder):
    """Nothing of these comes any more."""

    lines: Annotated[list[CancelledLine], Field(min_length=1, max_length=LINES_MAX)]


class ReceivedPurchase(PurchaseOrder):
    """What has arrived, all or a part; for sale, unless it says where it went."""

    lines: Annotated[list[WantedLine], Field(min_length=1, max_length=LINES_MAX)]
    to_account: Account = "sellable"


class InboundOrderPlaced(CloudEvent):
    """An order was placed in a shop: it is to be served."""

    type: Literal["order.placed"]
    data: WantedOrder


class InboundOrderCancelled(CloudEvent):
    """An order was cancelled in a shop: what has not left is given back."""

    type: Literal["order.cancelled"]
    data: UnwantedOrder


class InboundProductCreated(CloudEvent):
    """A shop has a new product: there is an item of this SKU."""

    type: Literal["product.created"]
    data: NewProduct


class InboundProductUpdated(CloudEvent):
    """A product is another: all of this instead of all that was known of the item."""

    type: Literal["product.updated"]
    data: KnownProduct


class InboundProductDiscontinued(CloudEvent):
    """A product is sold no more: the item is retired."""

    type: Literal["product.discontinued"]
    data: GoneProduct


class InboundPurchaseOrderPlaced(CloudEvent):
    """Something was ordered from a supplier: it is to come."""

    type: Literal["purchase_order.placed"]
    data: PlacedPurchase


class InboundPurchaseOrderChanged(CloudEvent):
    """What was ordered comes on another day, or is more, or fewer."""

    type: Literal["purchase_order.changed"]
    data: ChangedPurchase


class InboundPurchaseOrderCancelled(CloudEvent):
    """What was ordered does not come."""

    type: Literal["purchase_order.cancelled"]
    data: CancelledPurchase


class InboundPurchaseOrderReceived(CloudEvent):
    """What was ordered has come."""

    type: Literal["purchase_order.received"]
    data: ReceivedPurchase


class Inbound(NamedTuple):
    """A topic that other systems write to: whose commands its events become, and the events."""

    name: str
    domain: str
    models: tuple[type[CloudEvent], ...]


INBOUND: Final = (
    Inbound("inbound.orders.v1", ORDERS, (InboundOrderPlaced, InboundOrderCancelled)),
    Inbound(
        "inbound.products.v1",
        CATALOG,
        (InboundProductCreated, InboundProductUpdated, InboundProductDiscontinued),
    ),
    Inbound(
        "inbound.purchasing.v1",
        STOCK,
        (
            InboundPurchaseOrderPlaced,
            InboundPurchaseOrderChanged,
            InboundPurchaseOrderCancelled,
            InboundPurchaseOrderReceived,
        ),
    ),
)
INBOUND_DEAD_LETTERS: Final = "inbound.dead-letters.v1"


def inbound_of(domains: tuple[str, ...]) -> tuple[Inbound, ...]:
    """The topics whose events become commands of a domain at work."""
    return tuple(one for one in INBOUND if one.domain in domains)


if TYPE_CHECKING:
    InboundOrder = InboundProduct = InboundPurchase = Any
else:
    _KIND = Field(discriminator="type")
    InboundOrder, InboundProduct, InboundPurchase = (
        Annotated[Union[one.models], _KIND]  # noqa: UP007 (a tuple)
        for one in INBOUND
    )
