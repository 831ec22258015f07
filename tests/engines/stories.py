"""The stories as parameters of a test on an engine that takes its time: some of every kind in each run, all by `-m slow`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from tests.cases.test_cases import IDS, PATHS


def told_sometimes(every: int, first: int = 0, instead: Mapping[str, str] = MappingProxyType({})) -> pytest.MarkDecorator:
    """The mark of a test of one story, `path`: from the `first` on one in `every` is told in each run, or another instead."""
    names = {instead.get(name, name) for name in IDS[first::every]}
    assert names <= set(IDS)
    paths: list[Any] = [
        path if name in names else pytest.param(path, marks=pytest.mark.slow) for name, path in zip(IDS, PATHS, strict=True)
    ]
    return pytest.mark.parametrize("path", paths, ids=IDS)
