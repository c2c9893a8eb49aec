"""A picture of a page in; its words with places and confidence, its rotation and its skew out (RapidOCR on OpenVINO).

The only module that knows the engine. Its parts are called one by one: the classifier, which tells upright
from upside down, looks at a few lines of the page instead of all, and the page is turned as a whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from rapidocr import RapidOCR
from rapidocr.ch_ppocr_rec.typings import TextRecInput
from rapidocr.utils.process_img import get_rotate_crop_image
from rapidocr.utils.typings import EngineType

from razao.capture.reading.document import Box, Word

PIXELS = 2000
"""longer side of the picture that the engine looks at"""
LINE_CONFIDENCE = 0.5
SAMPLE = 9
"""lines that the classifier looks at to tell upright from upside down"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the engine saw: words placed on the upright page, and the turn that makes it upright."""

    words: tuple[Word, ...]
    rotation: int
    skew: float
    fan: float = 0.0


@lru_cache(maxsize=1)
def engine(threads: int = -1) -> RapidOCR:
    """The engine, loaded once in a process; ``threads`` -1 takes all cores."""
    params: dict[str, Any] = {"Global.log_level": "error"}
    for part in ("Det", "Cls", "Rec"):
        params[f"{part}.engine_type"] = EngineType.OPENVINO
    params["EngineConfig.openvino.inference_num_threads"] = threads
    made = RapidOCR(params=params)
    made._load_det_model(), made._load_cls_model(), made._load_rec_model()
    return made


def see(picture: np.ndarray[Any, Any], page: int, threads: int = -1) -> Seen:
    """All text on a picture (blue first) of at most ``PIXELS`` pixels on its longer side."""
    parts = engine(threads)
    padded, top, left = _padded(picture)
    quads = parts.text_det(padded).boxes
    if quads is None or len(quads) == 0:
        return Seen((), 0, 0.0)
    crops = [get_rotate_crop_image(padded, quad.copy()) for quad in quads]
    rotation = _rotation(parts, quads, crops)
    if rotation in {180, 90}:
        crops = [np.rot90(crop, 2) for crop in crops]
    parts.text_rec.postprocess_op.get_word_info = _columns
    found = parts.text_rec(TextRecInput(img=crops, return_word_box=True))
    if _illegible(found):
        other = parts.text_rec(
            TextRecInput(img=[np.rot90(c, 2) for c in crops], return_word_box=True)
        )
        if not _illegible(other):
            found, rotation = other, (rotation + 180) % 360
    height, width = picture.shape[:2]
    quads = _upright(quads - np.array([left, top]), rotation, width, height)
    if rotation in {90, 270}:
        width, height = height, width
    skew, fan = _slopes(quads, height)
    words: list[Word] = []
    for quad, text, score, columns in zip(
        quads, found.txts, found.scores, found.word_results, strict=True
    ):
        if text.strip() and score >= LINE_CONFIDENCE:
            words.extend(_line_words(quad, text, columns, page, (width, height)))
    return Seen(tuple(words), rotation, skew, fan)


ILLEGIBLE = 0.75
"""mean confidence of lines below which a page may stand on its head; legible ones have 0.9 and more"""


def _illegible(found: Any) -> bool:
    """True for what the engine reads on a page that is upside down: then, and only then, it looks a second time."""
    return bool(found.scores) and float(np.mean(found.scores)) < ILLEGIBLE


@dataclass(slots=True)
class Columns:
    """Where each character of a recognised line was seen, in columns of the recogniser."""

    positions: list[int]
    line_txt_len: float = 0.0
    confs: list[float] | None = None


def _columns(text: str, selection: np.ndarray[Any, Any]) -> Columns:
    return Columns([int(c) for c in np.where(selection)[0]])


