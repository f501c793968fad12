"""Locations over HTTP, with real workers: stock is put away, packed, moved and read."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from api.locations_examples import COMMAND_EXAMPLES
from schemas.domains import LOCATIONS, STOCK
from schemas.locations import ContainerView, LocationView, PlacesView, RootsView
from tests.api.domains import SKU, WAREHOUSE, command, history, of_stock, recorded, seen, sent
from tests.api.processes import Api, Installation

PROCESSES = ("worker", "locations", "policies", "sink")
PATH = "/v1/locations/commands"
BIN, OTHER = "A/1", "A/2"  # names have a slash: they stand encoded in a path
PLACES = f"/v1/locations/places/{WAREHOUSE}/{quote(SKU, safe='')}"


@pytest.fixture(scope="module")
def domains() -> tuple[str, ...]:
    """What the module's tenant has."""
    return (STOCK, LOCATIONS)


@pytest.fixture(scope="module", autouse=True)
def processes(stock: Installation) -> Iterator[None]:
    """What decides, what carries on, and what keeps the history."""
    with stock.at_work(PROCESSES):
        yield


def _lines(quantity: int, **where: str) -> list[dict[str, Any]]:
    return [{"sku": SKU, **where, "quantity": quantity}]


@pytest.fixture(scope="module")
def moved(api: Api) -> dict[str, str]:
    """Ten come in: six into a bin, four of those into a tote that goes to another bin."""
    sent(api, PATH, command("CreateLocation", 1, location="A", kind="zone"))
    for number, name in enumerate((BIN, OTHER), 2):
        sent(api, PATH, command("CreateLocation", number, location=name, parent="A", kind="bin"))
    received = sent(api, "/v1/commands", of_stock("ReceiveStock", 1, 10))
    assert recorded(api, LOCATIONS, received["id"])["type"] == "SiteChangeRecorded"
    steps = (
        command("PutAway", 1, lines=_lines(6, location=BIN)),
        command("OpenContainer", 1, container="tote", location=BIN),
        command("PackContainer", 1, container="tote", lines=_lines(4)),
        command("MoveContainer", 1, container="tote", to_location=OTHER),
    )
    return seen([sent(api, PATH, step) for step in steps][-1])


def test_a_sku_is_where_it_was_put(api: Api, moved: dict[str, str]) -> None:
    view = PlacesView.model_validate_json(api.get(PLACES, headers=moved).content)
    assert (view.unplaced, view.placed) == (4, 6)
    found = {one.location: (one.quantity, one.packed) for one in view.places}
    assert found == {BIN: (2, 0), OTHER: (4, 4)}


def test_the_tree_is_shown_from_its_roots_down(api: Api, moved: dict[str, str]) -> None:
    tree = f"/v1/locations/tree/{WAREHOUSE}"
    roots = RootsView.model_validate_json(api.get(tree, headers=moved).content)
    assert roots.children == ["A"]
    zone = LocationView.model_validate_json(api.get(f"{tree}/A", headers=moved).content)
    assert (set(zone.children), zone.units, zone.lines) == ({BIN, OTHER}, 6, [])
    answer = api.get(f"{tree}/{quote(OTHER, safe='')}", headers=moved)
    place = LocationView.model_validate_json(answer.content)
    assert [step.location for step in place.path] == ["A"]
    assert (place.units, place.containers) == (4, ["tote"])


def test_a_container_is_shown_with_what_is_in_it(api: Api, moved: dict[str, str]) -> None:
    answer = api.get(f"/v1/locations/containers/{WAREHOUSE}/tote", headers=moved)
    view = ContainerView.model_validate_json(answer.content)
    assert (view.location, view.into) == (OTHER, None)
    assert [(line.sku, line.quantity) for line in view.lines] == [(SKU, 4)]


def test_the_history_tells_where_it_was(api: Api, moved: dict[str, str]) -> None:
    kinds = [event["type"] for event in history(api, LOCATIONS, 4)]
    assert kinds == ["SiteChangeRecorded", "UnitsPutAway", "ContainerPacked", "ContainerMoved"]


def _container_history(api: Api, name: str, after: dict[str, str]) -> list[str]:
    query = {"warehouse": WAREHOUSE, "container": name}
    answer = api.get("/v1/locations/movements", params=query, headers=after)
    assert answer.status_code == 200, answer.text
    return [event["type"] for event in answer.json()["events"]]


def test_the_history_of_a_container_tells_where_it_was_though_nothing_was_in_it(
    api: Api, moved: dict[str, str]
) -> None:
    steps = (
        command("OpenContainer", 2, container="pallet", location=BIN),
        command("OpenContainer", 3, container="empty", location=BIN),
        command("NestContainer", 2, container="empty", into="pallet"),
        command("MoveContainer", 2, container="pallet", to_location=OTHER),
        command("NestContainer", 3, container="empty"),
        command("CloseContainer", 2, container="empty"),
    )
    last = seen([sent(api, PATH, step) for step in steps][-1])

    apart = ["ContainerOpened", "ContainerNested", "ContainerMoved", "ContainerNested"]
    assert _container_history(api, "empty", last) == [*apart, "ContainerClosed"]
    assert _container_history(api, "pallet", last) == apart
    tote = ["ContainerOpened", "ContainerPacked", "ContainerMoved"]
    assert _container_history(api, "tote", last) == tote
    assert _container_history(api, SKU, last) == []


@pytest.mark.parametrize("named", [{}, {"sku": SKU, "container": "tote"}, {"container": "\x01"}])
def test_a_history_is_of_a_sku_or_of_a_container(api: Api, named: dict[str, str]) -> None:
    answer = api.get("/v1/locations/movements", params={"warehouse": WAREHOUSE} | named)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")
    assert answer.json()["errors"][0]["path"] == "query.container"


def test_a_refusal_says_why(api: Api, moved: dict[str, str]) -> None:
    wrong = command("PutAway", 9, lines=_lines(5, location=BIN))
    answer = api.post(f"{PATH}?wait=30", json=wrong)
    assert answer.status_code == 409, answer.text
    assert answer.json()["code"] == "INSUFFICIENT_UNITS"


def test_a_place_in_use_is_not_deleted(api: Api, moved: dict[str, str]) -> None:
    answer = api.post(f"{PATH}?wait=30", json=command("DeleteLocation", 1, location=OTHER))
    assert (answer.status_code, answer.json()["code"]) == (409, "LOCATION_IN_USE")


def test_what_only_events_bring_about_is_no_command_here(api: Api) -> None:
    answer = api.post(PATH, json=command("RecordSiteChange", 1))
    assert answer.json()["errors"] == [{"path": "type", "problem": "is no command"}]


@pytest.mark.parametrize("path", ["places/LON-1/no", "tree/LON-1/no", "containers/LON-1/no"])
def test_what_is_not_there_is_not_found(api: Api, moved: dict[str, str], path: str) -> None:
    assert api.get(f"/v1/locations/{path}").status_code == 404


def test_every_documented_command_is_taken(api: Api) -> None:
    for example in COMMAND_EXAMPLES.values():
        assert api.post(PATH, json=example["value"]).status_code == 202
