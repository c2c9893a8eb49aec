"""Translation catalogues: in: texts and their translations, out: ``.po`` files to edit and ``.mo`` files to run with, and back.

The format is that of GNU gettext (https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html and
…/MO-Files.html); texts stand sorted, so that two people's changes meet only where they change the same text.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

#: Plural rule of each locale (CLDR, without the form for millions that no text here needs).
PLURALS = {
    "pt": "nplurals=2; plural=(n != 1);",
    "pt_BR": "nplurals=2; plural=(n > 1);",
    "es": "nplurals=2; plural=(n != 1);",
}
FORMS = 2
MAGIC = 0x950412DE


class Key(NamedTuple):
    """What a translation is found by: the context ('' without one) and the English text."""

    context: str
    msgid: str


@dataclass(slots=True)
class Entry:
    """One text: its English plural ('' without one), translations (one, or one for each plural form), and where it is shown."""

    plural: str = ""
    translations: tuple[str, ...] = ()
    places: list[str] = field(default_factory=list)
    flags: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Every form is translated."""
        return len(self.translations) == (FORMS if self.plural else 1) and all(self.translations)


Catalogue = dict[Key, Entry]

ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
UNESCAPES = {escaped[1]: plain for plain, escaped in ESCAPES.items()}
LINE = re.compile(r'(?P<word>msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)?\s*"(?P<text>.*)"$')


def header(language: str) -> str:
    """The entry of the empty text: encoding, language and plural rule."""
    return (
        "Content-Type: text/plain; charset=UTF-8\n"
        "Content-Transfer-Encoding: 8bit\n"
        f"Language: {language}\n"
        f"Plural-Forms: {PLURALS[language]}\n"
    )


def quoted(word: str, text: str) -> str:
    """``word "text"``, a line of the file for each line of the text."""
    lines = text.splitlines(keepends=True)
    parts = ["".join(ESCAPES.get(c, c) for c in line) for line in lines] or [""]
    if len(parts) == 1:
        return f'{word} "{parts[0]}"\n'
    return f'{word} ""\n' + "".join(f'"{part}"\n' for part in parts)


def write_po(path: Path, language: str, catalogue: Catalogue) -> None:
    """Write ``catalogue`` to ``path``, sorted by text."""
    out = [quoted("msgid", ""), quoted("msgstr", header(language))]
    for key, entry in sorted(catalogue.items(), key=lambda item: (item[0].msgid, item[0].context)):
        out.append("\n")
        out += [f"#: {place}\n" for place in entry.places]
        if key.context:
            out.append(quoted("msgctxt", key.context))
        out.append(quoted("msgid", key.msgid))
        if not entry.plural:
            out.append(quoted("msgstr", (entry.translations or ("",))[0]))
            continue
        out.append(quoted("msgid_plural", entry.plural))
        forms = (*entry.translations, *("",) * FORMS)[:FORMS]
        out += [quoted(f"msgstr[{n}]", form) for n, form in enumerate(forms)]
    path.write_text("".join(out), encoding="utf-8")


def read_po(path: Path) -> Catalogue:
    """The entries of a ``.po`` file without its header; none where there is no file."""
    catalogue: Catalogue = {}
    if not path.exists():
        return catalogue
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        fields = _fields(block)
        if not fields.get("msgid"):
            continue
        flags = re.findall(r"^#, (.*)$", block, re.MULTILINE)
        forms = [fields[name] for name in ("msgstr", "msgstr[0]", "msgstr[1]") if name in fields]
        catalogue[Key(fields.get("msgctxt", ""), fields["msgid"])] = Entry(
            fields.get("msgid_plural", ""),
            tuple(forms),
            re.findall(r"^#: (.*)$", block, re.MULTILINE),
            tuple(flag.strip() for line in flags for flag in line.split(",")),
        )
    return catalogue


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    word = ""
    for line in block.splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        word = match["word"] or word
        fields[word] = fields.get(word, "") + _unescaped(match["text"])
    return fields


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: UNESCAPES.get(match[1], match[1]), text)


def write_mo(path: Path, language: str, catalogue: Catalogue) -> None:
    """Write the whole translations of ``catalogue`` in the form that programs load."""
    pairs = {b"": header(language).encode()}
    for key, entry in catalogue.items():
        if entry.is_complete:
            context = f"{key.context}\x04" if key.context else ""
            plural = f"\x00{entry.plural}" if entry.plural else ""
            pairs[f"{context}{key.msgid}{plural}".encode()] = "\x00".join(
                entry.translations
            ).encode()
    items = sorted(pairs.items())
    ids = b"".join(name + b"\x00" for name, _ in items)
    start = 28 + 16 * len(items)
    tables = _table([name for name, _ in items], start) + _table(
        [text for _, text in items], start + len(ids)
    )
    head = struct.pack(
        "<7I", MAGIC, 0, len(items), 28, 28 + 8 * len(items), 0, 28 + 16 * len(items)
    )
    texts = b"".join(text + b"\x00" for _, text in items)
    path.write_bytes(head + tables + ids + texts)


def _table(texts: list[bytes], place: int) -> bytes:
    """Length and place of each text, the first of which stands at ``place``; a zero follows each."""
    out = b""
    for text in texts:
        out += struct.pack("<II", len(text), place)
        place += len(text) + 1
    return out
