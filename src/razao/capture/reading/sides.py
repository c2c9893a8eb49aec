"""A place on the page in; whether it belongs to the seller's or the buyer's block out, by the headers above it."""

from __future__ import annotations

from razao.capture.reading.labels import Label
from razao.capture.reading.layout import Run
from razao.capture.reading.text import Text

FOOT = 0.85
"""what stands below this part of the page is the seller's letter foot"""
REACH = 0.16
"""height of a party's block as part of the page"""


def side_of(text: Text, line: int, run: Run) -> str:
    """'seller', 'buyer' or '': the nearest header of a party above a place, in its column or to its left."""
    best, side = 1e9, ""
    for hit in text.of(Label.BUYER, Label.SELLER):
        if hit.weight < 7 or hit.line > line or hit.run.page != run.page:
            continue
        box = hit.run.box
        distance, column = run.box[1] - box[1], abs(run.box[0] - box[0])
        if run.box[0] < box[0] - 0.06 or distance > REACH or column > 0.28 or distance < -0.005:
            continue
        cost = distance + 0.25 * column
        if cost < best:
            best, side = cost, "buyer" if hit.label is Label.BUYER else "seller"
    return side or ("seller" if run.box[1] > FOOT else "")
