"""A picture of a page in, the QR codes on it with their places out (zxing-cpp)."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import zxingcpp

from razao.archive.media import storable
from razao.capture.reading.document import Code

QR = zxingcpp.BarcodeFormat.QRCode


def codes_on(picture: np.ndarray[Any, Any], page: int) -> tuple[Code, ...]:
    """The codes on a picture (grey, or colour with blue first), from top to bottom."""
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape[:2]
    found = zxingcpp.read_barcodes(
        grey, formats=QR, try_rotate=False, try_downscale=False, try_invert=False
    )
    codes = []
    for code in found:
        if not code.valid or not code.text.strip():
            continue
        corners = (
            code.position.top_left,
            code.position.top_right,
            code.position.bottom_right,
            code.position.bottom_left,
        )
        xs, ys = [p.x / width for p in corners], [p.y / height for p in corners]
        codes.append(Code(storable(code.text), page, (min(xs), min(ys), max(xs), max(ys))))
    return tuple(sorted(codes, key=lambda c: (c.box[1], c.box[0])))
