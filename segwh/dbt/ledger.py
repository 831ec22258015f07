"""The queries that keep the books of one grain: state, pending changes, log, and the views that readers see.

The log is the single source of truth and its append the run's only commit. The state is a cache of it that is brought up to
date at the start of a run; whatever reads it adds the log's newer rows, so it does not matter when a run dies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

from segwh.dbt import rows
from segwh.dbt.fixed_queries import ctes_of, filled, raw, read_by, template, union_all, with_ctes
from segwh.dbt.jinja import ref
from segwh.dbt.suppression import LOST
from segwh.sql.dialects.base import END_ALONE, FEW_FROM

AS_OF_TEXT = "{{ as_of }}"
RUN_ID_TEXT = "{{ run.id }}"


@dataclass(frozen=True, slots=True)
class Grain:
    """One kind of member: its name, the name of its key column, and a query of that column in the customer's own table."""

    name: str
    key: str
    shape: exp.Query
    counts_values: bool = False
    """Whether its members are values of an attribute, which may go while those who had them stay."""
    limits_growth: bool = False
    """Whether some of its segments have a `max_entry_fraction`."""
    entity: str = ""
    """Whose it is, where that is not its name."""

    def model(self, what: str) -> str:
        """The name of one of its models, such as `segwh_customer_log`."""
        return f"segwh_{self.name}_{what}"


def as_of_instant() -> exp.Expr:
    """The as-of of the run, in the type of the log's times."""
    return exp.cast(raw("'" + AS_OF_TEXT + "'"), exp.DataType.Type.TIMESTAMPTZ)


WORDS: Mapping[str, exp.Expr] = {
    "as_of_instant": as_of_instant(),
    "as_of_name": raw("'" + AS_OF_TEXT + "'"),
    "run_name": raw("'" + RUN_ID_TEXT + "'"),
    "removed_names": raw("{{ segwh__names('segwh_remove') }}"),
    "is_wanted": raw(
        "{{ segwh__is_wanted('coalesce(declared.segment, past.segment)', 'declared.refresh', 'declared.is_suppression') }}"
    ),
    "is_declared_wanted": raw("{{ segwh__is_wanted('declared.segment', 'declared.refresh', 'declared.is_suppression') }}"),
    "is_asked": raw("{{ segwh__is_wanted('asked.segment', 'asked.refresh', 'asked.is_suppression') }}"),
    "held_back_statuses": raw("{{ segwh__held_back() }}"),
    "accepted_names": raw("{{ segwh__names('segwh_accept') }}"),
}

READS_EVERYTHING: Mapping[str, exp.Expr] = {"reads_everything": raw("{{ not segwh__reads_part() }}")}
"""The word of templates that conclude nothing from a part of the data."""

EVALUATION: Mapping[str, rows.ColumnType] = {
    **dict.fromkeys(("grain", "segment"), rows.TEXT),
    "changed_at": rows.INSTANT,
    "run_id": rows.TEXT,
    **dict.fromkeys(("members", "entered", "exited", "population", "left_out"), rows.INT),
    "status": rows.TEXT,
}
"""What the sizes are made of, by column."""

LOOKS_AT_ALL: Mapping[str, exp.Expr] = {
    "members_name": raw("'" + AS_OF_TEXT + "'"),
    "is_overtaken": exp.false(),
    "other_names": raw("('')"),
}
"""Words of a grain whose runs look at every member. Where a run may look at changed keys alone dbt.following has them: what its
members are known by, whether another run has come between, and the segments that are asked of all keys in any case."""

COMPARES_ALL: Mapping[str, str] = {"compared": "held", "known": "counted"}
"""Which members such runs compare with those of the evaluation, and where the sizes of segments are known from."""

PENDING_PARTS = ("base", "courses", "differing", "reasons", "breakers", "changes")
"""The named queries of `pending` that much is built on."""
LONG_PENDING_PARTS = (*PENDING_PARTS, "candidates")
"""The same where there are so many segments that each chunk of them reads the candidates."""


