"""Limits of time and memory for reading one file, and the problems that say which limit was met."""

from __future__ import annotations

from razao.kernel.problems import Problem, Severity

FILE_BYTES = 64 * 1024 * 1024
"""a larger file is refused unread"""
ADVISED_BYTES = 200 * 1000
"""S3: recommended size of a file"""
PAGES = 1000
"""pages of one file"""
IMAGE_PIXELS = 120_000_000
"""pixels of one image (A3 at 600 dpi has 70 million)"""
ATTACHMENT_BYTES = 20 * 1024 * 1024
"""uncompressed size of an XML attachment or file"""
WORKER_BYTES = 6 * 1024**3
"""address space of a worker process; the OCR engine maps about 2 GiB of it"""
SECONDS_PER_FILE = 40.0
"""wall time of a file, to which each page adds SECONDS_PER_PAGE"""
SECONDS_PER_PAGE = 6.0
SECONDS_PER_DRAWING = 10.0
"""a page whose picture takes longer is read from its text alone, without codes; a scan, whose picture is all there is, is refused"""
JPEG_SCANS = 100
"""passes over a progressive JPEG, each of which costs as much as a whole picture; programs write about ten"""
WORDS_PER_PAGE = 20_000
"""characters beyond this many words on one page are not looked at"""
WORDS_PER_LINE = 120
"""more words level with each other go to several lines: no printed line has as many, and a line is compared word by word"""


class Unreadable(Exception):
    """The file cannot be read, for ``problem``."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.code)


def unreadable(code: str, **values: object) -> Unreadable:
    """An ``Unreadable`` with an error of that code."""
    return Unreadable(Problem(code, Severity.ERROR, "file", values))
