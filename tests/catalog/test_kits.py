"""Kits: what they come to, that none is in itself, and that each is within its limits."""

from typing import Any

import pytest

from tests.catalog.oracle import decoded
from tests.catalog.registry import Registry, dissolve, item, kit, kit_line, retire
from tests.hosted import Wish

SKUS = ("A", "B", "C", "D", "E", "F")


def stocked(*wishes: Wish) -> Registry:
    """Six items, and these."""
    return Registry().given(item(*SKUS), *wishes)


def comes_to(registry: Registry, sku: str) -> tuple[dict[str, int], int]:
    """What a kit comes to, and its levels."""
    _, units, levels = decoded(registry.rows)[f"K\0main\0{sku}".encode()]
    return units, levels


def test_a_kit_is_defined_changed_and_dissolved() -> None:
    registry = stocked()
    registry.when(kit("A", ("B", 2), ("C", 1))).then(
        "KitDefined", kit_line("A", ("B", 2), ("C", 1)) | {"version": 2}
    )
    registry.when(kit("A", ("C", 1), ("D", 4))).then(
        "KitDefined", kit_line("A", ("C", 1), ("D", 4)) | {"version": 3}
    )
    assert comes_to(registry, "A") == ({"C": 1, "D": 4}, 1)
    registry.when(dissolve("A")).then("KitDissolved", {"sku": "A", "version": 4})
    assert not [key for key in registry.rows if key[:1] in b"KV"]


def test_a_component_named_twice_counts_with_its_sum() -> None:
    registry = stocked()
    registry.when(kit("A", ("B", 2), ("C", 1), ("B", 3))).then(
        "KitDefined", kit_line("A", ("B", 5), ("C", 1)) | {"version": 2}
    )


def test_a_change_below_changes_what_is_above() -> None:
    registry = stocked(kit("A", ("B", 2), ("D", 1)), kit("B", ("C", 3)), kit("F", ("A", 1)))
    assert comes_to(registry, "F") == ({"C": 6, "D": 1}, 3)
    registry.given(kit("B", ("D", 5), ("E", 1)))
    assert comes_to(registry, "F") == ({"D": 11, "E": 2}, 3)
    registry.given(dissolve("B"))
    assert comes_to(registry, "F") == ({"B": 2, "D": 1}, 2)


def test_one_command_defines_kits_of_one_another() -> None:
    wish = kit("A", ("B", 2))
    wish["lines"] += kit("C", ("A", 3))["lines"]
    assert comes_to(stocked(wish), "C") == ({"B": 6}, 2)


@pytest.mark.parametrize(
    ("wish", "component"),
    [
        (kit("A", ("A", 1)), "A"),
        (kit("C", ("D", 1), ("A", 1)), "A"),
        (kit("C", ("B", 1)), "B"),
        (kit("B", ("D", 1), ("B", 1)), "B"),
    ],
)
def test_a_kit_in_itself_is_refused(wish: Wish, component: str) -> None:
    registry = stocked(kit("A", ("B", 1)), kit("B", ("C", 1)))
    registry.when(wish).then_rejected("KIT_CYCLE", sku=wish["lines"][0]["sku"], component=component)


def test_a_cycle_within_one_command_is_refused_whole() -> None:
    wish = kit("A", ("B", 1))
    wish["lines"] += kit("B", ("A", 1))["lines"]
    stocked().when(wish).then_rejected("KIT_CYCLE", sku="B", component="A")


@pytest.mark.parametrize(
    ("wish", "code", "sku"),
    [
        (kit("N", ("A", 1)), "ITEM_NOT_FOUND", "N"),
        (kit("A", ("N", 1)), "ITEM_NOT_FOUND", "N"),
        (kit("A", ("B", 1), ("E", 1)), "ITEM_RETIRED", "E"),
        (kit("E", ("B", 1)), "ITEM_RETIRED", "E"),
        (dissolve("N"), "ITEM_NOT_FOUND", "N"),
        (dissolve("E"), "ITEM_RETIRED", "E"),
        (dissolve("A"), "KIT_NOT_FOUND", "A"),
    ],
)
def test_what_is_not_there_or_retired_is_in_no_new_kit(wish: Wish, code: str, sku: str) -> None:
    stocked(retire("E")).when(wish).then_rejected(code, sku=sku)


