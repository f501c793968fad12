"""docs/deliveries.md: its receiver and its file do what it says, and it names every option."""

import re
import tomllib
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from api.deliveries import signing
from api.deliveries.endpoints import Endpoint, read
from local.parts import ROOT
from schemas.domains import DOMAINS
from tests.deliveries.service import SECRET

PAGE = (ROOT / "docs" / "deliveries.md").read_text(encoding="utf-8")
BODY = '{"id":"3-1","note":"é"}'.encode()


def block(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    (one,) = found
    return str(one)


async def sent(app: Any, now_s: int, body: bytes, **changed: str) -> int:
    """The status of one attempt; names of headers with _ for -."""
    signed = signing.headers(signing.keys(SECRET), "stock/events/v1/3-1", now_s, BODY)
    headers = signed | {name.replace("_", "-"): value for name, value in changed.items()}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        return (await client.post("/stock", content=body, headers=headers)).status_code


async def test_the_receiver_takes_what_is_ours_once_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    names: dict[str, Any] = {}
    exec(block("python"), names)
    now_s = int(names["time"].time())
    app = names["app"]

    assert [await sent(app, now_s, BODY), await sent(app, now_s, BODY)] == [204, 204]
    assert capsys.readouterr().out == BODY.decode() + "\n"
    assert await sent(app, now_s, BODY + b" ") == 401
    assert await sent(app, now_s, BODY, webhook_id="stock/events/v1/3-2") == 401
    assert await sent(app, now_s, BODY, webhook_timestamp=str(now_s + 1)) == 401
    assert await sent(app, now_s, BODY, webhook_signature="v1,AAAA") == 401
    assert await sent(app, now_s - 400, BODY) == 401
    assert capsys.readouterr().out == ""


def test_the_file_of_the_page_is_one_that_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "deliveries.toml"
    file.write_text(block("toml"))
    (one,) = read(file, DOMAINS, {"SHOP_SECRET": SECRET})
    assert set(tomllib.loads(block("toml"))["endpoint"][0]) == {
        field.name
        for field in msgspec.structs.fields(Endpoint)
        if getattr(one, field.name) != field.default
    } - {"keys"}


def test_the_page_names_every_option_with_its_default() -> None:
    table = PAGE.split("## Options")[1].split("## Operating")[0]
    for field in msgspec.structs.fields(Endpoint):
        if field.name == "keys":
            continue
        assert f"`{field.name}`" in table, field.name
        if isinstance(field.default, float | int) and not isinstance(field.default, bool):
            assert re.search(rf"`{field.name}`.*\|.*\b{field.default:g}\b", table), field.name


def test_the_page_names_every_metric() -> None:
    telemetry = (ROOT / "api" / "deliveries" / "telemetry.py").read_text()
    for name in re.findall(r'"(stockyard_\w+)"', telemetry):
        assert f"`{name}" in PAGE, name
