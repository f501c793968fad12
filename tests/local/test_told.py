"""What the supervisor's state tells people and programs, without any part at work."""

import os
from pathlib import Path

import pytest
from rich.console import Console

from cli.installation import Installation
from cli.progress import Progress
from local.processes import Identity
from local.state import PartState, State, make, write
from local.status import status
from schemas.domains import DOMAINS, STOCK


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose supervisor, this process, was told of stock alone; we are told nothing."""
    home = tmp_path / "home"
    make(home)
    write(home, State(Identity.of(os.getpid()), 1, phase="ready", domains=(STOCK,)))
    monkeypatch.setenv("STOCKYARD_HOME", str(home))
    monkeypatch.delenv("STOCKYARD_DOMAINS", raising=False)
    return home


def test_the_domains_at_work_are_those_that_it_was_started_with(alone: Path) -> None:
    assert status(alone)["domains"] == {}
    assert Installation.running().settings.domains == (STOCK,)


def test_containers_are_told_of_before_and_after_they_are_ready() -> None:
    state = State(Identity.of(os.getpid()), 1, containers=True, domains=DOMAINS)
    state.parts["compose"] = PartState(phase="starting")
    console = Console(width=200, record=True)
    progress = Progress(console)

    progress(state)
    progress(state)
    state.parts["compose"] = PartState(phase="ready", ready_after_s=9.5)
    state.parts["worker-1"] = PartState(phase="ready", metrics_port=9401)
    progress(state)

    told = console.export_text().splitlines()
    assert [line.split()[:2] for line in told] == [
        ["compose", "starting;"],
        ["compose", "ready"],
        ["worker-1", "ready"],
    ]
