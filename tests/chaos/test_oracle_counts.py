"""The oracle against docs/stock.md: counts."""

from tests.chaos.command_log import Log, counted, details, kinds, lines, opened, stocked


def test_a_count_corrects_by_what_differed_whatever_moved_since() -> None:
    log = opened(stocked(A=10, B=4), "A", "B")
    counted(log, "ann", A=7, B=4)
    log.command("ShipStock", lines=lines(A=5))
    counted(log, "ann", A=8)
    told = log.command("ApproveCount", count="c", actor="bob").told()
    began, recorded = told.events[1].fields, told.events[2].fields
    assert began["lines"][0] == {
        "sku": "A",
        "on_hand": 10,
        "reserved": 0,
        "available": 10,
        "version": 1,
    }
    assert recorded["lines"] == [{"sku": "A", "counted": 7}, {"sku": "B", "counted": 4}]
    assert (recorded["recount"], began["tolerance"]) == ([{"sku": "A"}], 0)
    (line,) = told.events[-1].fields["lines"]
    assert (line["sku"], line["delta"], line["on_hand"]) == ("A", -2, 3)
    assert told.rows["LON-1", "A"].accounts["gain_loss"] == 2


def test_within_tolerance_nothing_is_counted_twice() -> None:
    log = opened(stocked(A=10), "A", tolerance=3)
    told = counted(counted(log, "ann", A=13), "ann", A=10).told()
    assert kinds(told)[2:] == ["CountRecorded", "COUNT_LINE_FINAL"]
    assert told.events[2].fields["recount"] == []


def test_who_counts_does_not_approve_and_all_must_say_who_they_are() -> None:
    log = opened(stocked(A=10, B=1), "A", "B")
    counted(log, None, A=10)
    counted(log, "ann", A=10, Z=1)
    counted(log, "ann", A=10)
    for actor in (None, "ann", "bob"):
        log.command("ApproveCount", count="c", actor=actor)
    assert kinds(log.told())[2:] == [
        "ACTOR_REQUIRED",
        "COUNT_LINE_UNKNOWN",
        "CountRecorded",
        "ACTOR_REQUIRED",
        "COUNT_SELF_APPROVED",
        "COUNT_INCOMPLETE",
    ]
    assert details(log) == {"count": "c", "skus": ["B"]}


def test_a_count_corrects_nothing_that_is_reserved() -> None:
    log = opened(stocked(A=10), "A")
    log.command("ReserveStock", reservation="r", lines=lines(A=8), ttl_seconds=9)
    for _ in range(2):
        counted(log, "ann", A=7)
    log.command("ApproveCount", count="c", actor="bob")
    assert kinds(log.told())[-1] == "INSUFFICIENT_STOCK"
    assert details(log) == {"sku": "A", "requested": 3, "available": 2}


def test_a_count_tells_all_that_are_reserved() -> None:
    log = opened(stocked(A=10, B=9, C=9), "C", "B", "A")
    log.command("ReserveStock", reservation="r", lines=lines(A=8, B=8), ttl_seconds=9)
    for _ in range(2):
        counted(log, "ann", A=7, B=7, C=7)
    log.command("ApproveCount", count="c", actor="bob")
    b = {"sku": "B", "requested": 2, "available": 1}
    a = {"sku": "A", "requested": 3, "available": 2}
    assert details(log) == b | {"short": [b, a]}


def test_a_closed_count_is_free_again_after_the_window() -> None:
    log = Log()
    for wait_s in (0, 1, 99, 0):
        log.after(wait_s)
        log.command("CancelCount", count="c", actor="ann")
        opened(log, "A")
    assert kinds(log.told(100)) == [
        "COUNT_NOT_FOUND",
        "CountOpened",
        "CountCancelled",
        "COUNT_EXISTS",
        "COUNT_CLOSED",
        "COUNT_EXISTS",
        "COUNT_CLOSED",
        "COUNT_EXISTS",
    ]
    assert kinds(opened(log.after(1), "A").told(100))[-1] == "CountOpened"
