"""The small things the supervisor stands on: identities, ports, logs, and the jars' checksums."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local import jars, logs
from local.exceptions import LocalError, TakenError
from local.kafka import LOCK
from local.ports import STEP, Ports, free_port, is_free, refuse_taken
from local.processes import Identity, end, run_step

LIVE = [sys.executable, "-c", "import time; time.sleep(600)"]
NOWHERE = "http://127.0.0.1:9"


def test_a_process_is_known_again_by_its_start_time() -> None:
    process = subprocess.Popen(LIVE)
    identity = Identity.of(process.pid)
    namesake = Identity(process.pid, identity.started - 100)  # the pid was another's then

    assert identity.lives()
    assert not namesake.lives()
    end([namesake], 1.0)
    assert identity.lives()
    end([identity], 5.0)
    assert not identity.lives()
    process.wait()


def test_a_step_takes_its_children_with_it(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    child = f"import subprocess; subprocess.Popen(['sleep', '600']); {_tell(told)}"
    runner = (
        "from local.processes import end_on_sigterm, run_step; end_on_sigterm();"
        f"run_step(['{sys.executable}', '-c', {child!r}])"
    )
    process = subprocess.Popen([sys.executable, "-c", runner])
    while not told.exists():
        time.sleep(0.05)
    step = Identity.of(int(told.read_text()))

    process.terminate()

    assert process.wait(10) == 0
    assert not step.lives()


def _tell(file: Path) -> str:
    """Statements that write the pid to a file, whole, and wait."""
    return (
        f"import os, time; open('{file}.new', 'w').write(str(os.getpid()));"
        f"os.rename('{file}.new', '{file}'); time.sleep(600)"
    )


def test_a_steps_output_is_kept() -> None:
    done = run_step([sys.executable, "-c", "print(input())"], text="said")

    assert done.returncode == 0
    assert done.stdout == "said\n"


def test_two_homes_never_claim_one_port(tmp_path: Path) -> None:
    usual = free_port()
    first, second = Ports(tmp_path / "first.json"), Ports(tmp_path / "second.json")

    assert first.claim("part", usual) == usual
    other = second.claim("part", usual)

    assert other != usual
    assert (other - usual) % STEP == 0


def test_a_port_is_remembered_after_its_home_was_down(tmp_path: Path) -> None:
    usual = free_port()
    holder = Ports(tmp_path / "holder.json")
    holder.claim("part", usual)
    moved = Ports(tmp_path / "moved.json")
    port = moved.claim("part", usual)
    del holder, moved

    assert Ports(tmp_path / "moved.json").claim("part", usual) == port


def test_ports_that_cannot_be_read_are_chosen_anew(tmp_path: Path) -> None:
    remembered, usual = tmp_path / "ports.json", free_port()
    remembered.write_text('{"part":')

    port = Ports(remembered).claim("part", usual)

    assert remembered.read_text() == f'{{"part":{port}}}'


def test_a_port_that_is_taken_is_refused_by_name() -> None:
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "http.server", str(port), "-b", "127.0.0.1"])
    try:
        while is_free(port):
            time.sleep(0.05)
        with pytest.raises(TakenError, match=f"kafka: port {port} .* is taken"):
            refuse_taken("kafka", port)
    finally:
        server.kill()
        server.wait()


def test_a_log_is_bounded_and_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    with log.open("ab") as written:
        written.write(b"x" * (logs.LOG_BYTES_MAX + 1))
        written.flush()

        logs.bound(tmp_path)

        written.write(b"goes on\n")
    assert log.read_bytes() == b"goes on\n"
    assert (tmp_path / "part.log.1").stat().st_size == logs.LOG_BYTES_MAX + 1
    assert logs.last_line(log) == "goes on"


def test_a_log_is_bounded_where_there_is_no_room_for_what_was_before(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    log.write_bytes(b"x" * (logs.LOG_BYTES_MAX + 1))
    (tmp_path / "part.log.1").mkdir()  # as little of a file can be written there

    logs.bound(tmp_path)

    assert log.stat().st_size == 0


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with one of Kafka's jars, its lock, and no network."""
    pin = next(line for line in LOCK.read_text().splitlines() if "jopt-simple" in line)
    (tmp_path / "one.lock").write_text(pin + "\n")
    jars.fetch(tmp_path / "one.lock")
    jar = next((jars.CACHE / "net" / "sf" / "jopt-simple").rglob("*.jar"))
    copy = tmp_path / jar.relative_to(jars.CACHE)
    copy.parent.mkdir(parents=True)
    shutil.copy(jar, copy)
    monkeypatch.setattr(jars, "CACHE", tmp_path)
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, NOWHERE)
    return copy


def test_a_jar_that_is_there_needs_no_network(cached: Path, tmp_path: Path) -> None:
    assert jars.fetch(tmp_path / "one.lock") == [cached]


def test_a_jar_that_was_changed_is_not_run(cached: Path, tmp_path: Path) -> None:
    with cached.open("ab") as opened:
        opened.write(b"!")

    with pytest.raises(LocalError, match=r"cannot download .* needs the network"):
        jars.fetch(tmp_path / "one.lock")

    assert not cached.exists()


def test_a_lock_that_is_no_lock_is_refused(tmp_path: Path) -> None:
    (tmp_path / "torn.lock").write_text("net.sf.jopt-simple:jopt-simple:5.0.4 sha256:12\n")

    with pytest.raises(LocalError, match=r"torn\.lock: .* is not 'group:artifact:version"):
        jars.fetch(tmp_path / "torn.lock")
