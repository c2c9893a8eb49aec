"""Files damaged by chance or by intent: a seed file and a source of chance in, a file that nobody should have sent out."""

from __future__ import annotations

import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence

MOST_BYTES = 2_000_000
NUMBERS = (
    *(b"0", b"-1", b"-0.00", b"1e308", b"1E+1000000", b"NaN", b"Infinity", b"9" * 19, b"9" * 400),
    *(b"4294967295", b"2147483648", b"0x10", b"1,5", b"1.234,56", b"12.345.678", b"", b" ", b"+"),
    *("١٢٣".encode(), "½".encode(), b"0000-00-00", b"9999-12-31", b"2025-02-30", b"20251399"),
)
TEXTS = (
    *(
        b"&a;",
        b"&#0;",
        b"&#x10FFFF;",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
        b"<![CDATA[",
        b"]]>",
        b"\x00",
    ),
    *(
        b"\xff\xfe",
        b"\xed\xa0\x80",
        "\u202e\u0000".encode(),
        b"=1+1",
        b'"',
        b"'",
        b"\r\n\r\n",
        b"../../x",
    ),
    *(
        b"%s%n",
        b"{0.__class__}",
        b"{",
        b"}",
        "ẞ".encode() * 50,
        b"A" * 70_000,
        b"endstream",
        b"<<>>",
    ),
)
_NUMBER = re.compile(rb"\d[\d.,:-]*")
_ELEMENT = re.compile(rb"<([A-Za-z_][\w:.-]*)[^<>]*>[^<]*</\1>", re.DOTALL)
_TEXT = re.compile(rb">([^<>]{1,400})<")
_TAG = re.compile(rb"</?[A-Za-z_][\w:.-]*[^<>]*>")
_ATTRIBUTE = re.compile(rb'(?<==")[^"<>]*(?=")')
Change = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def mutated(seed: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """``seed`` with one to eight things wrong; ``others`` lend pieces."""
    if seed[:4] == b"PK\x03\x04" and chance.random() < 0.85:
        return _inside_zip(seed, chance)
    return _changed(seed, chance, others)


def _changed(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    changes = CHANGES + (OF_XML * 3 if data.lstrip()[:1] in (b"<", b"\xef") else ())
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        data = chance.choice(changes)(data, chance, others)[:MOST_BYTES]
    return data


def _place(data: bytes, chance: random.Random) -> int:
    """Anywhere, the beginning twice as likely: there lie sizes and versions."""
    end = len(data) if chance.random() < 0.6 else min(len(data), 600)
    return chance.randrange(end + 1)


def _flip(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    out = bytearray(data or b"\0")
    for _one in range(chance.choice((1, 1, 4, 32))):
        out[min(_place(data, chance), len(out) - 1)] = chance.choice(
            (0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256))
        )
    return bytes(out)


def _word(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    at, size = _place(data, chance), chance.choice((2, 4, 8))
    value = chance.choice(
        (0, 1, (1 << (8 * size)) - 1, 1 << (8 * size - 1), chance.randrange(1 << 16))
    )
    return data[:at] + value.to_bytes(size, chance.choice(("big", "little"))) + data[at + size :]


def _cut(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    a, b = sorted((_place(data, chance), _place(data, chance)))
    return data[:a] if chance.random() < 0.2 else data[:a] + data[b:]


def _repeat(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    a = _place(data, chance)
    piece = data[a : a + chance.choice((1, 8, 80, 800))]
    return data[:a] + piece * chance.choice((2, 2, 10, 100, 2000)) + data[a:]


def _splice(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    other = chance.choice(others)
    a = _place(other, chance)
    at = _place(data, chance)
    return data[:at] + other[a : a + chance.choice((16, 256, 4096))] + data[at:]


def _insert(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    at = _place(data, chance)
    return data[:at] + chance.choice(TEXTS + NUMBERS) + data[at:]


def _swap(pattern: re.Pattern[bytes], words: Sequence[bytes], group: int = 0) -> Change:
    def change(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
        found = [m.span(group) for m in pattern.finditer(data[:300_000])]
        if not found:
            return data
        start, end = chance.choice(found)
        return data[:start] + chance.choice(words) + data[end:]

    return change


def _element(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """An element taken out, doubled, repeated, moved, put into itself, or brought from another file."""
    found = [m.span() for m in _ELEMENT.finditer(data[:300_000])]
    if not found:
        return data
    start, end = chance.choice(found)
    piece = data[start:end]
    name = piece[1:].split(b">")[0].split()[0]
    deep = b"<" + name + b">"
    lent = chance.choice(
        [m.group() for m in _ELEMENT.finditer(chance.choice(others)[:300_000])] or [b""]
    )
    new = chance.choice(
        (
            b"",
            piece * 2,
            piece * 500,
            lent,
            deep * 120 + b"</" + name + b">" * 120,
            b"<" + name + b"/>",
        )
    )
    return data[:start] + new + data[end:]


CHANGES: tuple[Change, ...] = (
    _flip,
    _flip,
    _word,
    _cut,
    _repeat,
    _splice,
    _insert,
    _swap(_NUMBER, NUMBERS),
)
OF_XML: tuple[Change, ...] = (
    _element,
    _swap(_TEXT, NUMBERS + TEXTS, 1),
    _swap(_TAG, (b"", b"<a>", b"</a>", b"<Invoice>")),
    _swap(_ATTRIBUTE, (*NUMBERS, b"XXX", b"PT", b"EUR", b"urn:x")),
)


def _inside_zip(seed: bytes, chance: random.Random) -> bytes:
    """One member of the archive changed, and the archive made anew around it."""
    out = io.BytesIO()
    try:
        with (
            zipfile.ZipFile(io.BytesIO(seed)) as old,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            names = old.namelist()
            chosen = chance.choice(names)
            contents = {name: old.read(name) for name in names}
            contents[chosen] = _changed(contents[chosen], chance, list(contents.values()))
            for name, content in contents.items():
                new.writestr(name, content)
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        RuntimeError,
        EOFError,
        OSError,
        IndexError,
    ):
        return _changed(seed, chance, [seed])
    return out.getvalue()
