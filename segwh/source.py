"""Text with places: files read as plain YAML 1.2 data, each scalar and mapping with its span."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file. Lines and columns count from 1; `end_column` is the first column after it.

    `file` is relative to the project, with forward slashes.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
