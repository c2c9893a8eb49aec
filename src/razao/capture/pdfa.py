"""Pages as pictures with their words in, one PDF/A-2b with the words laid invisibly over the pictures out; pure.

What PDF/A (ISO 19005-2) asks of such a file: XMP that names part and level, an output intent with an ICC
profile, an identity, and no font that is drawn without being embedded. The words are set in rendering mode 3,
which draws nothing (6.2.11.4.1), so that their font needs no file.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageCms

#: Points of a sheet's shorter side; what a picture's true size was is not known.
SHORT_SIDE = 595.28
#: Every letter of Courier, one of the fonts that each reader knows, is so wide, in ems.
LETTER = 0.6
#: Share of a word's box that is above the baseline.
ABOVE = 0.78
Place = Sequence[str | int]
"""[text, left, top, right, bottom] with places in ten-thousandths of the upright page"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: its upright picture (JPEG) and its words with their places."""

    picture: bytes
    words: Sequence[Place]


def with_words(sheets: Iterable[Sheet], title: str) -> bytes:
    """The PDF/A-2b of the sheets. The same sheets and title give the same bytes."""
    with pikepdf.new() as document:
        font = document.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type1,
                BaseFont=Name.Courier,
                Encoding=Name.WinAnsiEncoding,
            )
        )
        for sheet in sheets:
            _add(document, sheet, font)
        _declare(document, title)
        out = io.BytesIO()
        document.save(out, deterministic_id=True, min_version="1.7")
    return out.getvalue()


def _add(document: pikepdf.Pdf, sheet: Sheet, font: pikepdf.Object) -> None:
    with Image.open(io.BytesIO(sheet.picture)) as image:
        across, down = image.size
        grey = image.mode == "L"
    scale = SHORT_SIDE / min(across, down)
    width, height = across * scale, down * scale
    picture = pikepdf.Stream(
        document,
        sheet.picture,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=across,
        Height=down,
        ColorSpace=Name.DeviceGray if grey else Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    document.add_blank_page(page_size=(width, height))
    page = document.pages[-1]
    page.Resources = Dictionary(XObject=Dictionary(P=picture), Font=Dictionary(F=font))
    page.Contents = document.make_stream(_content(sheet.words, width, height))


def _content(words: Iterable[Place], width: float, height: float) -> bytes:
    """The page's drawing: its picture over the whole sheet, then each word, invisible, in its box."""
    parts = [f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /P Do Q BT 3 Tr".encode()]
    for text, *sides in words:
        said = str(text).encode("cp1252", "replace")
        left, top, right, bottom = (int(side) / 10_000 for side in sides)
        size = (bottom - top) * height * ABOVE
        if not said.strip() or size <= 0 or right <= left:
            continue
        stretch = 100 * (right - left) * width / (LETTER * size * len(said))
        base = height * (1 - bottom) + (bottom - top) * height * (1 - ABOVE)
        place = f"/F {size:.2f} Tf {stretch:.1f} Tz 1 0 0 1 {left * width:.2f} {base:.2f} Tm"
        parts.append(f"{place} <{said.hex()}> Tj".encode())
    return b"\n".join([*parts, b"ET"])


def _declare(document: pikepdf.Pdf, title: str) -> None:
    """Say what kind of file it is, and which colours its pictures are in."""
    colours = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The profile carries the time of its making; the same file is to have the same hash.
    profile = document.make_stream(colours[:24] + bytes(12) + colours[36:])
    profile.N = 3
    document.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=pikepdf.String("sRGB"),
                Info=pikepdf.String("sRGB IEC61966-2.1"),
                DestOutputProfile=profile,
            )
        ]
    )
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as said:
        said["pdfaid:part"] = "2"
        said["pdfaid:conformance"] = "B"
        said["dc:title"] = title
