"""What fuzzing feeds on: every target takes undamaged files of its kind without breaking, so that what it finds is the damage's."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.guided import explore
from fuzz.kinds import KINDS
from fuzz.seeds import seeds_of
from fuzz.targets import run


@pytest.mark.parametrize("target", sorted(KINDS.keys() - {"read"}))
def test_files_that_are_whole_break_no_target(target: str) -> None:
    answers = [run(target, seed, lambda _: None) for seed in seeds_of(KINDS[target])[:3]]
    assert [answer[0] for answer in answers] == ["fine"] * len(answers)


def test_an_exploration_goes_on_from_what_the_one_before_it_learnt(tmp_path: Path) -> None:
    first = explore("qr", tmp_path, seconds=4, timeout=40)
    learnt = set((tmp_path / "learnt").iterdir())
    second = explore("qr", tmp_path, seconds=4, timeout=40)
    assert (first.suspects, second.suspects) == ([], [])
    assert min(first.tried, first.reached) > 0
    assert second.reached >= first.reached
    assert len(learnt) > len(seeds_of(KINDS["qr"]))