def _shape(grain: Grain, template_name: str) -> exp.Query:
    return with_ctes(filled(template(template_name), key=grain.key), {"shape": grain.shape.copy()})


def empty_log(grain: Grain) -> exp.Query:
    """A log without rows, typed."""
    return _shape(grain, "nothing_logged")


def log_columns() -> list[str]:
    """The columns of a log beside its key."""
    return [name for name in template("nothing_logged").named_selects if name != "entity_key"]


def empty_state(grain: Grain) -> exp.Query:
    """A state without rows, typed."""
    return _shape(grain, "nothing_stated")


def recorded(grain: Grain, *, log: str, state: str) -> dict[str, exp.Query]:
    """Named queries that end in `recorded` (members and fresh leavers) and `recorded_segments`; log and state as Jinja."""
    books = ctes_of(filled(template("recorded"), key=grain.key, tables={"log": log, "state": state}))
    join, *_ = books["met"].args["joins"]
    join.meta[FEW_FROM] = "tail"
    books["tail"].args["where"].meta[END_ALONE] = True
    return books


def recorded_before_log(grain: Grain) -> dict[str, exp.Query]:
    """The same before this run's append, when the log may not exist yet."""
    return {
        _nothing_logged(grain): empty_log(grain),
        **recorded(grain, log=_log_or_nothing(grain), state=ref(grain.model("state"))),
    }


def recorded_after_log(grain: Grain) -> dict[str, exp.Query]:
    """The same once the log exists, for readers: of who is hidden from a set they see nothing, so nobody need be looked for."""
    books = recorded(grain, log=ref(grain.model("log")), state=ref(grain.model("state")))
    freed = books["freed"].assert_is(exp.Select)
    freed.where(exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0)), append=False, copy=False)
    return books


def standing(grain: Grain) -> exp.Query:
    """What the books said before this run."""
    return with_ctes(filled(template("standing"), key=grain.key), recorded_before_log(grain))


NO_EVALUATIONS: Mapping[str, rows.ColumnType] = {
    "kind": rows.TEXT,
    "change": rows.TEXT,
    "segment": rows.TEXT,
    "changed_at": rows.INSTANT,
    "sequence": rows.INT,
}
"""The columns by which state and log tell when segments were evaluated."""


def logged(grains: Iterable[Grain]) -> dict[str, exp.Query]:
    """Named queries that end in `logged`: each segment evaluated before, and whether at a later as-of than this run's."""

    def existing(model: str) -> str:
        return f"{{{{ segwh__existing('{model}') or 'no_evaluations' }}}}"

    told = []
    for grain in grains:
        tables = {what: existing(grain.model(what)) for what in ("log", "state")}
        words = {**WORDS, "grain_name": exp.Literal.string(grain.name)}
        told.append(filled(template("logged"), key=grain.key, tables=tables, words=words))
    nothing = rows.table_of({"grain": rows.TEXT, "segment": rows.TEXT, "is_later": rows.BOOL}, ())
    return {"no_evaluations": rows.table_of(NO_EVALUATIONS, ()), "logged": union_all(told) if told else nothing}


def exits_before_log(grain: Grain) -> exp.Query:
    """The newest exit of each key from each segment before this as-of."""
    query = filled(template("exits"), key=grain.key, tables={"log": _log_or_nothing(grain)}, words=WORDS)
    return with_ctes(query, {_nothing_logged(grain): empty_log(grain)})


def _log_or_nothing(grain: Grain) -> str:
    return f"{{{{ segwh__existing('{grain.model('log')}') or '{_nothing_logged(grain)}' }}}}"


def _nothing_logged(grain: Grain) -> str:
    """The named query that stands in for the log while there is none; Jinja names it, so it bears its grain's name."""
    return f"{grain.name}_nothing_logged"


