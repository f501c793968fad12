"""Sales lines as they stand in the real year, and variations of one that ships."""

from datetime import UTC, datetime

from cli.sales import SalesLine

MORNING = datetime(2009, 12, 1, 7, 45, tzinfo=UTC)
SHIPPED = SalesLine(
    1,
    "489434",
    "85048",
    "15CM CHRISTMAS GLASS BALL 20 LIGHTS",
    12,
    MORNING,
    6.95,
    "13085",
    "United Kingdom",
)


def line(number: int = 1, **changed: object) -> SalesLine:
    """The first line of the real file, changed."""
    return SHIPPED._replace(number=number, **changed)  # type: ignore[arg-type]
