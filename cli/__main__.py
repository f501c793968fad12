"""The command line behind ./stockyard: imports the module of the command that was typed, alone."""

import errno
import sys
from importlib import import_module

import typer
from rich.console import Console

from local.exceptions import LocalError
from streams.exceptions import ConfigurationError

COMMANDS = {
    "up": "cli.up",
    "status": "cli.status",
    "down": "cli.down",
    "demo": "cli.demo",
    "load": "cli.load",
    "books": "cli.books",
    "audit": "cli.audit",
    "deliveries": "cli.deliveries",
    "bench": "cli.bench",
    "export": "cli.export",
    "simulate": "cli.simulate",
    "chaos": "cli.chaos",
    "test": "cli.test",
}
USAGE, NO_VERDICT = 2, 2  # exit codes
VERDICTS = ("audit", "books")  # whose exit code 1 says that something differs
OPERATORS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}  # theirs to mend


def register(app: typer.Typer, name: str) -> None:
    """Add one command: its module's function of that name, or its `app` of several."""
    module = import_module(COMMANDS[name])
    group = getattr(module, "app", None)
    if group is not None:
        app.add_typer(group, name=name)
    else:
        app.command(name)(getattr(module, name))


def main(arguments: list[str]) -> int:
    """Run a command; returns the exit code."""
    name = arguments[0] if arguments else ""
    if name not in COMMANDS:
        print(f"no command {name!r}: one of {', '.join(COMMANDS)}", file=sys.stderr)
        return USAGE
    app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    app.callback()(lambda: None)  # with it, a single command keeps its name
    register(app, name)
    try:
        app(arguments, prog_name="./stockyard")
    except LocalError as error:
        Console(stderr=True).print(f"stockyard: {error}", style="red", markup=False, soft_wrap=True)
        return NO_VERDICT if name in VERDICTS else 1
    except ConfigurationError as error:
        print(f"stockyard: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        if error.errno not in OPERATORS:
            raise
        print(f"stockyard: {error.strerror}: {error.filename or 'the disk'}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
