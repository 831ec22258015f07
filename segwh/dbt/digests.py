"""A digest of every compiled model, by which a run tells whether its files are those that one `segwh compile` wrote.

Files that were merged by hand, or of which some were left behind, may each be sound and together be wrong: the members of
yesterday's rules include whom the rules of today suppress.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from segwh.dbt.jinja import jinja_string

NAME = "compiled.sql"

HEADER = """{#- segwh: written by `segwh compile`, which overwrites it.

What `segwh compile` wrote: model -> digest of its text, and in which dialect. A run refuses models that are others. Where it
conflicts in a merge, compile the merged rules. -#}
"""


def digests_macro(files: Mapping[str, str], dialect: str) -> str:
    """The text of the macros that know the digests of compiled files (path -> text), of which the models count, and the name of
    the dialect in which they are written.
    """
    models = {PurePosixPath(path).stem: text for path, text in files.items() if path.endswith(".sql")}
    lines = [f"    {jinja_string(name)}: '{digest(models[name])}'," for name in sorted(models)]
    body = ["{%- macro segwh__digests() -%}", "  {%- do return({", *lines, "  }) -%}", "{%- endmacro -%}"]
    spoken = ["{%- macro segwh__dialect() -%}", f"  {{%- do return({jinja_string(dialect)}) -%}}", "{%- endmacro -%}"]
    return "\n".join([HEADER, *body, "", *spoken, ""])


def digest(text: str) -> str:
    """Twelve hexadecimal digits that are the same however a text is indented and its lines end."""
    return hashlib.md5(" ".join(text.split()).encode(), usedforsecurity=False).hexdigest()[:12]
