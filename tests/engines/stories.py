"""The stories as parameters of a test on an engine that takes its time: some of every kind in each run, all by `-m slow`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.test_cases import IDS, PATHS


def told_sometimes(every: int, first: int = 0) -> pytest.MarkDecorator:
    """The mark of a test of one story, `path`: from the `first` on one in `every` is told in each run."""
    paths: list[Any] = [
        path if number % every == first else pytest.param(path, marks=pytest.mark.slow) for number, path in enumerate(PATHS)
    ]
    return pytest.mark.parametrize("path", paths, ids=IDS)
