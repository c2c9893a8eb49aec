"""``python -m fuzz --minutes N [--target NAME]…``: parsers fed with damaged files, findings saved, one line a target printed.

Each input comes from a seed (printed with a finding), so ``--again SEED`` makes the same one. With ``--guided`` inputs are
grown by the branches they reach; ``--file PATH`` tries one again. Every target runs in the product's sandbox, and what a guided
run puts aside is judged there: its limits of memory and time are those of the product's reader.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz.guided import explore
from fuzz.kinds import KINDS
from fuzz.mutate import mutated
from fuzz.seeds import seeds_of
from razao.archive.sandbox import Budget, Died, Pool
from razao.capture.reading import limits

#: What the product allows one file.
TIME = Budget(limits.SECONDS_PER_FILE, limits.SECONDS_PER_PAGE)
#: Memory for a target that runs in the product's worker process beside others; reading has its own limit.
BYTES = 2 * 1024**3
#: A target whose files the product reads in its sandbox of readers.
OF_READER = {"pdf", "image", "read"}


@dataclass
class Tally:
    """What one target came to."""

    tried: int = 0
    slowest: float = 0.0
    slowest_seed: str = ""
    answers: set[str] = field(default_factory=set)
    findings: dict[str, str] = field(default_factory=dict)
    """kind and place → seed of the first input that showed it"""


class Fuzzer:
    """One target with its worker, which the product's pool replaces as it does for the reader."""

    def __init__(self, target: str, out: Path) -> None:
        self.target, self.out = target, out
        self.seeds = seeds_of(KINDS[target])
        self.tally = Tally()
        memory = limits.WORKER_BYTES if target in OF_READER else BYTES
        self._pool: Pool[Any] = Pool("fuzz.targets:run", 1, memory, TIME)

    def input_of(self, seed: str) -> bytes:
        """The input that ``seed`` stands for."""
        chance = random.Random(f"{self.target}:{seed}")
        return mutated(chance.choice(self.seeds), chance, self.seeds)

    def try_one(self, seed: str) -> None:
        """Make the input, have it parsed, keep what was found."""
        self.judge(seed, self.input_of(seed))
        self.tally.tried += 1

    def judge(self, seed: str, data: bytes) -> None:
        """Have ``data`` parsed, keep what was found under the name ``seed``."""
        began = time.monotonic()
        kind, detail = self._outcome(data)
        took = time.monotonic() - began
        if took > self.tally.slowest:
            self.tally.slowest, self.tally.slowest_seed = took, seed
        if kind is not None and kind not in self.tally.findings:
            self.tally.findings[kind] = seed
            self._save(kind, seed, data, detail)

    def _outcome(self, data: bytes) -> tuple[str | None, str]:
        try:
            answer = self._pool.run(self.target, data)
        except Died as death:
            return f"died of {death.reason}", ""
        if answer[0] == "fine":
            self.tally.answers.update(answer[1])
            return None, ""
        return f"{answer[0]} {answer[1]} {answer[2]}", answer[3]

    def _save(self, kind: str, seed: str, data: bytes, detail: str) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        name = f"{self.target}-{len(self.tally.findings):03}"
        (self.out / f"{name}.bin").write_bytes(data)
        about = {"target": self.target, "seed": seed, "found": kind, "trace": detail}
        (self.out / f"{name}.json").write_text(json.dumps(about, indent=1, ensure_ascii=False))
        print(
            f"{self.target}: {kind}   (again: --target {self.target} --file {self.out / name}.bin)",
            flush=True,
        )

    def close(self) -> None:
        """End the worker."""
        self._pool.close()


def main() -> int:
    """Run; exit code 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="for each target")
    parser.add_argument("--target", action="append", choices=sorted(KINDS))
    parser.add_argument(
        "--seed", default=None, help="first part of every seed; chance when not given"
    )
    parser.add_argument("--guided", action="store_true", help="by the branches that inputs reach")
    parser.add_argument("--again", help="one seed, tried once more")
    parser.add_argument("--file", type=Path, help="one input, tried once more")
    parser.add_argument("--out", type=Path, default=Path("build/fuzz"))
    chosen = parser.parse_args()
    if chosen.minutes <= 0:
        parser.error("--minutes: more than 0")
    if chosen.file and not chosen.file.is_file():
        parser.error(f"--file: {chosen.file} is no file")
    found = 0
    for target in chosen.target or KINDS:
        fuzzer = Fuzzer(target, chosen.out)
        if chosen.again:
            fuzzer.try_one(chosen.again)
        elif chosen.file:
            fuzzer.judge(chosen.file.name, chosen.file.read_bytes())
        elif chosen.guided:
            _guided(fuzzer, chosen.minutes * 60)
        else:
            start = chosen.seed or format(random.SystemRandom().getrandbits(32), "08x")
            _run(fuzzer, start, chosen.minutes * 60)
        fuzzer.close()
        _print(target, fuzzer.tally)
        found += len(fuzzer.tally.findings)
    return 1 if found else 0


def _run(fuzzer: Fuzzer, start: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        fuzzer.try_one(f"{start}-{fuzzer.tally.tried}")


def _guided(fuzzer: Fuzzer, seconds: float) -> None:
    home = fuzzer.out / "guided" / fuzzer.target
    course = explore(fuzzer.target, home, seconds, int(limits.SECONDS_PER_FILE))
    fuzzer.tally.tried = course.tried
    for suspect in course.suspects:
        fuzzer.judge(suspect.name, suspect.read_bytes())
        suspect.unlink()
    print(f"{fuzzer.target:10} {course.reached:7} branches reached", flush=True)


def _print(target: str, tally: Tally) -> None:
    print(
        f"{target:10} {tally.tried:7} inputs  {len(tally.answers):3} kinds of problems told  "
        f"slowest {tally.slowest:5.1f} s ({tally.slowest_seed})  {len(tally.findings)} findings",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
