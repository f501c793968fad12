"""After a run: the sums over domains, by the books that `./stockyard books` keeps of a real one."""

from cli.domain_books import Tracker
from cli.entries import Entries
from cli.event_view import decode_event
from cli.findings import Findings
from cli.lot_books import LotUnits, Moved
from cli.ordered import Orders, Promised
from cli.replayed import Replica
from cli.sites import Sites
from cli.worth import Valuations
from schemas.domains import CATALOG, FINANCE, LOCATIONS, LOTS, ORDERS, STOCK
from tests.chaos.checker import Logs, Report
from tests.simulation.installation import Installation


def check_books(report: Report, there: Installation, logs: dict[str, Logs]) -> None:
    """What stock moved and promised is what the others say of it, unit by unit; all cents too."""
    findings, moved = Findings(), Moved()
    promised = Promised(findings.orders)
    stock = {
        number: [decode_event(one.value or b"") for one in records]
        for number, records in logs[STOCK].events.items()
    }
    for events in stock.values():
        for event in events:
            moved.moved(event)
    for number in range(there.plan.partitions):
        trackers: dict[str, Tracker] = {
            FINANCE: Valuations(number, findings.worth),
            LOCATIONS: Sites(number, findings.places),
            ORDERS: Orders(number, promised),
            CATALOG: Entries(number, findings.entries),
            LOTS: LotUnits(number, there.plan.partitions, moved, findings.lots),
        }
        for domain, tracker in trackers.items():
            if domain in logs:
                for event in stock[number]:
                    tracker.moved(event)
                _compare(tracker, domain, number, logs[domain])
    if ORDERS in logs:
        promised.close(promised.differences())
    for check in findings.all():
        report.counts[f"books: {check.name}"] += check.compared
        for text in check.first:
            report.differ("books", f"{check.name}: {text}")


def _compare(tracker: Tracker, domain: str, number: int, logs: Logs) -> None:
    replica = Replica()
    for record in logs.changelog[number]:
        replica.feed(record)
    for event in logs.events[number]:
        tracker.told(event.value or b"")
    tracker.compare(f"{domain}, changelog", tracker.rows_of(replica.pairs.items()))
    tracker.missing()
