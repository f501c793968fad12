"""The follower: whole committed transactions only, and recovery from whatever its store becomes."""

import asyncio
import shutil
import threading
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer

from api.follower import Follower
from api.problems import Problem
from schemas.domains import STOCK
from streams.settings import Settings
from streams.topics import Topics, ensure_topics
from tests.api.changelog import Changelog, row
from tests.api.processes import Api, Installation
from tests.waiting import until

SKUS = [f"S{number:03}" for number in range(900)]  # more than one turn of the follower reads


def same(warehouse: str, level: int) -> dict[bytes, bytes]:
    """All SKUs of a warehouse at one level."""
    rows: dict[bytes, bytes] = {}
    for sku in SKUS:
        rows |= row(warehouse, sku, level, version=level)
    return rows


def level_of(api: Api, warehouse: str, changelog: Changelog, seq: int) -> int:
    headers = {"X-Min-Position": f"{changelog.owner(warehouse)}:{seq}"}
    answer = api.get(f"/v1/stock/{warehouse}/S000", headers=headers)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["on_hand"])


def test_a_transaction_is_seen_whole_or_not_at_all(api: Api, changelog: Changelog) -> None:
    # given a reader that looks all the time, at many rows at once
    seen: list[tuple[int, set[int], int]] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            answer = api.get("/v1/stock", params={"warehouse": "WHOLE", "limit": 1000}).json()
            levels = {one["on_hand"] for one in answer["rows"]}
            seen.append((len(answer["rows"]), levels, answer["positions"][0]["seq"]))

    reader = threading.Thread(target=look)
    # when transactions are committed, and others taken back between them
    reader.start()
    for level in range(1, 16):
        if level % 3 == 0:
            changelog.abort("WHOLE", same("WHOLE", 1_000_000))
        changelog.commit("WHOLE", same("WHOLE", level))
    seq = changelog.commit("WHOLE", same("WHOLE", 16))
    assert level_of(api, "WHOLE", changelog, seq) == 16
    done.set()
    reader.join()
    # then every look saw one transaction's rows, all of them, and the position of that one
    assert len(seen) > 20
    for count, levels, seq_seen in seen:
        assert count in (0, len(SKUS))
        assert levels in (set(), {seq_seen})
    assert len({seq_seen for _, _, seq_seen in seen}) > 2


async def test_an_unfinished_transaction_is_never_seen(api: Api, changelog: Changelog) -> None:
    # given a committed row
    seq = await asyncio.to_thread(changelog.commit, "TORN", same("TORN", 7))
    assert await asyncio.to_thread(level_of, api, "TORN", changelog, seq) == 7
    # when another transaction is written but not committed, stamp and all
    async with changelog.torn("TORN", same("TORN", 8)):
        await asyncio.sleep(1)
        answer = await asyncio.to_thread(api.get, "/v1/stock/TORN/S000")
        # then it does not show
        assert answer.json()["on_hand"] == 7
        assert answer.json()["position"]["seq"] == seq
    # nor after it was taken back, and the next one shows
    seq = await asyncio.to_thread(changelog.commit, "TORN", same("TORN", 9))
    assert await asyncio.to_thread(level_of, api, "TORN", changelog, seq) == 9


def test_a_restart_goes_on_where_it_was(
    own_stock: Installation, own_api: Api, own_changelog: Changelog
) -> None:
    seq = own_changelog.commit("W", row("W", "S000", 5))
    assert level_of(own_api, "W", own_changelog, seq) == 5
    own_api.kill()
    seq = own_changelog.commit("W", row("W", "S000", 6) | row("W", "T", 1))
    again = own_stock.api()
    try:
        assert level_of(again, "W", own_changelog, seq) == 6
        assert rebuilds(again) == 0
    finally:
        assert again.stop() == 0


def rebuilds(api: Api) -> float:
    lines = api.get("/metrics").text.splitlines()
    return sum(float(x.split()[-1]) for x in lines if x.startswith("stockyard_api_rebuilds_total"))


def corrupt(store: Path) -> None:
    for file in [*store.glob("*.log"), *store.glob("*.sst"), *store.glob("MANIFEST*")]:
        file.write_bytes(b"\xff" * max(64, file.stat().st_size))


def foreign(store: Path) -> None:
    shutil.rmtree(store)
    store.mkdir()
    for name in ("CURRENT", "MANIFEST-000001"):
        (store / name).write_text("of another program\n")


def a_file(store: Path) -> None:
    shutil.rmtree(store)
    store.write_text("no directory at all")


def missing(store: Path) -> None:
    shutil.rmtree(store)


@pytest.mark.parametrize("breakage", [corrupt, foreign, a_file, missing])
def test_a_broken_store_is_rebuilt_from_the_changelog(
    own_stock: Installation, own_api: Api, own_changelog: Changelog, breakage: object
) -> None:
    assert callable(breakage)
    seq = own_changelog.commit("W", row("W", "S000", 5) | row("W", "T", 9))
    assert level_of(own_api, "W", own_changelog, seq) == 5
    assert own_api.stop() == 0
    for store in (own_stock.settings.home / "api").glob("stock-?"):
        breakage(store)
    again = own_stock.api()
    try:
        assert level_of(again, "W", own_changelog, seq) == 5
        assert again.get("/v1/stock/W/T").json()["on_hand"] == 9
        assert (rebuilds(again) > 0) == (breakage is not missing)
    finally:
        assert again.stop() == 0


