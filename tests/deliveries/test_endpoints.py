"""The file of endpoints: what it takes, and what is said of what it does not."""

import base64
from pathlib import Path
from typing import Any

import pytest

from api.deliveries.addresses import PrivateAddress, PublicResolver, is_public
from api.deliveries.endpoints import Endpoint, configured, read
from api.deliveries.events import Outgoing, Said
from api.deliveries.posting import Poster
from schemas.domains import DOMAINS
from streams.exceptions import ConfigurationError

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
ENVIRON = {"SHOP_SECRET": SECRET, "BAD": "hunter2"}
GOOD = """\
[[endpoint]]
name = "shop"
url = "https://shop.example.com/stock?x=1"
secret_env = "SHOP_SECRET"
topics = ["stock.events.v1", "stock.alerts.v1"]
"""


def loaded(folder: Path, text: str) -> list[Endpoint]:
    file = folder / "endpoints.toml"
    file.write_text(text)
    return read(file, DOMAINS, ENVIRON)


def test_a_plain_endpoint_has_the_documented_defaults(tmp_path: Path) -> None:
    (one,) = loaded(tmp_path, GOOD)

    assert one == Endpoint(
        name="shop",
        url="https://shop.example.com/stock?x=1",
        topics=("stock.events.v1", "stock.alerts.v1"),
        secret_env="SHOP_SECRET",
        warehouses=(),
        types=(),
        private=False,
        start="beginning",
        parallel=8,
        timeout_s=15,
        tries=3,
        open_after=5,
        pause_s=1,
        pause_s_max=60,
        patience_s=3_600,
        keys=(b"k" * 32,),
    )


def test_a_secret_may_stand_in_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET + "\n")
    (one,) = loaded(tmp_path, GOOD.replace('secret_env = "SHOP_SECRET"', 'secret_file = "secret"'))
    assert one.keys == (b"k" * 32,)


