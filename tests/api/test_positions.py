"""X-Min-Position: a read waits for what its client has seen, at most five seconds."""

import threading
import time

import pytest

from api.positions import parse
from api.problems import Problem
from tests.api.changelog import Changelog, row
from tests.api.processes import Api


def test_a_list_is_read_with_the_largest_seq_of_a_partition() -> None:
    assert parse("3:123", 4) == {3: 123}
    assert parse(" 3:1 ,0:7,3:5", 4) == {3: 5, 0: 7}


@pytest.mark.parametrize(
    "header",
    ["", "3", "3:", ":3", "3:4:5", "3:-1", "3:1,", "x:1", "3:1.0", "\uff13:1", "3:1;4:1", "4:1",
     "99999999999:1", "3:99999999999999999999", "3:9223372036854775808", "3:1 2:1",
     "3:1," * 3_000 + "3:1"],
)  # fmt: skip
def test_what_is_no_position_is_refused(header: str) -> None:
    with pytest.raises(Problem) as caught:
        parse(header, 4)
    assert caught.value.status == 400


@pytest.mark.parametrize("header", ["x", "3:1,,", "4:1", "3:9223372036854775808"])
@pytest.mark.parametrize(
    "path",
    ["/v1/stock", "/v1/stock/W/S", "/v1/reservations/W/R", "/v1/commands/W/C",
     "/v1/movements?warehouse=W&sku=S"],
)  # fmt: skip
def test_every_read_refuses_a_malformed_header(api: Api, path: str, header: str) -> None:
    answer = api.get(path, headers={"X-Min-Position": header})
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["path"] == "header.X-Min-Position"


def test_a_read_waits_until_the_position_is_there(api: Api, changelog: Changelog) -> None:
    # given a reader that wants the next event of this warehouse
    seq = changelog.commit("WAIT", row("WAIT", "S", 1))
    wanted = f"{changelog.owner('WAIT')}:{seq + 1}"
    answers = []
    reader = threading.Thread(
        target=lambda: answers.append(
            api.get("/v1/stock/WAIT/S", headers={"X-Min-Position": wanted})
        )
    )
    reader.start()
    time.sleep(0.5)
    assert not answers
    # when it comes
    changelog.commit("WAIT", row("WAIT", "S", 2))
    reader.join(5)
    # then the read has seen it
    assert answers[0].status_code == 200
    assert answers[0].json()["on_hand"] == 2
    assert answers[0].json()["position"]["seq"] == seq + 1


def test_a_position_that_does_not_come_is_503_after_five_seconds(
    api: Api, changelog: Changelog
) -> None:
    wanted = f"{changelog.owner('WAIT')}:1000000"
    started = time.monotonic()
    answer = api.get("/v1/stock/WAIT/S", headers={"X-Min-Position": wanted})
    assert time.monotonic() - started > 4.5
    assert answer.status_code == 503
    assert answer.json()["code"] == "POSITION_NOT_REACHED"
    assert int(answer.headers["Retry-After"]) >= 1


def test_positions_that_are_there_do_not_wait(api: Api, changelog: Changelog) -> None:
    seq = changelog.commit("WAIT", row("WAIT", "S", 1))
    headers = {"X-Min-Position": f"{changelog.owner('WAIT')}:{seq},0:0,1:0,2:0,3:0"}
    assert api.get("/v1/stock/WAIT/S", headers=headers).status_code == 200
