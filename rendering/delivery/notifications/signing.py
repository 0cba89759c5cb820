"""Signatures of webhooks: those of Standard Webhooks, and the one that Renderdesk had before."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from rendering.models.webhook import key_of

OLDER = "X-Renderdesk-Signature"


def signatures(secrets: Sequence[str], key: str, timestamp: int, payload: bytes) -> dict[str, str]:
    """Return the headers that let the receiver check *payload*; each of *secrets* signs. *key*: the message's id.

    github.com/standard-webhooks, spec: "v1," and the Base64 of the HMAC-SHA256 of "ID.SECONDS.PAYLOAD" with the
    secret's bytes. The older header is "t=SECONDS,v1=HEX" of "SECONDS.PAYLOAD" with the secret's text.
    """
    signed = f"{key}.{timestamp}.".encode() + payload
    said = [f"v1,{base64.b64encode(_mac(key_of(secret), signed)).decode()}" for secret in secrets]
    older = [_mac(secret.encode(), f"{timestamp}.".encode() + payload).hex() for secret in secrets]
    return {
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(said),
        OLDER: ",".join([f"t={timestamp}", *(f"v1={one}" for one in older)]),
    }


def _mac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()
