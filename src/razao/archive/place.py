"""What a route of the archive must be able to do, be it a folder on disk or a bucket: contents in and out, by company and hash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Staged:
    """A content that was read to its end and hashed, under a name nobody knows yet."""

    part: Path
    sha256: str
    size: int
    media_type: str


class Place(Protocol):
    """A route. Every method may be cut off anywhere and called again; each raises OSError when the place refuses."""

    @property
    def where(self) -> str:
        """The place as a person knows it."""

    def lacks(self) -> str | None:
        """The code of what is wrong with it, if anything."""

    def stage(self, source: BinaryIO, company: UUID) -> Staged:
        """Read a content to its end, without a name yet; leaves nothing when refused."""

    def settle(self, content: Staged, company: UUID) -> None:
        """Make a staged content durable under its hash; one that is there whole stays as it is."""

    def size(self, company: UUID, sha256: str) -> int | None:
        """Bytes of the content; None where it does not lie here."""

    def open(self, company: UUID, sha256: str) -> BinaryIO:
        """The content as it lies here, to be read once. Raises FileNotFoundError."""

    def local(self, company: UUID, sha256: str) -> Path:
        """A file on this machine's disk with the content, good for minutes. Raises FileNotFoundError."""

    def take_over(self, other: object, company: UUID, sha256: str) -> bool:
        """Make the content of ``other`` durable here without reading it; False where that cannot be."""

    def remove(self, company: UUID, sha256: str) -> None:
        """Take the content out; nothing happens when it is not there."""

    def contents(self, company: UUID) -> Iterator[tuple[str, int]]:
        """Hash and bytes of every whole content of a company."""

    def drop_parts(self, company: UUID, age: float) -> None:
        """Remove what cut-offs left more than ``age`` seconds ago."""

    def is_empty(self) -> bool:
        """Whether nothing at all lies here."""
