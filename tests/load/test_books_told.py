"""How the books are told: a table for a person, a document for programs, no difference unseen."""

import json

from rich.console import Console

from cli.books import document, show
from cli.findings import Findings


def told(findings: Findings) -> str:
    console = Console(width=100)
    with console.capture() as captured:
        show(console, findings.all())
    return captured.get()


def test_books_that_balance_say_what_was_compared() -> None:
    findings = Findings()
    findings.seq.compared = 24_912
    text = told(findings)
    assert "✓  seq without gap or repeat" in text
    assert "24,912" in text
    assert text.splitlines()[-1] == "The books balance"
    assert document(findings)["balanced"] is True


def test_books_that_do_not_balance_name_the_first_differences() -> None:
    findings = Findings()
    for number in range(7):
        findings.api.differ(f"API, W/A[{number}]: on_hand 1; the events say nothing")
    text = told(findings)
    assert "✗  API = events" in text
    assert "✗ API, W/A[4]: on_hand 1; the events say nothing" in text
    assert "W/A[5]" not in text
    assert "and 2 more: API = events" in text
    assert text.splitlines()[-1] == "The books do not balance"
    whole = json.loads(json.dumps(document(findings)))
    assert whole["balanced"] is False
    (check,) = [check for check in whole["checks"] if check["differences"]]
    assert (check["name"], check["differences"], len(check["first"])) == ("API = events", 7, 5)
