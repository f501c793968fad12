"""docs/inbound.md: its events are those that are decided, its sender sends them, it names all."""

import json
import re
from hashlib import sha256
from typing import Any, Self

import pytest

from api.inbound.examples import EXAMPLES
from api.inbound.mapping import command_id
from local.parts import ROOT
from schemas.envelope import kind_of
from schemas.inbound import INBOUND, INBOUND_DEAD_LETTERS

PAGE = (ROOT / "docs" / "inbound.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (one,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(one)


EVENTS = [json.loads(line) for line in block("json").splitlines()]


def test_the_page_shows_one_event_of_each_type() -> None:
    assert list(EXAMPLES) == EVENTS
    kinds = [kind_of(model) for topic in INBOUND for model in topic.models]
    assert sorted(event["type"] for event in EVENTS) == sorted(kinds)


def test_the_sender_of_the_page_sends_each_to_its_topic_with_its_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[str, bytes, bytes]] = []

    class Producer:
        def __init__(self, **_: Any) -> None: ...
        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *_: object) -> None: ...
        async def send_and_wait(self, topic: str, value: bytes, key: bytes) -> None:
            sent.append((topic, key, value))

    names: dict[str, Any] = {"__name__": "send"}
    exec(block("python"), names)
    names["AIOKafkaProducer"] = Producer
    names["asyncio"].run(names["send"]("nowhere:1", EVENTS))

    assert [json.loads(value) for _, _, value in sent] == EVENTS
    homes = {kind_of(model): topic.name for topic in INBOUND for model in topic.models}
    assert [topic for topic, _, _ in sent] == [homes[event["type"]] for event in EVENTS]
    assert {key for _, key, _ in sent} == {b"S-1001", b"85123A", b"PO-7001"}


def test_the_table_names_every_topic_type_and_field() -> None:
    table = PAGE.split("## What an event means")[1].split("## Sending")[0]
    for topic in INBOUND:
        assert f"`{topic.name}`" in table
        for model in topic.models:
            assert f"`{kind_of(model)}`" in table
            fields = model.model_fields["data"].annotation.model_fields  # type: ignore[union-attr]
            for field in fields:
                assert re.search(rf"\b{field}\b", table), field
    assert f"`{INBOUND_DEAD_LETTERS}`" in PAGE


def test_the_id_is_what_the_page_says() -> None:
    assert "printf '%s\\n%s' SOURCE ID | sha256sum" in PAGE
    assert command_id("urn:x", "7") == "inbound/" + sha256(b"urn:x\n7").hexdigest()


def test_the_page_names_every_metric() -> None:
    telemetry = (ROOT / "api" / "inbound" / "telemetry.py").read_text()
    names = re.findall(r'"(stockyard_\w+)"', telemetry)
    assert len(names) == 6
    for name in names:
        assert f"`{name}`" in PAGE, name