def _padded(picture: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], int, int]:
    """The picture with a white border where it is too small or too flat for the detector."""
    height, width = picture.shape[:2]
    top = max(0, (64 - height + 1) // 2, int(width / 8 - height) // 2)
    left = max(0, (64 - width + 1) // 2)
    if not top and not left:
        return picture, 0, 0
    border = ((top, top), (left, left), (0, 0))
    return np.pad(picture, border, constant_values=255), top, left


def _rotation(parts: Any, quads: Any, crops: list[Any]) -> int:
    """Quarter turns clockwise that make the page upright, by majority of its longest lines."""
    tall = wide = 0.0
    for quad in quads:
        across = float(np.linalg.norm(quad[0] - quad[1]))
        down = float(np.linalg.norm(quad[0] - quad[3]))
        tall += down if down >= 1.5 * across else 0.0
        wide += across if across >= 1.5 * down else 0.0
    lying = tall > 1.5 * wide
    upright_first = [
        i
        for i, quad in enumerate(quads)
        if (np.linalg.norm(quad[0] - quad[3]) >= 1.5 * np.linalg.norm(quad[0] - quad[1])) == lying
    ]
    longest = sorted(upright_first, key=lambda i: -crops[i].shape[1])[:SAMPLE]
    if not longest:
        return 0
    votes = parts.text_cls([crops[i] for i in longest]).cls_res
    turned = sum(score if label == "180" else -score for label, score in votes) > 0
    if lying:
        return 90 if turned else 270
    return 180 if turned else 0


def _upright(quads: Any, rotation: int, width: int, height: int) -> Any:
    """Corner points on the upright page, first the text's own top left, then clockwise."""
    x, y = quads[..., 0].copy(), quads[..., 1].copy()
    if rotation == 180:
        turned = np.stack([width - x, height - y], axis=-1)
        return np.roll(turned, 2, axis=1)
    if rotation == 90:
        turned = np.stack([height - y, x], axis=-1)
        return np.roll(turned, -3, axis=1)
    if rotation == 270:
        turned = np.stack([y, width - x], axis=-1)
        return np.roll(turned, -1, axis=1)
    return quads


LEAST_LINES = 8
"""longer lines from which on it can be told whether lines fan out"""
WIDEST_FAN = 0.2


def _slopes(quads: Any, height: int) -> tuple[float, float]:
    """Slope of the longer lines at mid-page, and how much it grows down the page, as a camera held askew makes it."""
    found = []
    for quad in quads:
        across = quad[1] - quad[0]
        length = float(np.linalg.norm(across))
        if length > 4 * float(np.linalg.norm(quad[3] - quad[0])) and abs(across[0]) > 1:
            found.append((float(across[1] / across[0]), length, float(quad[:, 1].mean()) / height))
    if len(found) < 3:
        return 0.0, 0.0
    skew = _median(found)
    if abs(skew) >= 0.35:
        return 0.0, 0.0
    near = [f for f in found if abs(f[0] - skew) < 0.05]
    if len(near) < LEAST_LINES:
        return skew, 0.0
    slopes, lengths, places = (np.array(values) for values in zip(*near, strict=True))
    fan, middle = np.polyfit(places - 0.5, slopes, 1, w=np.sqrt(lengths))
    if abs(fan) > WIDEST_FAN:
        return skew, 0.0
    return float(middle), float(fan)


def _median(found: list[tuple[float, float, float]]) -> float:
    """The slope on either side of which half of the length of the lines lies."""
    half, run = sum(length for _, length, _ in found) / 2, 0.0
    for slope, length, _ in sorted(found):
        run += length
        if run >= half:
            return slope
    return 0.0


def _line_words(
    quad: Any, text: str, columns: Columns, page: int, size: tuple[int, int]
) -> list[Word]:
    """The words of one recognised line, placed by the columns where their characters were seen."""
    total = max(columns.line_txt_len, 1.0)
    places = columns.positions
    confidences = columns.confs or [1.0] * len(places)
    if len(places) != len(text):
        return [Word(text, page, _box(quad, 0.0, 1.0, size), min(confidences, default=1.0))]
    out, start = [], 0
    for index in range(len(text) + 1):
        if index < len(text) and not text[index].isspace():
            continue
        if index > start:
            first, last = places[start] / total, (places[index - 1] + 1) / total
            margin = 0.4 / max(len(text), 1)
            box = _box(quad, max(0.0, first - margin), min(1.0, last + margin), size)
            out.append(Word(text[start:index], page, box, round(min(confidences[start:index]), 4)))
        start = index + 1
    return out


def _box(quad: Any, first: float, last: float, size: tuple[int, int]) -> Box:
    """The upright box of the part ``first``–``last`` of a line, as fractions of the page."""
    top_left, top_right, bottom_right, bottom_left = quad
    corners = [
        top_left + (top_right - top_left) * first,
        top_left + (top_right - top_left) * last,
        bottom_left + (bottom_right - bottom_left) * first,
        bottom_left + (bottom_right - bottom_left) * last,
    ]
    xs, ys = [float(c[0]) / size[0] for c in corners], [float(c[1]) / size[1] for c in corners]
    return tuple(  # type: ignore[return-value]
        round(min(1.0, max(0.0, v if math.isfinite(v) else 0.0)), 5)
        for v in (min(xs), min(ys), max(xs), max(ys))
    )
