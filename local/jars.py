"""The jars of a lock file: fetched by Maven coordinates, each checked against its SHA-256.

`python -m local.jars FILE COORDINATE...` resolves coordinates and writes such a lock file.
"""

import fcntl
import hashlib
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from jgo.maven import Artifact, MavenContext, PythonResolver

from local.exceptions import LocalError

CACHE = Path(sys.prefix) / "jars"  # beside the packages: one copy serves every home
DOWNLOADS_AT_ONCE = 8
TIMEOUT_S = 60

Progress = Callable[[int, int], object]
"""Called with (jars ready, jars in all) while some are downloaded."""


def fetch(lock: Path, progress: Progress = lambda ready, total: None) -> list[Path]:
    """Paths of every jar a lock file names, downloaded where missing, all of them checked.

    Raises LocalError where a jar cannot be had or is not what the lock file says.
    """
    wanted = _read(lock)
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as guard:  # two first starts download once
        fcntl.flock(guard, fcntl.LOCK_EX)
        context = MavenContext(repo_cache=CACHE, resolver=PythonResolver(), timeout=TIMEOUT_S)
        kept = {coordinate for coordinate in wanted if _artifact(context, coordinate)[1].exists()}
        jars: list[Path] = []
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
            for jar in pool.map(lambda pin: _fetch_one(context, *pin), wanted.items()):
                jars.append(jar)
                if len(kept) < len(wanted):
                    progress(len(jars), len(wanted))
    return jars


def write_lock(lock: Path, coordinates: list[str]) -> None:
    """Pin every jar that the coordinates need at run time; the earlier named win."""
    context = MavenContext(repo_cache=CACHE, resolver=PythonResolver(), timeout=TIMEOUT_S)
    jars: dict[tuple[str, str], Artifact] = {}
    for coordinate in coordinates:  # one by one: jgo takes each for a bill of materials of all
        wanted = context.create_dependency(coordinate)
        inputs, needed = context.resolver.resolve([wanted])
        for found in (*inputs, *needed):
            if found.scope in (None, "compile", "runtime") and not found.optional:
                jars.setdefault((found.groupId, found.artifactId), found.artifact)
    pins = {
        f"{jar.groupId}:{jar.artifactId}:{jar.version}": _sha256(jar.resolve())
        for jar in jars.values()
    }
    lines = [f"{coordinate} sha256:{digest}\n" for coordinate, digest in sorted(pins.items())]
    lock.write_text("".join(lines))


def _read(lock: Path) -> dict[str, str]:
    pins = {}
    for line in lock.read_text().splitlines():
        coordinate, _, digest = line.partition(" sha256:")
        if coordinate.count(":") != 2 or len(digest) != 64:
            raise LocalError(f"{lock}: {line!r} is not 'group:artifact:version sha256:hex'")
        pins[coordinate] = digest
    return pins


def _fetch_one(context: MavenContext, coordinate: str, digest: str) -> Path:
    jar, kept = _artifact(context, coordinate)
    if kept.exists() and _sha256(kept) == digest:
        return kept
    kept.unlink(missing_ok=True)  # torn by a kill, or tampered with
    try:
        found = jar.resolve()
    except (requests.RequestException, RuntimeError, OSError) as error:
        kept.unlink(missing_ok=True)
        raise LocalError(
            f"cannot download {coordinate}: {error}. The first start needs the network; "
            f"behind a proxy set HTTPS_PROXY"
        ) from error
    actual = _sha256(found)
    if actual != digest:
        found.unlink()
        raise LocalError(
            f"{coordinate} has SHA-256 {actual}, the lock file says {digest}: "
            f"it is not the jar we know, so it is not run"
        )
    return found


def _artifact(context: MavenContext, coordinate: str) -> tuple[Artifact, Path]:
    group, artifact, version = coordinate.split(":")
    jar = context.project(group, artifact).at_version(version).artifact()
    kept = jar.cached_path
    assert kept is not None, "the context has a cache"
    return jar, kept


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


if __name__ == "__main__":
    write_lock(Path(sys.argv[1]), sys.argv[2:])