def state(grain: Grain) -> exp.Query:
    """The rows of the state that the log's newest rows change; on the first run, all."""
    books = {
        _nothing_logged(grain): empty_log(grain),
        "nothing_stated": empty_state(grain),
        **recorded(
            grain,
            log=_log_or_nothing(grain),
            state="{{ this if is_incremental() else 'nothing_stated' }}",
        ),
    }
    return with_ctes(filled(template("state"), key=grain.key), books)


def state_anew(grain: Grain) -> exp.Query:
    """The whole state, from the one that there is and the log's newest rows."""
    books = {
        _nothing_logged(grain): empty_log(grain),
        "nothing_stated": empty_state(grain),
        **recorded(
            grain,
            log=_log_or_nothing(grain),
            state=f"{{{{ segwh__existing('{grain.model('state')}') or 'nothing_stated' }}}}",
        ),
    }
    return with_ctes(filled(template("state_anew"), key=grain.key), books)


def pending(
    grain: Grain,
    *,
    facts: str,
    exit_reasons: exp.Query,
    guards: exp.Query,
    elsewhere: exp.Query,
    words: Mapping[str, exp.Expr] = LOOKS_AT_ALL,
    looked: Mapping[str, str] = COMPARES_ALL,
    is_guarded: bool = True,
    exit_fraction: Decimal | None = None,
) -> exp.Query:
    """What this run is about to append. `facts` is the text of a ref; `exit_reasons` reads the relation `candidates` and
    gives (segment, key, reason). `looked` says where the template's `compared` and `known` are read from, and `moved` where
    some members may be compared. Not `is_guarded`: there are no suppression segments. `exit_fraction` is the circuit breaker
    of segments that the rules name no more.
    """
    query = filled(
        template("pending"),
        key=grain.key,
        tables={
            "evaluation": ref(grain.model("evaluation")),
            "evaluated_segments": ref(grain.model("evaluated")),
            "facts": facts,
            "rules": ref("segwh_rules"),
            "standing": ref(grain.model("standing")),
            "leavers": "cleared" if is_guarded else "candidates",
            **looked,
        },
        words={
            **WORDS, **LOST, **words, **_conditions_of(grain),
            "grain_name": exp.Literal.string(grain.name),
            "entity_name": exp.Literal.string(grain.entity or grain.name),
            "project_exit_fraction": exp.cast(
                exp.null() if exit_fraction is None else exp.Literal.number(str(exit_fraction)), exp.DataType.Type.DOUBLE
            ),
        },
    )
    own = ctes_of(query)
    if "moved" not in looked:
        del own["narrowed"]
    if not is_guarded:
        del own["suppressed"], own["cleared"]
    if not grain.limits_growth:
        del own["gains"]
        own["grown"] = rows.table_of({"segment": rows.TEXT}, ())
    query.set("with_", None)
    named: dict[str, exp.Query] = {"guards": guards, "elsewhere": elsewhere}
    for name, cte in own.items():
        if name == "reasons":
            named["exit_reasons"] = exit_reasons
        named[name] = cte
    whole = with_ctes(query, named)
    if "moved" in looked:
        # each of its readers wants few of its rows, so it is not to be written out for all of them
        next(cte for cte in whole.ctes if cte.alias == "recorded").set("materialized", False)
    return whole


ELSEWHERE: Mapping[str, rows.ColumnType] = {"segment": rows.TEXT, "is_current": rows.BOOL, "is_read": rows.BOOL}
"""How segments of other grains fare: whether they have their newest version, and whether they were evaluated in order."""


def elsewhere(grain: Grain) -> exp.Query:
    """How the segments of a grain that is done fared in this run: rows of ELSEWHERE."""
    tables = {"pending": ref(grain.model("pending")), "rules": ref("segwh_rules")}
    words = {**WORDS, "grain_name": exp.Literal.string(grain.name)}
    return filled(template("elsewhere"), key=grain.key, tables=tables, words=words)