def test_a_store_that_turns_out_corrupt_when_it_is_read_is_rebuilt(
    own_stock: Installation, own_api: Api, own_changelog: Changelog
) -> None:
    # given a store with its rows in files: what a restart makes of them
    seq = own_changelog.commit("W", same("W", 5))
    assert level_of(own_api, "W", own_changelog, seq) == 5
    assert own_api.stop() == 0
    assert own_stock.api().stop() == 0
    # when the rows are damaged, and nothing else
    name = f"stock-{own_changelog.owner('W')}"
    for file in (own_stock.settings.home / "api" / name).glob("*.sst"):
        content = file.read_bytes()
        place = content.find(b"S500")
        if place >= 0:
            damaged = bytes(byte ^ 0xFF for byte in content[place : place + 1_000])
            file.write_bytes(content[:place] + damaged + content[place + 1_000 :])
    again = own_stock.api()
    try:
        # then reading them is refused at first, and soon answered again
        assert again.get("/v1/stock/W/S500").status_code == 503
        deadline = time.monotonic() + 20
        while again.get("/v1/stock/W/S500").status_code == 503 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert level_of(again, "W", own_changelog, seq) == 5
        assert rebuilds(again) == 1
    finally:
        assert again.stop() == 0


def test_a_store_of_another_changelog_is_rebuilt(
    own_stock: Installation, own_api: Api, own_changelog: Changelog
) -> None:
    # given a store of this changelog
    seq = own_changelog.commit("W", row("W", "OLD", 5) | row("W", "S000", 5))
    assert level_of(own_api, "W", own_changelog, seq) == 5
    assert own_api.stop() == 0
    # when the topic is made anew, and longer than it was
    own_changelog.make_anew()
    for level in range(6, 12):
        seq = own_changelog.commit("W", row("W", "S000", level))
    again = own_stock.api()
    try:
        # then nothing of the old one is left
        assert level_of(again, "W", own_changelog, seq) == 11
        assert again.get("/v1/stock/W/OLD").status_code == 404
        assert rebuilds(again) == 1
    finally:
        assert again.stop() == 0


def test_a_store_ahead_of_the_changelog_is_rebuilt(
    own_stock: Installation, own_api: Api, own_changelog: Changelog
) -> None:
    seq = 0
    for level in range(1, 6):
        seq = own_changelog.commit("W", row("W", "OLD", 5) | row("W", "S000", level))
    assert level_of(own_api, "W", own_changelog, seq) == 5
    assert own_api.stop() == 0
    own_changelog.make_anew()
    again = own_stock.api()
    try:
        assert again.get("/v1/stock/W/OLD").status_code == 404
        seq = own_changelog.commit("W", row("W", "S000", 1))
        assert level_of(again, "W", own_changelog, seq) == 1
    finally:
        assert again.stop() == 0


def test_a_changelog_made_anew_is_noticed_while_running(
    own_api: Api, own_changelog: Changelog
) -> None:
    seq = 0
    for level in range(1, 6):
        seq = own_changelog.commit("W", row("W", "OLD", 5) | row("W", "S000", level))
    assert level_of(own_api, "W", own_changelog, seq) == 5
    own_changelog.make_anew()
    own_changelog.commit("W", row("W", "S000", 77))
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        answer = own_api.get("/v1/stock/W/OLD")
        if answer.status_code == 404:
            break
        time.sleep(0.2)
    assert own_api.get("/v1/stock/W/OLD").status_code == 404
    assert own_api.get("/v1/stock/W/S000").json()["on_hand"] == 77


def test_a_second_api_leaves_the_first_ones_store_alone(
    own_stock: Installation, own_api: Api, own_changelog: Changelog
) -> None:
    second = own_stock.start_api()
    assert second.wait(40) == 1
    assert "is in use by another API process" in second.log.read_text()
    seq = own_changelog.commit("W", row("W", "S000", 5))
    assert level_of(own_api, "W", own_changelog, seq) == 5


async def test_before_its_consumer_has_started_kafka_is_said_to_be_away(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(tmp_path, kafka, "starting.", 2, 1, 60, 10, 0, "127.0.0.1")
    await ensure_topics(settings, Topics.of(STOCK, settings.topic_prefix))
    begun, allowed, start = asyncio.Event(), asyncio.Event(), AIOKafkaConsumer.start

    async def start_late(consumer: AIOKafkaConsumer) -> None:
        begun.set()
        await allowed.wait()
        await start(consumer)

    monkeypatch.setattr(AIOKafkaConsumer, "start", start_late)
    follower = Follower(settings, STOCK)
    following = asyncio.create_task(follower.run())
    await begun.wait()
    with pytest.raises(Problem, match="Kafka does not answer"):
        await follower.check_kafka()
    allowed.set()
    await until(lambda: follower.caught_up)
    await follower.check_kafka()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
