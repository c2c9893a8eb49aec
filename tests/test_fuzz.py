"""What fuzzing feeds on: every target takes undamaged files of its kind without breaking, so that what it finds is the damage's."""

from __future__ import annotations

import pytest

from fuzz.__main__ import KINDS
from fuzz.seeds import seeds_of
from fuzz.targets import run


@pytest.mark.parametrize("target", sorted(KINDS.keys() - {"read"}))
def test_files_that_are_whole_break_no_target(target: str) -> None:
    answers = [run(target, seed, lambda _: None) for seed in seeds_of(KINDS[target])[:3]]
    assert [answer[0] for answer in answers] == ["fine"] * len(answers)
