"""What is left to channels over HTTP, and a command that comes through one."""

from schemas.pools import Channel
from schemas.rows import ChannelReservation, Policy, ReservedLine
from schemas.stock import ChannelsView, ReservationView
from tables.stock import channels_key, encode_channels, encode_policy, policy_key
from tests.api.changelog import Changelog, reservation, row
from tests.api.processes import Api

CHANNELS = [Channel("web", 4, 0, 5, 6, True), Channel("shop", safety_stock=7)]


def at(changelog: Changelog, seq: int) -> dict[str, str]:
    return {"X-Min-Position": f"{changelog.owner('LON-1')}:{seq}"}


def test_channels_are_shown_with_what_is_left_to_each(api: Api, changelog: Changelog) -> None:
    beside = {
        channels_key("LON-1", "fenced"): encode_channels(CHANNELS),
        policy_key("LON-1", "fenced"): encode_policy(Policy(2)),
    }
    seq = changelog.commit("LON-1", row("LON-1", "fenced", 12, 2, marks=9) | beside)
    answer = api.get("/v1/channels/LON-1/fenced", headers=at(changelog, seq))
    assert answer.status_code == 200, answer.text
    ChannelsView.model_validate_json(answer.content)
    points = {"low_point": 5, "recover_point": 6, "is_low": True}
    web = {"channel": "web", "quantity": 4, "left": 4, "safety_stock": 0} | points
    shop = {"channel": "shop", "quantity": None, "left": 3, "safety_stock": 7}
    assert answer.json() == {
        "warehouse": "LON-1",
        "sku": "fenced",
        "available": 10,
        "left": 4,
        "channels": [web, shop | {"low_point": 0, "recover_point": None, "is_low": False}],
        "position": {"partition": changelog.owner("LON-1"), "seq": seq},
    }


def test_a_sku_without_channels_has_none(api: Api, changelog: Changelog) -> None:
    seq = changelog.commit("LON-1", row("LON-1", "open to all", 5))
    found = api.get("/v1/channels/LON-1/open to all", headers=at(changelog, seq)).json()
    assert (found["left"], found["channels"]) == (5, [])
    assert api.get("/v1/channels/LON-1/never", headers=at(changelog, seq)).status_code == 404


def test_a_reservation_says_its_channel(api: Api, changelog: Changelog) -> None:
    held = ChannelReservation("open", "2026-11-20T10:00:00.000Z", [ReservedLine("A", 9)], "web")
    seq = changelog.commit("LON-1", reservation("LON-1", "order-web", held))
    answer = api.get("/v1/reservations/LON-1/order-web", headers=at(changelog, seq))
    ReservationView.model_validate_json(answer.content)
    assert answer.json()["channel"] == "web"
