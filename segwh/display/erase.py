"""An erasure as text: what there is to erase, what was, what stays and why. The key itself is not repeated."""

from __future__ import annotations

from collections.abc import Iterator

from segwh.commands.erase import Erasure
from segwh.display.figures import instant, plural


def question(found: Erasure) -> str:
    """What is asked before anything is erased."""
    return f"erase {_extent(found)} for good?"


def lines(done: Erasure) -> Iterator[str]:
    """What was done."""
    if not done.run_id:
        yield "the log knows nothing of this key: there was nothing to erase"
    else:
        yield f"erased {_extent(done)}"
        yield f"segwh_runs holds the tombstone {done.run_id}"
    for member in done.shared:
        yield f"its {member.column} stays a member of {member.grain}: others have the same {member.column}"
    for column in done.unknown:
        yield f"its {column} is not known any more; if segments of {column} hold it, add --value {column}=..."
    if done.still_exists:
        yield f"it is still in {done.relation}: the next run lets it in again, so delete it there first"
    if done.begun_at is not None:
        began = f"a run that began at {instant(done.begun_at)} has not ended and may write the key once more"
        yield f"{began}: erase it again after the next run"


def _extent(found: Erasure) -> str:
    text = f"{plural(found.rows, 'row')} of {plural(found.segments, 'segment')} from the log"
    values = [member.column for member in found.members[1:]]
    return f"{text}, its {' and '.join(values)} included" if values else text
