"""Signatures are the specification's; ids name one event, whatever stands in it."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from api.deliveries import signing
from api.deliveries.events import said_in

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_example_of_the_specifications_libraries() -> None:
    body = b'{"test": 2432232314}'
    keys = signing.keys(SECRET)

    headers = signing.headers(keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@settings(max_examples=1_000, deadline=None)
@given(st.binary(min_size=24, max_size=64), st.text(max_size=40), st.integers(1, 2**31), st.text())
def test_another_implementation_signs_alike(
    key: bytes, event_id: str, now_s: int, text: str
) -> None:
    body = json.dumps({"id": event_id, "text": text}, ensure_ascii=False).encode(
        errors="surrogatepass"
    )
    if b"\xed" in body:
        body = json.dumps({"text": "x"}).encode()
    name = signing.webhook_id("t.stock.events.v1", "3-1/" + text.encode(errors="ignore").decode())
    secret = "whsec_" + base64.b64encode(key).decode()

    signed = signing.headers(signing.keys(secret), name, now_s, body)

    at = datetime.fromtimestamp(now_s, UTC)
    assert signed["webhook-signature"] == Webhook(secret).sign(name, at, body.decode())


@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2))
def test_an_id_is_plain_text_without_full_stops_and_no_two_events_share_it(
    ids: list[str],
) -> None:
    first, second = (signing.webhook_id("stock.alerts.v1", one) for one in ids)
    assert first.isascii()
    assert first.isprintable()
    assert "." not in first
    assert " " not in first
    assert (first == second) == (ids[0] == ids[1])


def test_two_secrets_sign_both_while_one_replaces_the_other() -> None:
    other = "whsec_" + base64.b64encode(b"k" * 32).decode()
    alone = [signing.headers(signing.keys(one), "a", 1, b"{}") for one in (SECRET, other)]

    both = signing.headers(signing.keys(f"{SECRET} {other}\n"), "a", 1, b"{}")

    assert both["webhook-signature"].split() == [one["webhook-signature"] for one in alone]


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_"),
        ("whsec_***", "base64"),
        ("whsec_" + base64.b64encode(b"k" * 23).decode(), "23 bytes"),
        ("whsec_" + base64.b64encode(b"k" * 65).decode(), "65 bytes"),
    ],
)
def test_a_bad_secret_is_refused_and_not_told(secret: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        signing.keys(secret)
    assert not secret.strip() or secret.removeprefix("whsec_") not in str(refused.value)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"id": 5}', b'{"id": "\\ud800"}'])
def test_what_is_no_event_of_ours_says_nothing(body: bytes) -> None:
    assert said_in(body).id == ""
