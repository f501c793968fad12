"""Commands from JSON Lines: sent as they stand, or refused by line with what the workers say."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.command_lines import COMMAND_BYTES_MAX, read_commands
from cli.exceptions import LoadError
from cli.invoices import Command
from cli.sales import Reason, Refusal

RECEIVE: dict[str, Any] = {
    "type": "ReceiveStock",
    "id": "a-1",
    "warehouse": "LON-1",
    "lines": [{"sku": "85123A", "quantity": 6}],
}
GOOD = json.dumps(RECEIVE).encode()


def written(tmp_path: Path, *lines: bytes) -> Path:
    path = tmp_path / "commands.jsonl"
    path.write_bytes(b"\n".join(lines))
    return path


def refusal_of(tmp_path: Path, text: bytes) -> Refusal:
    first, refusal, last = read_commands(written(tmp_path, GOOD, text, GOOD))
    assert first == last == Command("ReceiveStock", "LON-1", GOOD)
    assert isinstance(refusal, Refusal)
    assert (refusal.number, refusal.reason) == (2, Reason.MALFORMED)
    return refusal


def test_a_good_line_is_sent_as_it_stands(tmp_path: Path) -> None:
    lines = b'"lines" : [{"quantity":6,"sku":"\xc3\x84"}]'
    odd = b'{"warehouse":"LON-1", ' + lines + b',"id":"a","type":"ShipStock"}'
    (command,) = read_commands(written(tmp_path, b"  " + odd + b"\r"))
    assert command == Command("ShipStock", "LON-1", odd)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"id": ""}, "id is shorter than 1"),
        ({"warehouse": "LON 1"}, "warehouse is not of A-Z a-z 0-9 . _ -"),
        ({"type": "EatStock"}, "type is no command"),
        ({"lines": []}, "lines has fewer items than 1"),
        ({"lines": [{"sku": "A", "quantity": True}]}, "lines.0.quantity is no integer"),
        ({"lines": [{"sku": "A ", "quantity": 1}]}, "lines.0.sku has space at an end"),
        ({"colour": "red"}, "colour is an unknown field"),
    ],
)
def test_a_bad_command_is_refused_with_its_fault(
    tmp_path: Path, changed: dict[str, Any], problem: str
) -> None:
    text = json.dumps(RECEIVE | changed)
    refusal = refusal_of(tmp_path, text.encode())
    assert refusal.problem == problem
    assert refusal.original == text


@pytest.mark.parametrize(
    "text",
    [b"no JSON", b"{", b"[]", b"null", b'{"id":NaN}', b"\xff\xfe\x00", b"[" * 100_000],
)
def test_what_is_no_command_is_refused(tmp_path: Path, text: bytes) -> None:
    assert refusal_of(tmp_path, text).problem.startswith("no JSON")


@pytest.mark.parametrize("size", [COMMAND_BYTES_MAX + 1, 2 * COMMAND_BYTES_MAX, 3_500_000])
def test_a_line_beyond_the_limit_is_skipped_without_being_held(tmp_path: Path, size: int) -> None:
    refusal = refusal_of(tmp_path, b"x" * size)
    assert refusal.problem == f"longer than {COMMAND_BYTES_MAX} bytes"
    assert len(refusal.original) == 1_000


def test_a_line_of_the_limit_is_read(tmp_path: Path) -> None:
    assert "no JSON" in refusal_of(tmp_path, b"x" * COMMAND_BYTES_MAX).problem


def test_blank_lines_count_and_are_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path, b"", GOOD, b"  \r", b"x", b"")
    assert [getattr(item, "number", "sent") for item in read_commands(path)] == ["sent", 4]


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert list(read_commands(written(tmp_path, b"\xef\xbb\xbf" + GOOD))) == [
        Command("ReceiveStock", "LON-1", GOOD)
    ]


def test_utf16_is_explained(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"is UTF-16.*iconv"):
        list(read_commands(written(tmp_path, GOOD.decode().encode("utf-16"))))


def test_an_empty_file_has_no_commands(tmp_path: Path) -> None:
    assert list(read_commands(written(tmp_path))) == []


def test_a_command_is_not_cut_out_of_a_longer_line(tmp_path: Path) -> None:
    blanks = b" " * (2 * COMMAND_BYTES_MAX)
    refusal = refusal_of(tmp_path, GOOD + blanks + b"and more")
    assert refusal.problem == f"longer than {COMMAND_BYTES_MAX} bytes"
