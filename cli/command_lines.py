"""Reads commands from JSON Lines: each line as the workers would read it, or a refusal."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cli.exceptions import LoadError
from cli.invoices import Command
from cli.sales import Reason, Refusal
from schemas.codec import CommandCodec, Invalid
from schemas.exceptions import Unreadable
from schemas.stock_commands import COMMANDS

COMMAND_BYTES_MAX = 1 << 20  # the contract's; longer lines are skipped without being held
BEGINNING_BYTES = 1_000  # what is kept of such a line
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_commands(path: Path) -> Iterator[Command | Refusal]:
    """Every line that is not blank. A good line is sent as it stands: the same bytes."""
    codec = CommandCodec(COMMANDS)
    with path.open("rb") as file:
        if file.read(2) in UTF16_MARKS:
            raise LoadError(
                f"{path} is UTF-16. Convert it, for example: iconv -f UTF-16 -t UTF-8 {path} > NEW"
            )
        file.seek(0)
        for number, text, whole in _lines(file):
            if not whole or len(text) > COMMAND_BYTES_MAX:
                problem = f"longer than {COMMAND_BYTES_MAX} bytes"
                yield Refusal(number, Reason.MALFORMED, problem, _shown(text[:BEGINNING_BYTES]))
            elif text:
                yield _command(codec, number, text)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """(number, text, whole) of each line; of a line beyond the limit only its beginning."""
    number = 0
    while text := file.readline(COMMAND_BYTES_MAX + 2):
        number += 1
        rest, whole = text, True
        while not rest.endswith(b"\n") and len(rest) > COMMAND_BYTES_MAX:
            rest = file.readline(COMMAND_BYTES_MAX + 2)
            whole = whole and not rest
        if number == 1:
            text = text.removeprefix(BYTE_ORDER_MARK)
        yield number, text.strip(), whole


def _command(codec: CommandCodec, number: int, text: bytes) -> Command | Refusal:
    try:
        command = codec.decode(text)
    except Unreadable as error:
        return Refusal(number, Reason.MALFORMED, str(error), _shown(text))
    if isinstance(command, Invalid):
        problem = f"{command.path} {command.problem}".strip()
        return Refusal(number, Reason.MALFORMED, problem, _shown(text))
    return Command(type(command).__name__, command.warehouse, text)


def _shown(text: bytes) -> str:
    return text.decode("utf-8", "backslashreplace")