def test_a_retired_item_stays_in_the_kits_that_it_is_in() -> None:
    registry = stocked(kit("A", ("B", 2)), retire("B"), kit("C", ("A", 2)))
    assert comes_to(registry, "C") == ({"B": 4}, 2)
    registry.when(kit("A", ("B", 3))).then_rejected("ITEM_RETIRED", sku="B")


def too_large(sku: str, field: str, value: int, limit: int) -> dict[str, Any]:
    """The details of that rejection."""
    return {"sku": sku, "field": field, "value": value, "limit": limit}


def test_kits_are_eight_deep_whatever_end_they_grow_at() -> None:
    names = [f"L{n}" for n in range(10)]
    registry = Registry().given(item(*names))
    registry.given(*(kit(names[n + 1], (names[n], 1)) for n in range(8)))
    assert comes_to(registry, "L8") == ({"L0": 1}, 8)
    registry.when(kit("L9", ("L8", 1))).then_rejected(
        "KIT_TOO_LARGE", **too_large("L9", "levels", 9, 8)
    )
    registry.when(kit("L0", ("L9", 1))).then_rejected(
        "KIT_TOO_LARGE", **too_large("L8", "levels", 9, 8)
    )


def test_a_kit_comes_to_so_many_skus_and_so_many_of_each() -> None:
    parts = [f"P{n}" for n in range(201)]
    registry = Registry().given(item(*parts, "K1", "K2", "K3", "K4"))
    registry.given(
        kit("K1", *((one, 1) for one in parts[:100])),
        kit("K2", *((one, 1) for one in parts[100:200])),
        kit("K3", ("K1", 1), ("K2", 10**12)),
    )
    registry.when(kit("K4", ("K3", 1), ("P200", 1))).then_rejected(
        "KIT_TOO_LARGE", **too_large("K4", "skus", 201, 200)
    )
    registry.when(kit("K4", ("K3", 2))).then_rejected(
        "KIT_TOO_LARGE", **too_large("K4", "quantity", 2 * 10**12, 10**12)
    )
    registry.when(kit("K2", ("P100", 1), ("P200", 2))).then_rejected(
        "KIT_TOO_LARGE", **too_large("K3", "quantity", 2 * 10**12, 10**12)
    )
    registry.given(kit("K4", ("K3", 1)))


def test_a_kit_that_is_dissolved_is_a_sku_more() -> None:
    parts = [f"P{n}" for n in range(200)]
    registry = Registry().given(item(*parts, "K1", "K2", "K3", "X"))
    registry.given(
        kit("X", ("P0", 1)),
        kit("K1", *((one, 1) for one in parts[:100])),
        kit("K2", *((one, 1) for one in parts[100:])),
        kit("K3", ("K1", 1), ("K2", 1), ("X", 1)),
    )
    registry.when(dissolve("X")).then_rejected("KIT_TOO_LARGE", **too_large("K3", "skus", 201, 200))


def test_a_kit_in_many_others_does_not_change() -> None:
    kits = [f"K{n}" for n in range(501)]
    registry = stocked().given(item(*kits), kit("A", ("B", 1)))
    registry.given(*(kit(one, ("A", 1), ("C", 1)) for one in kits[:50]))
    registry.given(kit("A", ("B", 2)))
    assert comes_to(registry, "K49") == ({"B": 2, "C": 1}, 2)
    registry.given(kit(kits[50], ("A", 1)))
    for wish in (kit("A", ("B", 3)), dissolve("A")):
        registry.when(wish).then_rejected("KIT_TOO_LARGE", **too_large("A", "kits_above", 51, 50))
    registry.given(*(kit(one, ("C", 1)) for one in kits[50:500]))
    registry.when(kit("K500", ("C", 1))).then_rejected(
        "QUANTITY_LIMIT", sku="C", field="kits", value=501, limit=500
    )
    registry.given(kit("K7", ("C", 9)))  # it is in that one already


def test_a_command_has_ten_kits_of_a_hundred_components() -> None:
    wish = {"type": "DefineKit", "lines": [kit_line(f"K{n}", ("A", 1)) for n in range(11)]}
    stocked().when(wish).then_rejected(
        "INVALID_COMMAND", path="lines", problem="has more items than 10"
    )
    stocked().when(kit("A", *[("B", 1)] * 101)).then_rejected(
        "INVALID_COMMAND", path="lines.0.components", problem="has more items than 100"
    )
