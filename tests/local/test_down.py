"""`./stockyard down`, and what happens when the supervisor itself is killed."""

import signal
import subprocess
import time

import psutil

from local.parts import ROOT
from tests.local.house import COMMAND_S, House, kill

GONE_S = 60.0


def test_down_leaves_no_process_and_up_finds_its_ports_again(used_house: House) -> None:
    used_house.run("up", "--detach")
    before = used_house.status()

    used_house.run("down")

    assert not used_house.processes()
    assert used_house.status()["ready"] is False
    used_house.run("up", "--detach")
    after = used_house.status()
    for door in ("kafka", "postgres", "api"):
        assert after[door] == before[door]


def test_a_killed_supervisor_leaves_no_orphan(used_house: House) -> None:
    used_house.run("up", "--detach")

    kill(used_house.supervisor())

    psutil.wait_procs(used_house.processes(), GONE_S)
    assert not used_house.processes()
    assert used_house.status()["ready"] is False


def test_a_killed_supervisor_blocks_neither_up_nor_down(used_house: House) -> None:
    used_house.run("up", "--detach")
    kill(used_house.supervisor())

    used_house.run("up", "--detach")

    assert used_house.status()["ready"] is True
    kill(used_house.supervisor())
    used_house.run("down")
    assert not used_house.processes()


def test_down_where_nothing_is_up_is_harmless(new_house: House) -> None:
    assert "not up" in new_house.run("down")
    assert new_house.status() == {
        "ready": False,
        "kafka": None,
        "postgres": None,
        "api": None,
        "workers": [],
        "domains": {},
        "relays": {},
        "deliveries": {},
        "inbound": {},
        "pids": {"kafka": None, "postgres": None, "api": None, "audit": None},
        "lag": None,
    }


def test_in_the_foreground_it_stays_until_it_is_told_to_stop(used_house: House) -> None:
    used_house.run("down")
    foreground = subprocess.Popen(
        [ROOT / "stockyard", "up"],
        env=used_house.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert foreground.stdout is not None
    lines = []
    for line in foreground.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    assert used_house.status()["ready"] is True, lines

    foreground.send_signal(signal.SIGINT)

    assert foreground.wait(COMMAND_S) == 0
    assert not used_house.processes()


def test_data_of_a_newer_kafka_is_refused_by_name(new_house: House) -> None:
    (new_house.home / "run").mkdir(parents=True)
    (new_house.home / "kafka").mkdir()
    (new_house.home / "kafka" / "version").write_text("99.0.0\n")

    said = new_house.run("up", "--detach", succeeds=False)

    assert "was written by Kafka 99.0.0" in said
    assert not new_house.processes()


def test_data_of_another_postgres_is_refused_by_name(new_house: House) -> None:
    cluster = new_house.home / "postgres" / "cluster"
    (new_house.home / "run").mkdir(parents=True)
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("15\n")

    said = new_house.run("up", "--detach", succeeds=False)

    assert "PostgreSQL 15" in said
    assert not new_house.processes()


def test_down_while_it_starts_ends_the_start(new_house: House) -> None:
    starting = subprocess.Popen(
        [ROOT / "stockyard", "up", "--detach"],
        env=new_house.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    state = new_house.home / "run" / "state.json"
    deadline = time.monotonic() + GONE_S
    while not state.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)

    new_house.run("down")

    assert starting.wait(COMMAND_S) == 1
    assert not new_house.processes()


def test_purge_deletes_nothing_that_is_not_ours(new_house: House) -> None:
    new_house.home.mkdir()
    (new_house.home / "letters").write_text("dear reader")

    said = new_house.run("down", "--purge", succeeds=False)

    assert "nothing is deleted" in said
    assert (new_house.home / "letters").exists()


def test_up_does_not_settle_among_anothers_files(new_house: House) -> None:
    new_house.home.mkdir()
    (new_house.home / "letters").write_text("dear reader")

    said = new_house.run("up", "--detach", succeeds=False)

    assert "holds something else" in said
    assert [path.name for path in new_house.home.iterdir()] == ["letters"]
