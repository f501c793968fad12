"""One part under watch: ready, dead, started again, refused, stopped."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from local.exceptions import EXIT_FINAL, LocalError
from local.parts import Part
from local.state import State, make
from local.state import read as read_state
from local.supervisor import Supervisor
from local.watched import BACK_OFF_S, Watched
from tests.waiting import until

PATIENCE_S = 20.0
RESTARTS = 4
LIVE = "import time; time.sleep(600)"


def part(code: str, ready_file: Path | None = None, stop_s: float = 5.0) -> Part:
    async def ready(_pid: int) -> bool:
        return ready_file is None or ready_file.exists()

    return Part(name="part", command=[sys.executable, "-c", code], ready=ready, stop_s=stop_s)


def watched(code: str, folder: Path, stop_s: float = 5.0) -> Watched:
    return Watched(part(code, stop_s=stop_s), folder / "part.log", lambda: None)


async def test_it_is_ready_when_its_probe_says_so(tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    watch = Watched(part(LIVE, sign), tmp_path / "part.log", lambda: None)
    starting = asyncio.create_task(watch.start())
    await asyncio.sleep(0.5)
    assert not starting.done()
    assert watch.state.ready_after_s is None

    sign.touch()

    await asyncio.wait_for(starting, PATIENCE_S)
    assert watch.state.phase == "ready"
    await watch.stop()


async def test_it_is_started_again_at_once_when_it_is_killed(tmp_path: Path) -> None:
    watch = watched(LIVE, tmp_path)
    await watch.start()
    assert watch.state.identity is not None
    first = watch.state.identity.pid

    os.kill(first, signal.SIGKILL)

    await until(lambda: watch.state.restarts > 0 and watch.state.phase == "ready")
    assert watch.state.identity.pid != first
    await watch.stop()


async def test_one_that_dies_again_and_again_is_started_less_and_less_often(
    tmp_path: Path,
) -> None:
    watch = watched("import sys; sys.exit('out of luck')", tmp_path)
    start = asyncio.create_task(watch.start())

    began = time.monotonic()
    await until(lambda: watch.state.restarts >= RESTARTS)

    assert time.monotonic() - began >= sum(BACK_OFF_S[: RESTARTS - 1])
    assert "out of luck" in watch.state.note
    start.cancel()
    await watch.stop()


async def test_exit_code_3_is_final_and_its_last_words_are_kept(tmp_path: Path) -> None:
    code = f"import sys; print('set STOCKYARD_X', file=sys.stderr); sys.exit({EXIT_FINAL})"
    watch = watched(code, tmp_path)

    with pytest.raises(LocalError, match="set STOCKYARD_X"):
        # its probe is always true, but a process that is gone is not ready
        await asyncio.wait_for(_refused(watch), PATIENCE_S)

    assert watch.state.restarts == 0
    assert watch.state.identity is None


async def _refused(watch: Watched) -> None:
    await watch.start()
    await until(lambda: watch.state.phase == "refused")
    raise LocalError(watch.state.note)


async def test_one_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    deaf = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"print('deaf', flush=True); {LIVE}"
    )
    watch = watched(deaf, tmp_path, stop_s=0.5)
    await watch.start()
    identity = watch.state.identity
    assert identity is not None
    await until(lambda: "deaf" in (tmp_path / "part.log").read_text())

    await asyncio.wait_for(watch.stop(), PATIENCE_S)

    assert not identity.lives()
    assert watch.state.phase == "stopped"


async def test_one_that_cannot_be_started_now_is_tried_again(tmp_path: Path) -> None:
    program = tmp_path / "program"
    once = Part(name="part", command=[str(program)], ready=part(LIVE).ready)
    watch = Watched(once, tmp_path / "part.log", lambda: None)
    starting = asyncio.create_task(watch.start())
    await until(lambda: watch.state.restarts > 0)
    assert "cannot be started: [Errno 2]" in watch.state.note

    program.symlink_to("/bin/cat")  # which waits for nothing here, and so is seen to start

    await asyncio.wait_for(starting, PATIENCE_S)
    await watch.stop()


async def test_parts_are_kept_alive_while_nothing_can_be_written(tmp_path: Path) -> None:
    make(tmp_path)
    supervisor = Supervisor(tmp_path, 1)
    await supervisor._start(part(LIVE))
    first = stored(tmp_path).parts["part"].identity
    assert first is not None
    in_the_way = tmp_path / "run" / "state.new"
    in_the_way.mkdir()

    os.kill(first.pid, signal.SIGKILL)

    kept = supervisor._state.parts["part"]
    await until(lambda: kept.restarts > 0 and kept.phase == "ready")
    in_the_way.rmdir()
    await supervisor._stop_all()
    assert stored(tmp_path).phase == "stopped"


def stored(folder: Path) -> State:
    """What everyone else reads."""
    state = read_state(folder)
    assert state is not None
    return state
