"""Signs what is sent as the Standard Webhooks specification has it, symmetric, version v1.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from urllib.parse import quote

PREFIX = "whsec_"
KEY_BYTES_MIN, KEY_BYTES_MAX = 24, 64  # the specification's


def keys(secret: str) -> tuple[bytes, ...]:
    """The keys of a secret: `whsec_` and base64; two with a space between while one replaces one.

    Raises ValueError, which says what is wrong and nothing of the secret.
    """
    words = secret.split()
    if not words:
        raise ValueError("it is empty")
    return tuple(_key(word) for word in words)


def _key(word: str) -> bytes:
    try:
        if not word.startswith(PREFIX):
            raise ValueError
        key = b64decode(word.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        raise ValueError(f"it is not {PREFIX} and base64") from None
    if not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        raise ValueError(
            f"its key has {len(key)} bytes, not {KEY_BYTES_MIN} to {KEY_BYTES_MAX}: "
            'echo "whsec_$(openssl rand -base64 32)" makes one'
        )
    return key


def webhook_id(topic: str, event_id: str) -> str:
    """Names an event for ever and everywhere: `stock/events/v1/3-123`.

    The signed text has full stops between its parts, so there must be none in this one.
    """
    return f"{topic.replace('.', '/')}/{quote(event_id).replace('.', '%2E')}"


def headers(keys: Sequence[bytes], name: str, now_s: int, body: bytes) -> dict[str, str]:
    """The three headers of an attempt at `now_s`, seconds since the epoch."""
    assert "." not in name
    signed = b"%b.%d.%b" % (name.encode("ascii"), now_s, body)
    digests = [hmac.digest(key, signed, hashlib.sha256) for key in keys]
    return {
        "webhook-id": name,
        "webhook-timestamp": str(now_s),
        "webhook-signature": " ".join("v1," + b64encode(one).decode() for one in digests),
    }
