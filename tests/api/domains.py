"""What the tests of all domains beside stock ask of the API."""

import time
from typing import Any

from tests.api.processes import Api

PATIENCE_S = 40.0
WAREHOUSE, SKU = "LON-1", "A/B"


def of_stock(kind: str, number: int, quantity: int) -> dict[str, Any]:
    """A command of one line."""
    lines = [{"sku": SKU, "quantity": quantity}]
    return {"type": kind, "id": f"{kind}-{number}", "warehouse": WAREHOUSE, "lines": lines}


def command(kind: str, number: int, /, **fields: Any) -> dict[str, Any]:
    """A command of any domain."""
    return {"type": kind, "id": f"{kind}-{number}", "warehouse": WAREHOUSE} | fields


def sent(api: Api, path: str, one: dict[str, Any]) -> dict[str, Any]:
    """The outcome of a command that is accepted."""
    answer = api.post(f"{path}?wait=30", json=one)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def recorded(api: Api, domain: str, event: str) -> dict[str, Any]:
    """What a domain made of an event of stock, once it was told."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        answer = api.get(f"/v1/{domain}/commands/{WAREHOUSE}/{event}")
        if answer.status_code == 200:
            told: dict[str, Any] = answer.json()
            return told
        assert answer.status_code in (202, 404), answer.text
        time.sleep(0.1)
    raise AssertionError(f"{domain} was not told of {event}")


def history(api: Api, domain: str, count: int) -> list[dict[str, Any]]:
    """The events that touched the SKU, once there are so many."""
    deadline = time.monotonic() + PATIENCE_S
    path = f"/v1/{domain}/movements?warehouse={WAREHOUSE}&sku={SKU}"
    while len(events := api.get(path).json()["events"]) < count and time.monotonic() < deadline:
        time.sleep(0.1)
    found: list[dict[str, Any]] = events
    return found


def seen(told: dict[str, Any]) -> dict[str, str]:
    """The header that asks for reads after an event."""
    return {"X-Min-Position": f"{told['partition']}:{told['seq']}"}
