"""`./stockyard load` as an operator types it, without a system: --dry-run sends nothing."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from cli.command_lines import read_commands
from cli.demo import SAMPLE
from cli.invoices import Command
from cli.load import load
from cli.sales_load import SalesFile

APP = typer.Typer()
APP.command()(load)
HEADER = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,CustomerID,Country\n"
SALE = "1,85123a,HEART,2,2009-12-01 08:00:00,2.55,1,EIRE\n"
POSTAGE = "1,POST,POSTAGE,1,2009-12-01 08:00:00,18,1,EIRE\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(APP, [str(argument) for argument in arguments])


def summary(*arguments: object) -> dict[str, Any]:
    answer = run(*arguments, "--dry-run", "--json")
    assert answer.exit_code == 0, answer.output
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_the_sample_gives_the_same_counts_by_every_rule() -> None:
    told = summary(SAMPLE)
    assert told["lines"] == 51_733
    assert told["refused_by_reason"] == {
        "no_goods": 327,
        "negative_sale": 218,
        "no_description": 104,
        "no_price": 89,
        "no_warehouse": 50,
    }
    assert told["commands_by_type"] == {"ReceiveStock": 25, "ShipStock": 2_011, "AdjustStock": 414}
    assert (told["warehouses"], told["codes_rewritten"]) == (26, {"codes": 56, "lines": 111})


def test_two_readings_of_the_sample_give_the_same_bytes() -> None:
    def read() -> list[Command]:
        sales = SalesFile.read(SAMPLE, lambda refusal: None, lambda lines: None)
        return [*sales.openings(lambda lines: None), *sales.commands(lambda lines: None)]

    commands = read()
    assert read() == commands
    named = Counter((one.warehouse, json.loads(one.value)["id"]) for one in commands)
    assert named.total() == len(named) == 2_450


def test_no_opening_leaves_the_receipts_out() -> None:
    assert "ReceiveStock" not in summary(SAMPLE, "--no-opening")["commands_by_type"]


def test_refused_lines_are_written_down_with_their_reasons(tmp_path: Path) -> None:
    file = written(tmp_path / "sales.csv", HEADER + POSTAGE + SALE + "1,2\n")
    rejects = tmp_path / "rejects.jsonl"
    answer = run(file, "--dry-run", "--rejects", rejects)
    assert answer.exit_code == 1, "a malformed line is a fault, postage is none"
    postage, malformed = map(json.loads, rejects.read_text().splitlines())
    assert (postage["line"], postage["reason"]) == (2, "no_goods")
    assert postage["original"]["code"] == "POST"
    assert malformed == {
        "line": 4,
        "reason": "malformed",
        "problem": "2 fields, not 8",
        "original": "1,2",
    }


def test_a_person_sees_counts_reasons_and_examples(tmp_path: Path) -> None:
    answer = run(written(tmp_path / "sales.csv", HEADER + POSTAGE + SALE), "--dry-run")
    assert answer.exit_code == 0
    for text in (
        "2 lines, 1 refused",
        "no_goods",
        "line 2: POST is postage",
        "1 stock codes on 1 lines were put in capitals",
        "2 commands to 1 warehouses: 1 ReceiveStock, 1 ShipStock",
        "Nothing was sent: --dry-run",
    ):
        assert text in " ".join(answer.stdout.split())


def test_bad_commands_are_told_by_line_and_the_rest_is_counted(tmp_path: Path) -> None:
    good = '{"type":"ReceiveStock","id":"1","warehouse":"W","lines":[{"sku":"A","quantity":1}]}\n'
    file = written(tmp_path / "commands.jsonl", good + '{"type":"ReceiveStock"}\n' + good)
    answer = run(file, "--dry-run")
    assert answer.exit_code == 1
    assert "line 2: id is missing" in answer.stdout
    assert "2 commands to 1 warehouses" in answer.stdout
    assert len(list(read_commands(file))) == 3


@pytest.mark.parametrize("name", ["sales.xlsx", "sales"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    answer = run(written(tmp_path / name, HEADER), "--dry-run")
    assert answer.exit_code == 2
    assert ".jsonl, .ndjson, .csv, .parquet is needed" in answer.stderr


def test_a_foreign_table_is_explained(tmp_path: Path) -> None:
    answer = run(written(tmp_path / "sales.csv", "a,b\n1,2\n"), "--dry-run")
    assert answer.exit_code == 2
    assert "column Invoice, StockCode" in answer.stderr


def test_the_refused_lines_never_replace_the_file(tmp_path: Path) -> None:
    file = written(tmp_path / "sales.csv", HEADER + SALE)
    answer = run(file, "--dry-run", "--rejects", file)
    assert answer.exit_code == 2
    assert "is the file to load" in answer.stderr
    assert file.read_text() == HEADER + SALE


def test_a_place_that_cannot_be_written_is_told_first(tmp_path: Path) -> None:
    file = written(tmp_path / "sales.csv", HEADER + SALE)
    answer = run(file, "--dry-run", "--rejects", tmp_path / "nowhere" / "rejects.jsonl")
    assert answer.exit_code == 2
    assert "cannot be written" in answer.stderr


def test_a_broker_that_is_away_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKYARD_KAFKA", "127.0.0.1:1")
    answer = run(written(tmp_path / "sales.csv", HEADER + SALE))
    assert answer.exit_code == 2
    assert "`./stockyard up` starts it" in answer.stderr


@pytest.mark.parametrize("name", ["[/]", "[bold red]x", "\x1b[2J\x1b]0;x\x07", "\x9b2J"])
def test_foreign_text_is_shown_and_never_obeyed(tmp_path: Path, name: str) -> None:
    value = json.dumps({"id": "1", "warehouse": "W", "type": "ReceiveStock", name: 1, "lines": []})
    line = json.dumps(json.loads(value) | {"lines": [{"sku": "A", "quantity": 1}]}) + "\n"
    answer = run(written(tmp_path / "[bold]commands.jsonl", line), "--dry-run")
    assert answer.exit_code == 1
    told = "".join(answer.stdout.split())
    assert f"{''.join(ascii(name)[1:-1].split())}isanunknownfield" in told
    assert "[bold]commands.jsonl" in told
    assert not set(answer.stdout) & {"\x1b", "\x07", "\x9b"}
