"""One parser in a process of its own, inputs grown towards branches of its code that none has reached before (libFuzzer, by Atheris).

``python -m fuzz.growing TARGET ASIDE LEARNT [libFuzzer's options]``; ``fuzz.guided`` starts it. Inputs that reached something new go to
the folder LEARNT, one input for each way of breaking to ASIDE.
"""

from __future__ import annotations

import hashlib
import random
import sys
from pathlib import Path

import atheris

#: Whose branches count: the product's, and those of libraries in Python that take files apart.
WATCHED = ["razao", "openpyxl", "email", "pikepdf", "PIL"]
# Code counts only if it is loaded here for the first time.
with atheris.instrument_imports(include=WATCHED):
    from fuzz import targets
    from fuzz.kinds import KINDS
    from fuzz.mutate import mutated
    from fuzz.seeds import seeds_of


def main(target: str, aside: Path, flags: list[str]) -> None:
    """Explore until libFuzzer's limits."""
    seeds = seeds_of(KINDS[target])
    seen: set[tuple[str, ...]] = set()

    def one(data: bytes) -> None:
        answer = targets.run(target, data, lambda _: None)
        way = tuple(answer[:3])
        if answer[0] != "fine" and way not in seen:
            seen.add(way)
            (aside / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)

    def change(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        return mutated(data, chance, seeds)[:most]

    atheris.Setup([sys.argv[0], *flags], one, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
