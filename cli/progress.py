"""One line per part while everything starts, and what happens to it afterwards."""

from rich.console import Console

from local.state import PartState, State

IMAGES = "starting; the first time its images are pulled and built, for some minutes"
SAID = ("ready", "restarting", "refused")  # phases worth a line


class Progress:
    """Prints every change of a followed state once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, tuple[str, str]] = {}
        self._notes: dict[str, str] = {}

    def __call__(self, state: State) -> None:
        """Take a look at the state as it is now."""
        for name, part in state.parts.items():
            now = (part.phase, part.note)
            if part.phase in SAID and self._told.get(name) != now:
                self._told[name] = now
                self._console.print(_line(name, part), highlight=False, soft_wrap=True)
            elif part.phase == "starting" and part.note.startswith("jars"):
                self._tell_jars(name, part.note)
            elif part.phase == "starting" and state.containers and name not in self._notes:
                self._notes[name] = IMAGES
                self._console.print(f"  {name:<10} {IMAGES}", style="dim", highlight=False)

    def _tell_jars(self, name: str, note: str) -> None:
        """Downloads take most of a first start: every few jars a sign of life."""
        ready, _, total = note.removeprefix("jars ").partition("/")
        step = int(ready) // max(1, int(total) // 4)
        if self._notes.get(name) != str(step):
            self._notes[name] = str(step)
            self._console.print(f"  {name:<10} jars {ready}/{total}", style="dim", highlight=False)


def _line(name: str, part: PartState) -> str:
    where = f"127.0.0.1:{part.port}" if part.port else ""
    if part.phase == "ready" and not part.restarts:
        after = "" if part.ready_after_s is None else f"{part.ready_after_s:5.1f} s"
        return f"  {name:<10} [green]ready[/]   {after:7}  {where}"
    if part.phase == "ready":
        return f"  {name:<10} [green]ready[/]   again (restart {part.restarts})  {where}"
    colour = "red" if part.phase == "refused" else "yellow"
    note = part.note.replace("[", r"\[")
    return f"  {name:<10} [{colour}]{part.phase}[/] {note}"