SECRET_LINE = 'secret_env = "SHOP_SECRET"'
URL = '"https://shop.example.com/stock?x=1"'
TOPICS = '["stock.events.v1", "stock.alerts.v1"]'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (GOOD, "", "endpoint"),
        (GOOD, "endpoint = []", "endpoint"),
        (GOOD, "no toml", "line 1"),
        (GOOD, GOOD + GOOD, "two endpoints are named 'shop'"),
        ('name = "shop"\n', "", r"`name` - at `\$.endpoint\[0\]`"),
        ('"shop"', '"Shop"', "name is not"),
        ('"shop"', '"../shop"', "name is not"),
        ('"shop"', '"s\\n"', "name is not"),
        (URL, '"ftp://shop.example.com"', "no http:// or https://"),
        (URL, '"shop.example.com"', "no http:// or https://"),
        (URL, '"https://"', "no http:// or https://"),
        (URL, '"https://a b/"', "no http:// or https://"),
        (URL, '"https://[::1"', "Invalid IPv6"),
        (URL, '"https://shop.example.com:99999"', "[Pp]ort"),
        (URL, '"https://shop.example.com:0"', "port 0"),
        (URL, '"https://me:pw@shop.example.com"', "no user or password"),
        (URL, '"http://127.0.0.1:80/"', "set private = true"),
        (URL, '"http://10.1.2.3/"', "set private = true"),
        (URL, '"http://[::ffff:192.168.0.1]/"', "set private = true"),
        (URL, '"http://169.254.169.254/latest"', "set private = true"),
        (URL, '"http://LOCALHOST./"', "set private = true"),
        (URL, '"http://\uff11\uff12\uff17.0.0.1/"', "set private = true"),  # used as 127.0.0.1
        (URL, '"https://shop..example.com"', "'shop..example.com' is no name of a host"),
        (URL, f'"https://{"a" * 64}.example.com"', "is no name of a host"),
        (TOPICS, "[]", "topics"),
        (TOPICS, '["stock.commands.v1"]', "'stock.commands.v1' is none of stock.events.v1"),
        (TOPICS, '["stock.changelog.v1"]', "is none of"),
        (TOPICS, '["stock.events.v1", "stock.events.v1"]', "twice"),
        (SECRET_LINE, "", "one of secret_env and secret_file"),
        (SECRET_LINE, SECRET_LINE + '\nsecret_file = "a"', "one of secret_env and secret_file"),
        (SECRET_LINE, 'secret_env = "MISSING"', "MISSING is not set"),
        (SECRET_LINE, 'secret_env = "BAD"', "BAD: it is not whsec_"),
        (SECRET_LINE, 'secret_file = "missing"', "missing: No such file"),
        (SECRET_LINE, SECRET_LINE + "\nretries = 3", "unknown field `retries`"),
        (SECRET_LINE, SECRET_LINE + '\ntries = "3"', r"`int`.*tries"),
        (SECRET_LINE, SECRET_LINE + "\ntries = 0", "tries"),
        (SECRET_LINE, SECRET_LINE + "\ntimeout_s = nan", "timeout_s"),
        (SECRET_LINE, SECRET_LINE + "\ntimeout_s = 0", "timeout_s"),
        (SECRET_LINE, SECRET_LINE + "\nparallel = 65", "parallel"),
        (SECRET_LINE, SECRET_LINE + "\npause_s = 61", "above pause_s_max"),
        (SECRET_LINE, SECRET_LINE + '\nstart = "tomorrow"', "tomorrow"),
        (SECRET_LINE, SECRET_LINE + '\nkeys = ["AAAA"]', "keys is no option"),
    ],
)
def test_what_is_wrong_is_said_with_the_file_and_no_secret(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in GOOD
    with pytest.raises(ConfigurationError, match=said) as refused:
        loaded(tmp_path, GOOD.replace(old, new))
    assert str(tmp_path / "endpoints.toml") in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_private_endpoint_is_one_that_says_so(tmp_path: Path) -> None:
    text = GOOD.replace("https://shop.example.com", "http://127.0.0.1:80")
    assert loaded(tmp_path, text + "private = true\n")[0].private


def test_topics_are_of_the_domains_at_work(tmp_path: Path) -> None:
    text = GOOD.replace("stock.alerts.v1", "finance.events.v1")
    assert loaded(tmp_path, text)
    file = tmp_path / "endpoints.toml"
    with pytest.raises(ConfigurationError, match=r"'finance\.events\.v1' is none of"):
        read(file, ("stock",), ENVIRON)


def test_a_missing_file_and_a_missing_variable_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml: No such file"):
        read(tmp_path / "nowhere.toml", DOMAINS, ENVIRON)
    with pytest.raises(ConfigurationError, match="directory"):
        read(tmp_path, DOMAINS, ENVIRON)
    monkeypatch.delenv("STOCKYARD_DELIVERIES", raising=False)
    with pytest.raises(ConfigurationError, match="STOCKYARD_DELIVERIES names no file"):
        configured(DOMAINS)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700:4700::1111", True), ("64:ff9b::808:808", True),
        ("127.0.0.1", False), ("0.0.0.0", False), ("10.0.0.1", False), ("172.16.0.1", False),
        ("192.168.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False),
        ("224.0.0.1", False), ("255.255.255.255", False), ("::", False), ("::1", False),
        ("fe80::1%eth0", False), ("fd00::1", False), ("ff02::1", False),
        ("::ffff:127.0.0.1", False), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False),
    ],
)  # fmt: skip
def test_an_address_is_public_or_it_is_not(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f000001", "2130706433", "0"])
async def test_a_name_that_leads_home_is_refused_when_it_is_resolved(host: str) -> None:
    resolver: Any = PublicResolver()
    with pytest.raises(PrivateAddress, match="set private = true"):
        await resolver.resolve(host, 80)
    await resolver.close()


async def test_an_attempt_at_such_a_name_says_what_to_do() -> None:
    event = Outgoing("stock.events.v1", 0, 0, b"LON-1", b"{}", Said(id="0-1"))
    away = Endpoint(name="shop", url="http://localhost:9/", topics=("stock.events.v1",))
    async with Poster(away) as poster:
        answer = await poster.post(event)
    assert "in a private network: set private = true" in answer.text
