"""Who wants which events: the file that STOCKYARD_DELIVERIES names, checked before all else."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from api.deliveries import signing
from api.deliveries.addresses import is_public
from streams.exceptions import ConfigurationError
from streams.topics import Topics

VARIABLE = "STOCKYARD_DELIVERIES"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
LOCALHOST = ("localhost", ".localhost")

Seconds = Annotated[float, Meta(gt=0, le=86_400)]


class Endpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One `[[endpoint]]` of the file: a door, what goes there, and how patiently."""

    name: str
    url: str
    topics: Annotated[tuple[str, ...], Meta(min_length=1)]  # without the installation's prefix
    secret_env: str = ""
    secret_file: str = ""  # beside the file that names it, or absolute
    warehouses: tuple[str, ...] = ()  # all, where none is named
    types: tuple[str, ...] = ()
    private: bool = False
    start: Literal["beginning", "now"] = "beginning"
    parallel: Annotated[int, Meta(ge=1, le=64)] = 8  # requests at once, each of another key
    timeout_s: Seconds = 15.0  # the specification recommends 15 to 30
    tries: Annotated[int, Meta(ge=1, le=100)] = 3  # of an event that is refused
    open_after: Annotated[int, Meta(ge=1, le=1_000)] = 5  # failures in a row
    pause_s: Seconds = 1.0  # after a failure, at first
    pause_s_max: Seconds = 60.0
    patience_s: Seconds = 3_600.0  # with an event that fails while others are taken
    keys: tuple[bytes, ...] = ()  # of its secret; never in the file


class _File(msgspec.Struct, forbid_unknown_fields=True):
    endpoint: Annotated[list[Endpoint], Meta(min_length=1)]


def configured(domains: tuple[str, ...]) -> list[Endpoint]:
    """The endpoints of this process's environment; raises ConfigurationError."""
    named = os.environ.get(VARIABLE, "")
    if not named:
        raise ConfigurationError(
            f"{VARIABLE} names no file: without one there is nothing to deliver "
            "(docs/deliveries.md has an example)"
        )
    return read(Path(named), domains, os.environ)


def read(path: Path, domains: tuple[str, ...], environ: Mapping[str, str]) -> list[Endpoint]:
    """The endpoints of a file, each with its keys.

    Raises ConfigurationError, which says where and what to do.
    """
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).endpoint
    except OSError as error:
        raise ConfigurationError(f"{VARIABLE}={path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(f"{path}: two endpoints are named {twice[0]!r}: rename one")
    checked = []
    for one in found:
        try:
            _check(one, domains)
            checked.append(msgspec.structs.replace(one, keys=_keys(one, path.parent, environ)))
        except ValueError as error:
            raise ConfigurationError(f"{path}: endpoint {one.name!r}: {error}") from error
    return checked


def _check(one: Endpoint, domains: tuple[str, ...]) -> None:
    if NAME.fullmatch(one.name) is None:
        raise ValueError("name is not 1 to 63 of a-z 0-9 -, a letter or digit first")
    if one.keys:
        raise ValueError("keys is no option: name the secret's variable in secret_env")
    _check_url(one)
    known = [name for domain in domains for name in outgoing(domain)]
    for topic in one.topics:
        if topic not in known:
            raise ValueError(f"topics: {topic!r} is none of {', '.join(known)}")
    if len(set(one.topics)) < len(one.topics):
        raise ValueError("topics: one is named twice")
    if one.pause_s > one.pause_s_max:
        raise ValueError(f"pause_s {one.pause_s} is above pause_s_max {one.pause_s_max}")


def outgoing(domain: str) -> tuple[str, ...]:
    """What a domain sends to others, without a prefix."""
    topics = Topics.of(domain)
    return (topics.events, topics.alerts)


def _check_url(one: Endpoint) -> None:
    parts = urlsplit(one.url)
    host = parts.hostname
    plain = one.url.isprintable() and " " not in one.url
    if parts.scheme not in ("http", "https") or not host or not plain:
        raise ValueError(f"url: {one.url!r} is no http:// or https:// address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("url: no user or password in it: the signature says who sends")
    if parts.port == 0:
        raise ValueError("url: there is no port 0")
    try:
        host = host.encode("idna").decode()  # as it is looked up, whatever digits it is written in
    except UnicodeError:
        raise ValueError(f"url: {host!r} is no name of a host") from None
    if not one.private and _is_private(host):
        raise ValueError(
            f"url: {host} is in a private network: set private = true if that is meant"
        )


def _is_private(host: str) -> bool:
    """Whether it is for certain; names are resolved, and looked at again, when they are used."""
    try:
        return not is_public(host)
    except ValueError:
        return host.rstrip(".").endswith(LOCALHOST)


def _keys(one: Endpoint, folder: Path, environ: Mapping[str, str]) -> tuple[bytes, ...]:
    if bool(one.secret_env) == bool(one.secret_file):
        raise ValueError("one of secret_env and secret_file says where its secret is, not both")
    if one.secret_env:
        where, secret = f"secret_env: {one.secret_env}", environ.get(one.secret_env)
        if secret is None:
            raise ValueError(f"{where} is not set: give it the secret, whsec_ and base64")
    else:
        where = f"secret_file: {folder / one.secret_file}"
        try:
            secret = (folder / one.secret_file).read_text(encoding="utf-8")
        except OSError as error:
            raise ValueError(f"{where}: {error.strerror}") from error
        except UnicodeDecodeError:
            raise ValueError(f"{where}: it is not text") from None
    try:
        return signing.keys(secret)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
