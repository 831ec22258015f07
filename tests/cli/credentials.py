"""What dbt's adapters make of outputs of profiles.yml; a program, too, for an environment that has adapters and little else."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any


def type_of(output: Mapping[str, Any]) -> str:
    """The type of the credentials that an output is read as. Raises what the adapter raises for one that it does not take."""
    from dbt.adapters.factory import load_plugin
    from dbt.config.renderer import ProfileRenderer
    from dbt_common.context import set_invocation_context

    set_invocation_context(dict(os.environ))
    rendered = ProfileRenderer({}).render_data(dict(output))
    credentials_class = load_plugin(rendered.pop("type"))
    rendered.pop("threads")
    data = credentials_class.translate_aliases(rendered)
    credentials_class.validate(data)
    return str(credentials_class.from_dict(data).type)


def main() -> None:
    """Read outputs by name as JSON, print what each is read as."""
    found = {}
    for name, output in json.load(sys.stdin).items():
        try:
            found[name] = type_of(output)
        except Exception as error:
            found[name] = f"{type(error).__name__}: {error}"
    print(json.dumps(found))


if __name__ == "__main__":
    main()
