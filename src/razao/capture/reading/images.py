"""An image file in: its frames as upright pictures on white out; rotation by quarter turns and small skew."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from razao.capture.reading.limits import IMAGE_PIXELS, JPEG_SCANS, PAGES, unreadable

Picture = np.ndarray[Any, Any]
"""rows × columns × 3, blue first, 8 bit"""

BROKEN = (OSError, ValueError, SyntaxError, UnidentifiedImageError, TypeError, KeyError, IndexError)
"""what Pillow raises for damaged files"""

START_OF_SCAN = re.compile(rb"\xff\xda\x00(?:\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)")
"""marker, length, and number of components that agrees with it (ITU-T T.81, B.2.3)"""


def check_scans(jpeg: bytes) -> None:
    """Raises Unreadable (``read.too_demanding_time``) for a JPEG that is gone over again and again.

    A progressive picture is sent in scans; a file of 1 MB may have thousands of empty ones.
    """
    if sum(1 for _ in START_OF_SCAN.finditer(jpeg)) > JPEG_SCANS:
        raise unreadable("read.too_demanding_time")


def open_image(data: bytes) -> Image.Image:
    """The image, not yet decoded.

    Raises Unreadable: ``read.damaged``, ``read.image_too_large``, ``read.too_demanding_time``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(data))
        except Image.DecompressionBombError as error:
            raise unreadable("read.image_too_large", pixels="", limit=IMAGE_PIXELS) from error
        except (*BROKEN, OverflowError, MemoryError, EOFError) as error:
            raise unreadable("read.damaged") from error
    _check_size(image)
    if image.format in {"JPEG", "MPO"}:
        check_scans(data)
    return image


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > IMAGE_PIXELS:
        raise unreadable(
            "read.image_too_large", pixels=f"{image.width} × {image.height}", limit=IMAGE_PIXELS
        )
    if image.width < 8 or image.height < 8:
        raise unreadable("read.image_too_small")


def frames(image: Image.Image, pixels: int) -> Iterator[Picture]:
    """Each frame of the image on white, scaled down so that the longer side has at most ``pixels``."""
    count = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
    if count > PAGES:
        raise unreadable("read.too_many_pages", pages=count, limit=PAGES)
    for index in range(count):
        yield frame(image, index, pixels)


def frame_count(image: Image.Image) -> int:
    """Number of pages: frames of a TIFF, else one. Raises Unreadable (``read.too_many_pages``)."""
    try:
        count = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
    except (*BROKEN, EOFError) as error:
        raise unreadable("read.damaged") from error
    if count > PAGES:
        raise unreadable("read.too_many_pages", pages=count, limit=PAGES)
    return count


def frame(image: Image.Image, index: int, pixels: int) -> Picture:
    """One frame on white, upright as the camera says, longer side at most ``pixels``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if index or getattr(image, "n_frames", 1) > 1:
                image.seek(index)
            _check_size(image)
            if image.format == "JPEG":
                image.draft("RGB", (pixels, pixels))
            plain = _on_white(ImageOps.exif_transpose(image))
        except (*BROKEN, EOFError, Image.DecompressionBombError) as error:
            raise unreadable("read.damaged") from error
    picture = cv2.cvtColor(np.asarray(plain), cv2.COLOR_RGB2BGR)
    return shrunk(picture, pixels)


def _on_white(image: Image.Image) -> Image.Image:
    """The image in RGB; transparent places are white; 16-bit and float greys are stretched to 8 bits."""
    if image.mode in {"I", "F", "I;16", "I;16B", "I;16L"}:
        grey = np.asarray(image, dtype=np.float32)
        low, high = float(np.nanmin(grey)), float(np.nanmax(grey))
        scaled = (grey - low) * (255.0 / (high - low)) if high > low else np.full_like(grey, 255.0)
        return Image.fromarray(np.nan_to_num(scaled).astype(np.uint8)).convert("RGB")
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        white.alpha_composite(rgba)
        return white.convert("RGB")
    plain: Image.Image = image.convert("RGB")
    return plain


def shrunk(picture: Picture, pixels: int) -> Picture:
    """The picture scaled down so that its longer side has at most ``pixels`` pixels."""
    longest = max(picture.shape[:2])
    if longest <= pixels:
        return picture
    scale = pixels / longest
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def turned(picture: Picture, degrees: int) -> Picture:
    """The picture turned clockwise by a multiple of 90 degrees."""
    turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    code = turns.get(degrees % 360)
    return picture if code is None else np.asarray(cv2.rotate(picture, code))
