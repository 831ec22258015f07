"""The books of one grain kept on an in-memory DuckDB: the compiled queries, run in the order in which dbt runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import duckdb
import jinja2
import sqlglot
from sqlglot import exp

from segwh.dbt import ledger
from segwh.dbt.rows import TEXT, table_of
from segwh.sql.dialects.duckdb import DUCKDB
from tests.histories import runner

GRAIN = ledger.Grain(
    name="customer",
    key="customer_id",
    shape=sqlglot.parse_one("select customer_id as customer_id from customers", dialect="duckdb"),
    limits_growth=True,
)


@cache
def template(query: Callable[..., exp.Query], *arguments: object) -> jinja2.Template:
    """What the compiler makes of a query of the books, which is the same in every run."""
    return runner.template(DUCKDB.finished(query(*arguments)).sql("duckdb", pretty=True))


def pending(guards: tuple[tuple[str, str, str], ...]) -> exp.Query:
    """The query of the changes of a run, in which exits have the reasons of a table."""
    return ledger.pending(
        GRAIN,
        facts="segwh_customer_facts",
        exit_reasons=sqlglot.parse_one("select segment, customer_id, reason from known_reasons", dialect="duckdb"),
        guards=table_of({"suppression": TEXT, "grain": TEXT, "tag": TEXT}, guards),
        elsewhere=table_of(ledger.ELSEWHERE, ()),
        is_guarded=bool(guards),
    )


def as_of_text(as_of: datetime) -> str:
    """An as-of as the models name it."""
    return as_of.strftime("%Y-%m-%d %H:%M:%S.%f+00")


@dataclass(frozen=True, slots=True)
class Declared:
    """What the rules say of one segment."""

    rule_hash: str = "h1"
    type: str = "dynamic"
    status: str = "active"
    expires_at: datetime | None = None
    max_exit_fraction: float | None = 0.5
    max_entry_fraction: float | None = None
    tag_list: str = ""
    is_suppression: bool = False
    was: str | None = None
    depends_on: str = ""


class Books:
    """A warehouse with one grain. `run` does what one dbt run does; `stop_after` names the step after which it dies."""

    steps = ("state", "evaluation", "pending", "log", "all")

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'")
        self.connection.execute("create table customers (customer_id varchar)")
        self.connection.execute("create table segwh_run_starts (run_id varchar, started_at timestamptz)")
        self.runs = 0

    def has(self, table: str) -> bool:
        found = self.connection.execute("select 1 from duckdb_tables() where table_name = ?", [table]).fetchone()
        return found is not None

    def rendered(
        self,
        text: jinja2.Template,
        as_of: datetime,
        this: str,
        names: Mapping[str, Iterable[str]],
        lost: Iterable[str] = (),
    ) -> str:
        exists = self.has(this)

        def named(variable: str) -> str:
            return "(" + ", ".join(f"'{name}'" for name in ("", *names.get(variable, ()))) + ")"

        return text.render(
            as_of=as_of_text(as_of),
            run={"id": f"run{self.runs}"},
            lost={
                "names": "(" + ", ".join(f"'{name}'" for name in ("", *lost)) + ")",
                "is_any": "true" if lost else "false",
                "problem": "lost: " + " ".join(lost),
            },
            this=this,
            segwh__grows=lambda: exists,
            is_incremental=lambda: exists,
            ref=lambda name: name,
            segwh__existing=lambda name: name if self.has(name) else None,
            segwh__names=named,
            segwh__is_elsewhere_overtaken=lambda *_: "false",
            segwh__is_wanted=lambda *columns: "true",
        )

    def run(
        self,
        as_of: datetime,
        declared: Mapping[str, Declared],
        members: Mapping[str, Iterable[str]],
        *,
        reasons: Mapping[tuple[str, str], str] | None = None,
        guards: Iterable[tuple[str, str, str]] = (),
        accept: Iterable[str] = (),
        remove: Iterable[str] = (),
        is_fresh: bool = True,
        unread: Iterable[str] = (),
        lost: Iterable[str] = (),
        stop_after: str = "all",
    ) -> None:
        self.runs += 1
        names = {"segwh_accept": accept, "segwh_remove": remove}
        cursor = self.connection
        columns = (
            "segment varchar, rule_hash varchar, type varchar, status varchar, expires_at timestamptz, "
            "max_exit_fraction double, max_entry_fraction double, tag_list varchar, is_suppression boolean, grain varchar, "
            "was varchar, refresh varchar, depends_on varchar, watches varchar, entity varchar"
        )
        cursor.execute(f"create or replace table segwh_rules ({columns})")
        for segment, rule in declared.items():
            cursor.execute(
                "insert into segwh_rules values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'customer', ?, ?, ?, '', 'customer')",
                [
                    segment,
                    rule.rule_hash,
                    rule.type,
                    rule.status,
                    rule.expires_at,
                    rule.max_exit_fraction,
                    rule.max_entry_fraction,
                    rule.tag_list,
                    rule.is_suppression,
                    rule.was,
                    None,
                    rule.depends_on,
                ],
            )

        self._upsert_state(self.rendered(template(ledger.state, GRAIN), as_of, "segwh_customer_state", names))
        if stop_after == "state":
            return
        cursor.execute("create or replace table segwh_customer_evaluation (segment varchar, customer_id varchar)")
        cursor.execute("insert into segwh_customer_evaluation values (?, null)", [as_of_text(as_of)])
        cursor.execute("create or replace table segwh_customer_facts as select ?::timestamptz as evaluated_at", [as_of])
        cursor.execute(
            "create or replace table segwh_customer_evaluated (segment varchar, rule_hash varchar, as_of timestamptz, "
            "problem varchar, left_out bigint, population bigint)"
        )
        for segment, rule in declared.items():
            cursor.execute(
                "insert into segwh_customer_evaluated values (?, ?, ?, ?, 0, 1000)",
                [segment, rule.rule_hash, as_of, None if is_fresh and segment not in unread else "only a part was read"],
            )
            for key in members.get(segment, ()):
                cursor.execute("insert into segwh_customer_evaluation values (?, ?)", [segment, key])
        if stop_after == "evaluation":
            return
        standing = self.rendered(template(ledger.standing, GRAIN), as_of, "", names)
        cursor.execute(f"create or replace view segwh_customer_standing as {standing}")
        cursor.execute("create or replace table known_reasons (segment varchar, customer_id varchar, reason varchar)")
        for (segment, key), reason in (reasons or {}).items():
            cursor.execute("insert into known_reasons values (?, ?, ?)", [segment, key, reason])
        sql = self.rendered(template(pending, tuple(guards)), as_of, "segwh_customer_pending", names, tuple(lost))
        cursor.execute(f"create or replace table segwh_customer_pending as {sql}")
        if stop_after == "pending":
            return
        log = self.rendered(template(ledger.log, GRAIN), as_of, "segwh_customer_log", names)
        if self.has("segwh_customer_log"):
            cursor.execute(f"insert into segwh_customer_log by name {log}")
        else:
            cursor.execute(f"create table segwh_customer_log as {log}")
        if stop_after == "log":
            return

    def _upsert_state(self, sql: str) -> None:
        cursor = self.connection
        if not self.has("segwh_customer_state"):
            cursor.execute(f"create table segwh_customer_state as {sql}")
            return
        cursor.execute(f"create or replace temp table state_news as {sql}")
        cursor.execute("begin")
        cursor.execute(
            "delete from segwh_customer_state old where exists (select 1 from state_news new where new.kind = old.kind "
            "and new.segment = old.segment and new.customer_id = old.customer_id)"
        )
        cursor.execute("insert into segwh_customer_state by name select * from state_news")
        cursor.execute(
            """
            delete from segwh_customer_state as old where exists (
              select 1 from segwh_customer_state as mark where mark.kind = 'segment' and mark.segment = old.segment and (
                (old.kind = 'segment' and mark.sequence > old.sequence)
                or (old.kind = 'member' and not old.is_member
                  and (old.changed_at is null or old.changed_at < mark.changed_at)
                  and (old.computed_hash is null or mark.computed_hash is null or old.computed_hash <> mark.computed_hash))
              )
            )
            """
        )
        cursor.execute("commit")

    def rows(self, query: Callable[..., exp.Query], of: object = GRAIN) -> list[tuple]:
        text = self.rendered(template(query, of), datetime(2000, 1, 1), "nothing", {})
        return sorted(self.connection.execute(text).fetchall(), key=repr)

    def repeated(self, table: str, columns: str) -> list[tuple]:
        """What of a table's members is there more than once, told apart by some columns."""
        text = f"select {columns} from {table} where customer_id is not null group by {columns} having count(*) > 1"
        return self.connection.execute(text).fetchall()

    def plan(self, query: Callable[..., exp.Query]) -> str:
        """How the engine goes about a reader's query."""
        text = self.rendered(template(query, GRAIN), datetime(2000, 1, 1), "nothing", {})
        return str(self.connection.execute(f"explain {text}").fetchall())

    def problem(self, segment: str) -> str | None:
        """What the newest run says of a segment."""
        text = "select problem from segwh_customer_pending where kind = 'segment' and segment = ?"
        [(problem,)] = self.connection.execute(text, [segment]).fetchall()
        return problem

    def membership(self) -> dict[tuple[str, str], datetime]:
        return {(segment, key): entered_at for _, segment, key, entered_at in self.rows(ledger.membership)}

    def history(self) -> list[tuple]:
        return self.rows(ledger.history)

    def changes(self) -> list[tuple]:
        """(segment, key, change, changed_at, reason, sequence), in order of sequence."""
        text = self.rendered(template(ledger.changes, GRAIN), datetime(2000, 1, 1), "nothing", {})
        found = self.connection.execute(
            f"select segment, customer_id, change, changed_at, reason, sequence from ({text}) order by sequence"
        )
        return found.fetchall()

    def sizes(self) -> dict[tuple[str, datetime], tuple]:
        """(segment, as_of) -> (members, entered, exited, status)."""
        found = self.rows(ledger.sizes, (GRAIN,))
        return {(row[0], row[1]): (row[2], row[3], row[4], row[7]) for row in found}
