"""A bucket of an object storage (S3): objects by their names, whole or not at all, with their SHA-256 on the way in.

It speaks as a file system on a network would: what is not there is FileNotFoundError, what can't be written
PermissionError, a server that gives no answer an OSError of `GONE`.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Lock
from typing import IO, Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

CHUNK = 1 << 20  # bytes
PART = 16 << 20  # bytes of one part; what is not larger is sent at once
MOST_PARTS = 9_000  # S3 takes 10,000
BATCH = 1_000  # names of one deletion
UNFINISHED = timedelta(days=1)  # parts whose sender was killed
PAUSE_SECONDS, LONGEST_PAUSE = 0.5, 10.0  # after a server said nothing
REFUSED = {401, 403}
THERE_ALREADY = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
NO_ROOM = {"XMinioStorageFull", "QuotaExceeded", "InsufficientStorage", "507"}


@dataclass(frozen=True)
class StoredObject:
    """What the bucket says of an object: name, bytes, when it was written (ns since 1970), SHA-256 ("": unknown)."""

    name: str
    bytes: int
    written_ns: int
    sha256: str = ""


class Bucket:
    """The bucket of `config.bucket.read_bucket`; safe for threads, and for a process that forks."""

    def __init__(self, config: Mapping[str, str]) -> None:
        self.config = config
        self._clients: dict[tuple[int, str], Any] = {}
        self._lock = Lock()
        self._silence, self._silent_until = "", 0.0

    @property
    def place(self) -> str:
        return self.config["place"]

    def put(self, name: str, content: IO[bytes], size: int, sha256: str) -> bool:
        """Write a new object, durable when this returns; return False where there is one of this name already.

        Raises OSError: EIO where the bytes are not those of *sha256*, and others of the module.
        """
        with self._answers(name, writes=True):
            try:
                self._put(name, content, size, sha256)
            except ClientError as error:
                if _code(error) not in THERE_ALREADY:
                    raise
                return False
        return True

    def _put(self, name: str, content: IO[bytes], size: int, sha256: str) -> None:
        if size <= PART:
            self.write(name, content.read(), sha256, IfNoneMatch="*")
            return
        client, target = self._client(), self._target(name)
        about = {"Metadata": _about(sha256), "ChecksumAlgorithm": "SHA256"}
        upload = client.create_multipart_upload(**target, **about)["UploadId"]
        try:
            parts: list[dict[str, Any]] = []
            whole = hashlib.sha256()
            length = max(PART, -(-size // MOST_PARTS))
            while part := content.read(length):
                whole.update(part)
                checked = {"ChecksumSHA256": _base64(hashlib.sha256(part).digest())}
                number = len(parts) + 1
                sent = client.upload_part(**target, UploadId=upload, PartNumber=number, Body=part, **checked)
                parts.append({"PartNumber": number, "ETag": sent["ETag"], **checked})
            _compare(name, whole.hexdigest(), sha256)
            ended = {"UploadId": upload, "MultipartUpload": {"Parts": parts}}
            client.complete_multipart_upload(**target, **ended, IfNoneMatch="*")
        except BaseException:
            with suppress(ClientError, BotoCoreError):
                client.abort_multipart_upload(**target, UploadId=upload)
            raise

    def write(self, name: str, content: bytes, sha256: str = "", **condition: str) -> None:
        """Write an object over what is there. Raises as `put` does."""
        digest = hashlib.sha256(content)
        _compare(name, digest.hexdigest(), sha256 or digest.hexdigest())
        with self._answers(name, writes=True):
            self._client().put_object(
                **self._target(name),
                Body=content,
                ChecksumSHA256=_base64(digest.digest()),
                Metadata=_about(digest.hexdigest()),
                **condition,
            )

    def about(self, name: str) -> StoredObject:
        """Return what the bucket says of an object. Raises FileNotFoundError, OSError."""
        with self._answers(name):
            said = self._client().head_object(**self._target(name))
        about = said.get("Metadata", {})
        written = int(about.get("written-ns") or said["LastModified"].timestamp() * 1e9)
        return StoredObject(name, said["ContentLength"], written, about.get("sha256", ""))

    def chunks(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield an object's bytes, or *length* of them from *start* on. Raises FileNotFoundError, OSError."""
        part = {} if length is None else {"Range": f"bytes={start}-{start + length - 1}"}
        with self._answers(name):
            body = self._client().get_object(**self._target(name), **part)["Body"]
            try:
                yield from body.iter_chunks(CHUNK)
            finally:
                body.close()

    def read(self, name: str) -> bytes:
        """Return an object's bytes. Raises FileNotFoundError, OSError."""
        return b"".join(self.chunks(name))

    def copy(self, name: str, target: str) -> None:
        """Copy an object in the bucket. Raises FileNotFoundError, OSError."""
        source = {"Bucket": self.config["bucket"], "Key": self._key(name)}
        with self._answers(name, writes=True):
            self._client().copy_object(**self._target(target), CopySource=source)

    def delete(self, names: Iterable[str]) -> None:
        """Delete these objects, as far as they are there. Raises OSError."""
        every = list(names)
        for start in range(0, len(every), BATCH):
            some = [{"Key": self._key(name)} for name in every[start : start + BATCH]]
            with self._answers(every[start], writes=True):
                if len(some) == 1:
                    self._client().delete_object(**self._target(every[start]))
                    continue
                wish = {"Objects": some, "Quiet": True}
                said = self._client().delete_objects(Bucket=self.config["bucket"], Delete=wish)
            if wrong := said.get("Errors"):
                raise PermissionError(errno.EACCES, wrong[0].get("Message", ""), every[start])

    def listed(self, folder: str, most: int = 0) -> Iterator[StoredObject]:
        """Yield the objects whose names begin with *folder* and a slash, by name; *most*: one page of so many."""
        start = self._key(f"{folder}/")
        page: dict[str, Any] = {"MaxKeys": most} if most else {}
        while True:
            with self._answers(folder):
                said = self._client().list_objects_v2(Bucket=self.config["bucket"], Prefix=start, **page)
            for one in said.get("Contents", ()):
                name = folder + "/" + one["Key"][len(start) :]
                yield StoredObject(name, one["Size"], int(one["LastModified"].timestamp() * 1e9))
            if most or not said.get("IsTruncated"):
                return
            page["ContinuationToken"] = said["NextContinuationToken"]

    def abort_unfinished(self) -> int:
        """Delete the parts of files whose sender was killed a while ago; return how many. Raises OSError."""
        line, count = datetime.now(UTC) - UNFINISHED, 0
        start = f"{self.config['prefix']}/" if self.config["prefix"] else ""
        with self._answers("", writes=True):
            said = self._client().list_multipart_uploads(Bucket=self.config["bucket"], Prefix=start)
            for one in said.get("Uploads", ()):
                if one["Initiated"] < line:
                    where = {"Bucket": self.config["bucket"], "Key": one["Key"]}
                    self._client().abort_multipart_upload(**where, UploadId=one["UploadId"])
                    count += 1
        return count

    def link(self, name: str, file_name: str, mime_type: str, inline: bool, seconds: int) -> str:
        """Return an address that opens an object for so many seconds, to whoever has it; "" where none is given."""
        if not self.config["public"]:
            return ""
        shown = {
            "ResponseContentDisposition": content_disposition_header(not inline, file_name) or "inline",
            "ResponseContentType": mime_type,
            "ResponseCacheControl": "private, no-store",
        }
        with self._answers(name):
            return str(
                self._client(self.config["public"]).generate_presigned_url(
                    "get_object", self._target(name) | shown, seconds
                )
            )

    def _target(self, name: str) -> dict[str, str]:
        return {"Bucket": self.config["bucket"], "Key": self._key(name)}

    def _key(self, name: str) -> str:
        return f"{self.config['prefix']}/{name}" if self.config["prefix"] else name

    def _client(self, endpoint: str = "") -> Any:
        """Return this process's client: connections that a fork inherits are of no use."""
        which = (os.getpid(), endpoint or self.config["endpoint"])
        with self._lock:
            if which not in self._clients:
                self._clients[which] = self._new_client(which[1])
            return self._clients[which]

    def _new_client(self, endpoint: str) -> Any:
        keys = {"aws_access_key_id": self.config["key"], "aws_secret_access_key": self.config["secret"]}
        return _session(os.getpid()).create_client(
            "s3",
            region_name=self.config["region"],
            endpoint_url=endpoint or None,
            **(keys if self.config["key"] else {}),
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": self.config["addressing"]},
                connect_timeout=4,
                read_timeout=30,
                retries={"mode": "standard", "max_attempts": 3},
                max_pool_connections=32,
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                tcp_keepalive=True,
            ),
        )

    @contextmanager
    def _answers(self, name: str, *, writes: bool = False) -> Iterator[None]:
        """Turn what the server says, or that it says nothing, into the errors of a file system.

        One that says nothing is not asked again for as long as that took, so that nobody waits for it in a row.
        """
        began = time.monotonic()
        if began < self._silent_until:
            raise OSError(errno.EHOSTUNREACH, self._silence, name)
        try:
            yield
        except ClientError as error:
            if writes and _code(error) in THERE_ALREADY:
                raise
            raise self._error(error, name, writes) from error
        except BotoCoreError as error:
            self._silence = str(error)
            self._silent_until = time.monotonic() + min(
                max(time.monotonic() - began, PAUSE_SECONDS), LONGEST_PAUSE
            )
            raise OSError(errno.EHOSTUNREACH, self._silence, name) from error

    def _error(self, error: ClientError, name: str, writes: bool) -> OSError:
        code, status = _code(error), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code == "NoSuchBucket":
            words = _("there is no bucket {bucket}").format(bucket=self.config["bucket"])
            return OSError(errno.ENODEV, words, name)
        if status == 404:
            return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        if status in REFUSED:
            words = _("the server refuses the keys, or they may not do this ({code})").format(code=code)
            return (
                PermissionError(errno.EACCES, words, name) if writes else OSError(errno.ENOTCONN, words, name)
            )
        if code in NO_ROOM:
            return OSError(errno.EROFS, _("the storage is full ({code})").format(code=code), name)
        if status >= 500 or code in ("SlowDown", "RequestTimeout"):
            return OSError(errno.EHOSTUNREACH, str(error), name)
        return OSError(errno.EIO, str(error), name)


@cache
def _session(process: int) -> Any:
    """Return what reads the descriptions of the service, half a second of work, once for each process."""
    return botocore.session.get_session()


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _about(sha256: str) -> dict[str, str]:
    return {"sha256": sha256, "written-ns": f"{datetime.now(UTC).timestamp() * 1e9:.0f}"}


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _compare(name: str, sha256: str, wanted: str) -> None:
    if sha256 != wanted:
        words = _("the bytes are not those that were to be stored (SHA-256 {sha256})").format(sha256=sha256)
        raise OSError(errno.EIO, words, name)
