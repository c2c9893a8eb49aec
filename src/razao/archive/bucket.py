"""One route of the archive as keys of an S3-compatible store: a stream in, an object under its hash out; knows no table.

What takes the part of ``fsync`` is the store's answer to a PUT whose SHA-256 and MD5 it has checked. A PUT is all or nothing, and
the same content has the same key: cut off anywhere, or with its answer lost, it is made again and changes nothing.
Reading needs a file at times; it comes from the machine's cache (``cache``), checked against its hash when it was fetched.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlparse
from uuid import UUID

from django.conf import settings

from razao.archive import cache
from razao.archive.disk import staged
from razao.archive.place import Staged
from razao.kernel.problems import Problem, Refused

CHUNK = 1 << 20
SCHEME = "s3://"


def is_bucket(route: object) -> bool:
    """Whether a route names a bucket (``s3://bucket/prefix``) and no folder."""
    return str(route).startswith(SCHEME)


def of_process(url: str, process: int) -> Bucket:
    """The bucket of a route, over this process's own connections."""
    parts = urlparse(url)
    prefix = parts.path.strip("/")
    client = _client(settings.RAZAO_S3_ENDPOINT, settings.RAZAO_S3_REGION, process)
    return Bucket(parts.netloc, f"{prefix}/" if prefix else "", client)


@lru_cache(maxsize=4)
def _client(endpoint: str, region: str, process: int) -> Any:
    """A client of the store; keys come from where its library looks for them (AWS_ACCESS_KEY_ID …, a role of the machine)."""
    del process
    try:
        # An extra, and a third of a second: only who routes the archive to a store has it loaded.
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise Refused(Problem("archive.no_client", values={"cause": str(error)})) from error
    patience = Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "total_max_attempts": 4},
        # Older stores know no checksum but those that are given below.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        max_pool_connections=20,
    )
    return boto3.client(
        "s3", endpoint_url=endpoint or None, region_name=region or None, config=patience
    )


