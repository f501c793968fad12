"""The language of finance: its commands, events and views. The definition."""

from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Field

from schemas.envelope import Language, Position
from schemas.fields import Amount, Currency, Label, Period, Sku, Warehouse, Worth
from schemas.finance_commands import COMMANDS
from schemas.finance_events import EVENTS
from schemas.finance_lines import JournalLine, Method


class LayerView(Language):
    """What is left of a receipt."""

    receipt: Label
    quantity: int
    value: Amount
    reference: Label | None = None


class ValuedView(Language):
    """What a SKU is worth in a warehouse, without its layers. True at `position`."""

    warehouse: Warehouse
    sku: Sku
    method: Method
    currency: Currency | None
    quantity: int
    value: Worth
    position: Position


class ValuationView(ValuedView):
    """The same with its layers, oldest first; none where the method has none."""

    layers: list[LayerView]


class PeriodView(Language):
    """What a month booked, by account and currency: it sums to zero in each."""

    period: Period
    sums: list[JournalLine]


class PeriodsView(Language):
    """The months of a warehouse that are still kept. True at `position`."""

    warehouse: Warehouse
    closed_to: Period | None
    periods: list[PeriodView]
    position: Position


if TYPE_CHECKING:
    FinanceCommand = Any
    FinanceEvent = Any
else:
    FinanceCommand = Annotated[Union[COMMANDS], Field(discriminator="type")]  # noqa: UP007
    FinanceEvent = Annotated[Union[EVENTS], Field(discriminator="type")]  # noqa: UP007
