"""A line of a name in; the whole name with the lines over which it wraps out."""

from __future__ import annotations

import re

from razao.capture.reading.layout import Run
from razao.capture.reading.name_shape import OPEN_END, company_like, ended, good, tail_like
from razao.capture.reading.text import Text

LINE_STEP = 2.1
"""line heights from the first to the second line of a name that wraps"""
SAME_EDGE = 0.01
"""how far left edges may differ for a line to go on under the label of the name that it ends"""
TRADE = re.compile(r"\s[–-]\s\w+$")
"""a name and the first word of what the company does, which the next line goes on with"""


def whole_name(text: Text, run: Run) -> Run:
    """A name with the lines over which it wraps."""
    above = neighbour(text, run, -1) if company_like(run.text) or tail_like(run.text) else None
    if above is not None and good(above, strong=True) and not tail_like(above.text):
        open_end = OPEN_END.search(above.text) or TRADE.search(above.text)
        breaks_off = open_end and not company_like(above.text)
        if tail_like(run.text) or breaks_off:
            run = Run(above.words + run.words, run.aspect, above.order)
    below = None if ended(run.text) else neighbour(text, run, 1)
    if below is None or (
        company_like(run.text) and not OPEN_END.search(run.text) and not tail_like(below.text)
    ):
        return run
    opened = OPEN_END.search(run.text)
    parted = TRADE.search(run.text) and ended(below.text) and not tail_like(below.text)
    if parted and below.height < 1.2 * run.height and good(below, strong=True):
        return Run(run.words + below.words, run.aspect, run.order)
    if tail_like(below.text) or (opened and company_like(below.text) and good(below, strong=True)):
        return Run(run.words + below.words, run.aspect, run.order)
    return run


def neighbour(text: Text, run: Run, step: int) -> Run | None:
    """The segment on the next line below (1) or above (-1), under or over the run and of its size."""
    edge = run.words[-1] if step > 0 else run.words[0]
    order = max((o for o, line in text.orders(run.page) if edge in line.words), default=None)
    if order is None:
        return None
    box = edge.box
    height = max(box[3] - box[1], 0.004)
    start = next((s.box[0] for s in text.segments(run.page, order) if edge in s.words), box[0])
    opened = step > 0 and OPEN_END.search(run.text)
    for index, line in sorted(text.orders(run.page), key=lambda o: abs(o[0] - order)):
        away = (line.box[1] - box[1]) * step
        if (index - order) * step not in {1, 2} or not 0.3 * height < away < LINE_STEP * height:
            continue
        for whole in text.segments(run.page, index):
            segment = text.without_label(whole)
            if not segment.words:
                continue
            level = min(segment.box[2], run.box[2]) - max(segment.box[0], run.box[0])
            size = segment.words[0].box[3] - segment.words[0].box[1]
            close = level > 0 or (tail_like(segment.text) and segment.box[0] < run.box[0])
            close = close or bool(opened and abs(whole.box[0] - start) < SAME_EDGE)
            if close and 0.55 < size / height < 1.8:
                return segment
            if level > 0 and step > 0:
                return None
    return None
