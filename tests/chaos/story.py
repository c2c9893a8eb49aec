"""A seed's story: a number in; the files, the steps in their order and what goes wrong at which of them out. Pure chance, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.chaos.faults import KINDS, POINTS, Fault

#: Share of faults by kind: what is cheap and cruel comes oftener.
WEIGHTS = {
    "kill": 10, "lost": 5, "full": 3, "cut": 2, "eio": 2, "slow": 1, "drop": 3, "server": 2, "zombie": 3,
}  # fmt: skip
#: Counts of a step's calls as a story without faults makes them, by step and point.
Counts = Mapping[str, Mapping[str, int]]


@dataclass
class Step:
    """One thing that somebody does; ``pair``: two do it at the same time."""

    name: str
    argument: str = ""
    fault: Fault | None = None
    pair: bool = False

    def __str__(self) -> str:
        what = f"{self.name}: {self.fault}" if self.fault else self.name
        return f"{what} (two at once)" if self.pair else what


@dataclass
class Story:
    """Everything that happens to the company of a seed."""

    seed: int
    steps: list[Step]
    dropped: list[str] = field(default_factory=list)
    """files that lie in the source folder at the beginning"""
    again: bool = False
    """every job comes back at the end"""

    @property
    def faults(self) -> list[Step]:
        return [step for step in self.steps if step.fault or step.pair]


def story(seed: int, papers: Sequence[str], counts: Counts) -> Story:
    """The story of a seed. ``counts`` empty: nothing goes wrong, which is how they are found."""
    rng = Random(f"razao chaos {seed}")
    files = _three(rng, papers)
    steps = _steps(rng, files)
    told = Story(seed, steps, files[:2], again=rng.random() < 0.2)
    if counts:
        for step in rng.sample(steps, rng.choice((1, 1, 2, 2, 3))):
            step.pair = rng.random() < 0.15
            if not step.pair:
                step.fault = _fault(rng, step.name, counts.get(step.name, {}))
    else:
        told.again = False
    return told


def _three(rng: Random, papers: Sequence[str]) -> list[str]:
    """Three different papers, by as much chance however many there are: a seed's story does not depend on that."""
    first, gap, other = (rng.random() for _ in range(3))
    count = len(papers)
    start = int(first * count)
    ways = sorted({1 + int(gap * (count - 1)), 1 + int(other * (count - 1))})
    if len(ways) == 1:
        ways = [ways[0], ways[0] % (count - 1) + 1]
    return [papers[start], *(papers[(start + way) % count] for way in ways)]


def _steps(rng: Random, files: Sequence[str]) -> list[Step]:
    """The three flows, in an order of chance within each day."""
    first = [
        Step("receive"),
        Step("upload", files[2] if rng.random() < 0.7 else files[0]),
        Step("ask_for_plan"),
        Step("send_file", "f1"),
    ]
    second = [Step("post"), Step("integrate"), Step("send_report", "r1")]
    third = [Step("open_documents")]
    if rng.random() < 0.5:
        third.append(Step("undo"))
    if rng.random() < 0.5:
        third.append(Step("unpost"))
    if rng.random() < 0.4:
        third.append(Step("send_report", "r2"))
    if rng.random() < 0.4:
        third.append(Step("withdraw"))
    for day in (first, second, third):
        rng.shuffle(day)
    return [*first, Step("work", "1"), *second, Step("work", "2"), *third, Step("work", "3")]


def _fault(rng: Random, step: str, counts: Mapping[str, int]) -> Fault | None:
    kinds = [
        kind
        for kind, points in KINDS.items()
        if any(counts.get(p) for p in points) and (kind != "zombie" or step == "work")
    ]
    if not kinds:
        return None
    kind = rng.choices(kinds, [WEIGHTS[k] for k in kinds])[0]
    point = rng.choice([p for p in POINTS if p in KINDS[kind] and counts.get(p)])
    return Fault(kind, point, 1 + int(rng.random() * counts[point]))
