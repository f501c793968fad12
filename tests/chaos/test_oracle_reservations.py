"""The oracle against docs/stock.md: the whole life of reservations."""

from typing import Any

import pytest

from tests.chaos.command_log import Log, confirmed, details, kinds, lines, stocked

YEAR_S = 365 * 86_400


def _held(log: Log, kind: str, **quantities: int) -> Log:
    return log.command(kind, reservation="r", lines=lines(**quantities))


def test_a_reservation_leaves_in_parts() -> None:
    log = confirmed(A=5, B=2)
    _held(log, "PickStock", A=4, B=2)
    _held(log, "UnpickStock", B=1)
    _held(log, "PackStock", A=3)
    _held(log, "ShipPacked", A=3)
    told = log.told()
    line = told.reservations["LON-1", "r"].lines["A"]
    row = told.rows["LON-1", "A"]
    assert (line.picked, line.packed, line.shipped, line.shelved) == (1, 0, 3, 1)
    assert (row.on_hand, row.reserved, row.allocated) == (1, 1, 1)
    assert (row.accounts["staged"], row.accounts["customer"], row.version) == (1, 3, 5)

    _held(log, "UnpickStock", A=1, B=1)
    told = log.command("ReleaseReservation", reservation="r").told()
    assert told.events[-1].fields["confirmed"] is True
    assert [one["quantity"] for one in told.events[-1].fields["lines"]] == [2, 2]
    assert told.rows["LON-1", "A"].available == 2


def test_it_is_shipped_with_its_last_unit() -> None:
    log = confirmed(A=2)
    for units in (1, 1):
        for kind in ("PickStock", "PackStock", "ShipPacked"):
            _held(log, kind, A=units)
        states = [log.told().reservations["LON-1", "r"].state]
    assert states == ["shipped"]
    assert kinds(_held(log, "PickStock", A=1).told())[-1] == "RESERVATION_CLOSED"


def test_to_pack_changes_no_row() -> None:
    log = _held(_held(confirmed(A=5), "PickStock", A=4), "PackStock", A=4)
    told = log.told()
    seen = {"sku": "A", "quantity": 4, "on_hand": 1, "reserved": 1, "available": 0, "version": 4}
    assert told.events[-1].fields["lines"] == [seen]
    assert told.rows["LON-1", "A"].version == 4


def test_a_confirmed_reservation_has_no_end() -> None:
    told = confirmed(A=5).after(2 * YEAR_S).bytes(b'{"type":"Tick"}').told()
    assert told.reservations["LON-1", "r"].state == "confirmed"
    assert kinds(told)[-1] == "ReservationConfirmed"


def test_one_that_ran_out_is_promised_anew_whole_or_not_at_all() -> None:
    log = stocked(A=5, B=5)
    log.command("ReserveStock", reservation="r", lines=lines(A=5, B=1), ttl_seconds=1)
    log.after(1).command("ShipStock", lines=lines(A=1)).command(
        "ConfirmReservation", reservation="r"
    )
    assert details(log) == {"sku": "A", "requested": 5, "available": 4}
    log.command("ReceiveStock", lines=lines(A=1)).command("ConfirmReservation", reservation="r")
    told = log.after(1_000).bytes(b'{"type":"Tick"}').told()
    assert kinds(told)[-1] == "ReservationConfirmed"
    row = told.rows["LON-1", "A"]
    assert (row.reserved, row.allocated) == (5, 5)
    assert told.reservations["LON-1", "r"].state == "confirmed", "it is no longer to be forgotten"


@pytest.mark.parametrize(("ttl_s", "ends_s"), [(20, 23), (1, 4)])
def test_an_extension_moves_the_end_both_ways(ttl_s: int, ends_s: int) -> None:
    log = stocked(A=1).command("ReserveStock", reservation="r", lines=lines(A=1), ttl_seconds=9)
    log.after(3).command("ExtendReservation", reservation="r", ttl_seconds=ttl_s)
    before = log.after(ends_s - 3 - 0.001).bytes(b'{"type":"Tick"}').told()
    assert before.reservations["LON-1", "r"].state == "open"
    after = log.after(0.001).bytes(b'{"type":"Tick"}').told()
    assert kinds(after)[2:] == ["ReservationExtended", "ReservationExpired"]
    assert "lines" not in after.events[2].fields