def elsewhere_later(grain: Grain, facts: str, watched: Iterable[str]) -> exp.Query:
    """The same of the suppression segments and those `watched` of a grain that is not done yet, which looks at every member."""
    tables = {
        "facts": facts,
        "evaluation": ref(grain.model("evaluation")),
        "evaluated_segments": ref(grain.model("evaluated")),
        "rules": ref("segwh_rules"),
        "standing": ref(grain.model("standing")),
    }
    names = ", ".join(f"'{name}'" for name in sorted(watched)) or "''"
    words = {**WORDS, **LOOKS_AT_ALL, "watched_names": raw(f"({names})"), **_conditions_of(grain)}
    return filled(template("elsewhere_later"), key=grain.key, tables=tables, words=words)


def _conditions_of(grain: Grain) -> Mapping[str, exp.Expr]:
    """What is so of the whole grain, as conditions that every engine takes."""
    holds = {"counts_values": grain.counts_values, "is_growth_limited": grain.limits_growth}
    one = exp.Literal.number(1)
    return {word: exp.EQ(this=one.copy(), expression=exp.Literal.number(int(is_so))) for word, is_so in holds.items()}


def log(grain: Grain) -> exp.Query:
    """The rows that this run appends; none where another run has written since this one began, into whichever log.

    So of two runs at once one writes all that the project's grains have, and not each of them some.
    """
    place = f"{{{{ this if segwh__grows() else '{_nothing_logged(grain)}' }}}}"
    tables = {"log": place, "pending": ref(grain.model("pending"))}
    others = raw(f"{{{{ segwh__is_elsewhere_overtaken(run, '{grain.model('log')}') }}}}")
    query = filled(template("log"), key=grain.key, tables=tables, words={**WORDS, "is_elsewhere_overtaken": others})
    return with_ctes(query, {_nothing_logged(grain): empty_log(grain)})


def changes(grain: Grain) -> exp.Query:
    """The public log."""
    return filled(template("changes"), key=grain.key, tables={"log": ref(grain.model("log"))})


def membership(grain: Grain) -> exp.Query:
    """The public membership."""
    return _of_books(filled(template("membership"), key=grain.key), grain)


def history(grain: Grain) -> exp.Query:
    """The public history."""
    return filled(template("history"), key=grain.key, tables={"log": ref(grain.model("log"))})


def sizes(grains: Iterable[Grain]) -> exp.Query:
    """Size over time of the segments of all grains."""
    evaluations = []
    for grain in grains:
        words = {"grain_name": exp.Literal.string(grain.name)}
        evaluations.append(
            filled(template("evaluations"), key=grain.key, tables={"log": ref(grain.model("log"))}, words=words)
        )
    query = filled(template("sizes"), key="", tables={"starts": ref("segwh_run_starts")})
    return with_ctes(query, {"evaluations": union_all(evaluations) if evaluations else rows.table_of(EVALUATION, ())})


def written(grain: Grain) -> exp.Query:
    """The changes of this run."""
    tables = {"log": ref(grain.model("log")), "pending": ref(grain.model("pending"))}
    return filled(template("written"), key=grain.key, tables=tables, words=WORDS)


def overtaken(grain: Grain) -> exp.Query:
    """One row if another run wrote into the log first, so that this run could not."""
    tables = {"log": ref(grain.model("log")), "pending": ref(grain.model("pending"))}
    return filled(template("overtaken"), key=grain.key, tables=tables, words=WORDS)


def marks(grain: Grain) -> exp.Query:
    """First and last evaluation of the grain's segments."""
    words = {"grain_name": exp.Literal.string(grain.name)}
    return _of_books(filled(template("registry_marks"), key=grain.key, words=words), grain)


def _of_books(query: exp.Query, grain: Grain) -> exp.Query:
    """What readers are shown of the books, once the log exists."""
    return with_ctes(query, read_by(query, recorded_after_log(grain)))
