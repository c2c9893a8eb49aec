"""Runs of ``fuzz.growing`` one after the other: what they learnt stays, what they put aside is for the product's sandbox to judge."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from fuzz.kinds import KINDS
from fuzz.seeds import MOST_BYTES, seeds_of

#: Memory a process may come to hold; libraries keep some of each file, so this is more than the product allows one.
MEGABYTES = 4096


@dataclass
class Course:
    """What a guided run did."""

    tried: int
    reached: int
    """branches"""
    suspects: list[Path]


def explore(target: str, home: Path, seconds: float, timeout: int) -> Course:
    """Have ``target`` explored for ``seconds``; a child that an input ended is followed by another.

    Raises RuntimeError when a child ends by itself with no input to show for it.
    """
    learnt, aside = home / "learnt", home / "aside"
    for folder in (learnt, aside):
        folder.mkdir(parents=True, exist_ok=True)
    for data in seeds_of(KINDS[target]):
        (learnt / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    tried, reached, end = 0, 0, time.monotonic() + seconds
    while (left := int(end - time.monotonic())) > 0:
        before = len(list(aside.iterdir()))
        flags = (f"-max_total_time={left}", f"-timeout={timeout}", f"-rss_limit_mb={MEGABYTES}")
        child = subprocess.run(
            [
                *(sys.executable, "-m", "fuzz.growing", target, str(aside), str(learnt), *flags),
                *(f"-artifact_prefix={aside}/", f"-max_len={MOST_BYTES}", "-print_final_stats=1"),
            ],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            errors="replace",
            check=False,
        )
        tried += _last(r"number_of_executed_units:\s+(\d+)", child.stderr)
        reached = max(reached, _last(r"\bcov: (\d+)", child.stderr))
        (home / "last.log").write_text(child.stderr)
        if child.returncode == 0:
            break
        if len(list(aside.iterdir())) == before:
            raise RuntimeError(child.stderr[-2000:])
    return Course(tried, reached, sorted(aside.iterdir()))


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0