def test_what_the_old_one_holds_is_available_to_the_new_one() -> None:
    log = stocked(A=5, B=2, C=1)
    log.command("ReserveStock", reservation="r", lines=lines(C=1, A=4), ttl_seconds=9)
    replace = {"reservation": "new", "replaces": "r", "ttl_seconds": 5}
    log.command("SupersedeReservation", lines=lines(A=6), **replace)
    assert details(log) == {"sku": "A", "requested": 6, "available": 5}
    told = log.command("SupersedeReservation", lines=lines(B=2, A=5), **replace).told()
    told_lines = [(one["sku"], one["quantity"]) for one in told.events[-1].fields["lines"]]
    assert told_lines == [("B", 2), ("A", 5), ("C", 0)]
    assert told.reservations["LON-1", "r"].state == "superseded"
    reserved = {sku: told.rows["LON-1", sku].reserved for sku in "ABC"}
    assert reserved == {"A": 5, "B": 2, "C": 0}


REFUSED_WHEN = {
    "none": dict.fromkeys(
        ("ExtendReservation", "ConfirmReservation", "PickStock", "UnpickStock", "PackStock"),
        "RESERVATION_NOT_FOUND",
    ),
    "open": dict.fromkeys(
        ("PickStock", "UnpickStock", "PackStock", "ShipPacked"), "RESERVATION_NOT_CONFIRMED"
    ),
    "confirmed": {
        "ExtendReservation": "RESERVATION_CONFIRMED",
        "ConfirmReservation": "RESERVATION_CONFIRMED",
        "SupersedeReservation": "RESERVATION_CONFIRMED",
        "UnpickStock": "NOT_PICKED",
        "PackStock": "NOT_PICKED",
        "ShipPacked": "NOT_PACKED",
    },
    "picked": {
        "PickStock": "OVER_PICK",
        "ShipPacked": "NOT_PACKED",
        "ReleaseReservation": "RESERVATION_PICKED",
        "ShipReservation": "RESERVATION_PICKED",
    },
    "released": dict.fromkeys(
        ("ExtendReservation", "ConfirmReservation", "SupersedeReservation", "ShipPacked"),
        "RESERVATION_CLOSED",
    ),
}


@pytest.mark.parametrize(
    ("state", "kind"), [(state, kind) for state, found in REFUSED_WHEN.items() for kind in found]
)
def test_what_a_state_refuses(state: str, kind: str) -> None:
    log = stocked(A=5)
    if state != "none":
        log.command("ReserveStock", reservation="r", lines=lines(A=5), ttl_seconds=9)
    if state in ("confirmed", "picked"):
        log.command("ConfirmReservation", reservation="r")
    if state == "picked":
        _held(log, "PickStock", A=5)
    if state == "released":
        log.command("ReleaseReservation", reservation="r")
    fields: dict[str, Any] = {"reservation": "r"}
    if kind == "SupersedeReservation":
        fields = {"reservation": "new", "replaces": "r", "ttl_seconds": 5, "lines": lines(A=1)}
    elif kind == "ExtendReservation":
        fields["ttl_seconds"] = 5
    elif kind.startswith(("Pick", "Unpick", "Pack")) or kind == "ShipPacked":
        fields["lines"] = lines(A=1)
    assert kinds(log.command(kind, **fields).told())[-1] == REFUSED_WHEN[state][kind]


def test_too_much_says_how_much_is_left_and_a_stranger_has_none() -> None:
    log = _held(_held(confirmed(A=5), "PickStock", A=3), "PickStock", A=3)
    assert details(log) == {"sku": "A", "requested": 3, "left": 2}
    assert details(_held(log, "PackStock", A=1, Z=1)) == {"sku": "Z", "requested": 1, "left": 0}