@dataclass(frozen=True, slots=True)
class Bucket:
    """Keys ``<prefix><company>/<xx>/<sha256>`` of a bucket."""

    name: str
    prefix: str
    client: Any

    @property
    def where(self) -> str:
        return f"{SCHEME}{self.name}/{self.prefix}"

    def lacks(self) -> str | None:
        """The code of what is wrong with the bucket, if anything."""
        probe = f"{self.prefix}.probe"
        try:
            with _as_os_error(self.name):
                self.client.head_bucket(Bucket=self.name)
        except OSError:
            return "archive.route_missing"
        try:
            with _as_os_error(probe):
                self.client.put_object(Bucket=self.name, Key=probe, Body=b"")
        except OSError:
            return "archive.route_read_only"
        return None

    def key_of(self, company: UUID, sha256: str) -> str:
        return f"{self.prefix}{company}/{sha256[:2]}/{sha256}"

    def stage(self, source: BinaryIO, company: UUID) -> Staged:
        part = cache.new_part(company)
        try:
            return staged(source, part)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise

    def settle(self, content: Staged, company: UUID) -> None:
        if self.size(company, content.sha256) != content.size:
            self.put(self.key_of(company, content.sha256), content.part)
        cache.keep(content.part, company, content.sha256)

    def put(self, key: str, path: Path) -> None:
        """Make a file's bytes an object. The store refuses what reaches it differently."""
        with path.open("rb") as body:
            sha256 = hashlib.file_digest(body, "sha256").digest()
            body.seek(0)
            md5 = hashlib.file_digest(body, lambda: hashlib.md5(usedforsecurity=False)).digest()
            body.seek(0)
            with _as_os_error(key):
                answer = self.client.put_object(
                    Bucket=self.name,
                    Key=key,
                    Body=body,
                    ContentMD5=base64.b64encode(md5).decode(),
                    ChecksumSHA256=base64.b64encode(sha256).decode(),
                )
        # A store that checks nothing still tells what it got; one that encrypts tells something else, and checks.
        plain = "ServerSideEncryption" not in answer
        if plain and answer.get("ETag", "").strip('"') != md5.hex():
            self.drop(key)
            raise OSError(errno.EIO, "what was written arrived differently", key)

    def size(self, company: UUID, sha256: str) -> int | None:
        key = self.key_of(company, sha256)
        try:
            with _as_os_error(key):
                return int(self.client.head_object(Bucket=self.name, Key=key)["ContentLength"])
        except FileNotFoundError:
            return None

    def open(self, company: UUID, sha256: str) -> BinaryIO:
        out = tempfile.TemporaryFile()  # noqa: SIM115  (its reader closes it)
        try:
            self.fetch(self.key_of(company, sha256), out)
        except BaseException:
            out.close()
            raise
        out.seek(0)
        return cast(BinaryIO, out)

    def fetch(self, key: str, out: Any) -> str:
        """Write an object's bytes to ``out``; their SHA-256. Raises FileNotFoundError."""
        digest = hashlib.sha256()
        with _as_os_error(key):
            answer = self.client.get_object(Bucket=self.name, Key=key)
            with contextlib.closing(answer["Body"]) as body:
                for piece in body.iter_chunks(CHUNK):
                    digest.update(piece)
                    out.write(piece)
        return digest.hexdigest()

    def local(self, company: UUID, sha256: str) -> Path:
        kept = cache.find(company, sha256)
        if kept is not None:
            return kept
        part = cache.new_part(company)
        try:
            with part.open("xb") as out:
                found = self.fetch(self.key_of(company, sha256), out)
                out.flush()
                os.fsync(out.fileno())
            if found != sha256:
                raise OSError(errno.EIO, f"{self.where} holds another content under {sha256}")
            return cache.keep(part, company, sha256)
        finally:
            part.unlink(missing_ok=True)

    def take_over(self, other: object, company: UUID, sha256: str) -> bool:
        """Let the store copy from another key of its own; False for a content that lies elsewhere."""
        if not isinstance(other, Bucket) or other.client is not self.client:
            return False
        source = {"Bucket": other.name, "Key": other.key_of(company, sha256)}
        key = self.key_of(company, sha256)
        with _as_os_error(key):
            self.client.copy_object(Bucket=self.name, Key=key, CopySource=source)
        return True

    def remove(self, company: UUID, sha256: str) -> None:
        self.drop(self.key_of(company, sha256))

    def drop(self, key: str) -> None:
        """Delete an object; nothing happens when there is none."""
        with _as_os_error(key):
            self.client.delete_object(Bucket=self.name, Key=key)

    def contents(self, company: UUID) -> Iterator[tuple[str, int]]:
        for key, size in self._keys(f"{self.prefix}{company}/"):
            yield key.rpartition("/")[2], size

    def _keys(self, prefix: str, at_once: int = 1000) -> Iterator[tuple[str, int]]:
        asked = {"Bucket": self.name, "Prefix": prefix, "MaxKeys": at_once}
        while True:
            with _as_os_error(prefix):
                page = self.client.list_objects_v2(**asked)
            for one in page.get("Contents", ()):
                yield one["Key"], int(one["Size"])
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def drop_parts(self, company: UUID, age: float) -> None:
        cache.drop_parts(company, age)

    def is_empty(self) -> bool:
        probe = f"{self.prefix}.probe"
        return not [key for key, _ in self._keys(self.prefix, 2) if key != probe][:1]


@contextlib.contextmanager
def _as_os_error(what: str) -> Iterator[None]:
    """What a store refuses, as what a disk would: FileNotFoundError for a missing key, else OSError with the store's words."""
    from botocore.exceptions import BotoCoreError, ClientError  # as in ``_client``
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {})
        if said.get("Code") in {"404", "NoSuchKey", "NotFound"}:
            raise FileNotFoundError(errno.ENOENT, "not in the store", what) from error
        raise OSError(errno.EIO, f"{said.get('Code')} {said.get('Message')}", what) from error
    except (BotoCoreError, HTTPError) as error:
        raise OSError(errno.EIO, str(error), what) from error
