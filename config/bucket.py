"""Reads the address of an object storage: MEDIA_STORAGE_URL."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlsplit

OPTIONS = {"endpoint", "region", "public", "addressing"}
OFF = "off"
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX = re.compile(r"[\w.-]+(/[\w.-]+)*", re.ASCII)
SCHEMES = ("http", "https")


def read_bucket(url: str) -> dict[str, str]:
    """Return the parts of s3://[KEY:SECRET@]BUCKET[/PREFIX][?endpoint=&region=&public=&addressing=].

    `bucket`, `prefix`, `endpoint` ("": Amazon's), `region`, `public` (where browsers reach it; "": they do not),
    `addressing` (path or virtual), `key`, `secret` (both "": those of AWS_ACCESS_KEY_ID, a profile or the machine), and
    `place`, how people are told of it. Raises ValueError, whose words never have the secret.
    """
    parts = urlsplit(url)
    if parts.scheme != "s3":
        raise ValueError("it does not begin with s3://")
    bucket, prefix = parts.netloc.rpartition("@")[2], parts.path.strip("/")
    if not BUCKET.fullmatch(bucket):
        raise ValueError(f"{bucket!r} is not the name of a bucket (3 to 63 of a-z, 0-9, dots and hyphens)")
    if prefix and (not PREFIX.fullmatch(prefix) or ".." in prefix.split("/")):
        raise ValueError(f"{prefix!r} is not a prefix of letters, digits, dots, hyphens and slashes")
    given = parse_qsl(parts.query, keep_blank_values=True)
    options = dict(given)
    if unknown := sorted({name for name, _ in given} - OPTIONS):
        raise ValueError(f"{unknown[0]!r} is not one of its options ({', '.join(sorted(OPTIONS))})")
    key, _, secret = parts.netloc.rpartition("@")[0].partition(":")
    if bool(key) != bool(secret):
        raise ValueError("it has one of key and secret without the other")
    endpoint, region = options.get("endpoint", "").rstrip("/"), options.get("region", "") or "us-east-1"
    public = options.get("public", "").rstrip("/") or endpoint
    for name, address in (("endpoint", endpoint), ("public", "" if public == OFF else public)):
        if address and not _is_address(address):
            raise ValueError(f"{name} is no address such as https://s3.example.com")
    addressing = options.get("addressing", "") or ("path" if endpoint else "virtual")
    if addressing not in ("path", "virtual"):
        raise ValueError("addressing is neither path nor virtual")
    if public != OFF and not public:
        public = f"https://s3.{region}.amazonaws.com"
    return {
        "bucket": bucket,
        "prefix": prefix,
        "endpoint": endpoint,
        "region": region,
        "public": "" if public == OFF else public,
        "addressing": addressing,
        "key": unquote(key),
        "secret": unquote(secret),
        "place": f"s3://{bucket}" + (f"/{quote(prefix)}" if prefix else ""),
    }


def origin(bucket: dict[str, str]) -> str:
    """Return where the addresses that browsers get begin, for the Content-Security-Policy; "" where they get none."""
    if not bucket.get("public"):
        return ""
    parts = urlsplit(bucket["public"])
    host = f"{bucket['bucket']}.{parts.netloc}" if bucket["addressing"] == "virtual" else parts.netloc
    return f"{parts.scheme}://{host}"


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    has_more = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    return parts.scheme in SCHEMES and bool(parts.hostname) and not has_more
