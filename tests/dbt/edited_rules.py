"""Rules that change at random, and what compiling makes of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from segwh.commands.workspace import MEMORY, PIECES, Workspace, compile_workspace
from segwh.dbt.aside import FOLDER
from segwh.dbt.unchanged import NOTE
from segwh.errors import RulesError, UserError
from tests.sql import stories

KEPT = (MEMORY, PIECES, NOTE.name)
CATALOG = (
    stories.CATALOG
    + """
    lookups:
      home: {relation: ref('homes'), by: home_id, key: home_id}
  - {name: home, relation: ref('homes'), key: home_id, attributes: {country: string}}
"""
)
SHARED = """
conditions:
  - {name: local, entity: customer, when: {attribute: city, is: Leeds}}
traits:
  - {name: spent, entity: customer, event: orders, sum: amount}
  - {name: mean, entity: customer, event: orders, avg: amount}
  - name: mood
    entity: customer
    track: true
    stages: [{name: keen, when: {attribute: spent, gte: 50}}, {name: calm}]
matrices:
  - name: who
    label: Who
    tags: [mail]
    entity: customer
    rows: {uk: {attribute: city, is: Leeds}}
    columns: {known: {attribute: phone, exists: true}}
segments:
  - {name: consent, label: No mail, entity: customer, include: [{attribute: subscribed, is: false}]}
  - {name: far, label: Far, entity: home, include: [{attribute: country, is_not: UK}]}
groups:
  - {name: waterfall, exclusive: [who__uk__known, mood__keen]}
exclusions:
  - {entity: customer, segment: consent, tags: [mail]}
"""
LISTS = SHARED.replace("is: false}]}", "is: false}], limit: {top: 5, by: spent}}")
SEGMENTS = """
label: Many, entity: customer, include: [{event: orders, within: 30 days, count: {gte: N}}]
label: Tea, entity: customer, include: [{event: orders, where: {attribute: source, is: tN}, sum: {of: amount, gte: N}}]
label: Dashed, entity: customer, include: [{event: orders, where: {attribute: source, is: "a-N"}, count: {gte: 1}}]
label: Blank, entity: customer, include: [{event: orders, where: {attribute: source, is: "a N"}, count: {gte: 1}}]
label: Where, entity: customer, include: [{attribute: city, in: [London, Leeds N]}], activate: {columns: [spent]}
label: Rich, entity: customer, include: [{attribute: spent, gte: N}, {attribute: mean, gt: 2}], analytics: true
label: In, entity: customer, include: [{segment: OTHER}, {event: carts, within: N days}]
label: Out, entity: customer, include: everyone, exclude: [{segment: OTHER}, {condition: local}], tags: [mail]
label: Newly, entity: customer, include: [{segment: OTHER, entered: {within: N days}}]
label: Best, entity: customer, include: everyone, limit: {top: N, by: spent, per: city}
label: Phones, entity: customer, aggregate_on: phone, include: [{event: orders, within: N days}]
label: Once, entity: customer, type: static, include: [{attribute: subscribed, is: true}]
label: Soon, entity: customer, include: [{attribute: birthday, within_next: N days}]
label: Young, entity: customer, created_within: N days, include: everyone
label: Stays, entity: customer, include: everyone, stay: {at_most: N days, again_after: 90 days}
label: Always, entity: customer, include: [{attribute: tags, has_any: [pN]}], always: ref('test_customers')
label: Closed, entity: customer, status: inactive, include: everyone
label: Ends, entity: customer, expires_on: 2027-01-0N, include: [{condition: local}]
label: Parts, entity: customer, include: [{segment: OTHER}], split: {seed: s, variants: {a: 50, b: 50}}
label: Heir, entity: customer, was: formerly_N, include: [{attribute: mood, is: keen}]
label: Abroad, entity: customer, include: [{segment: home.far}, {attribute: city, contains: "{{ N }} {% x"}]
label: Lands, entity: home, include: [{attribute: country, is: "U\\nN"}]
label: Vain, entity: customer, include: [{attribute: city, is: Leeds}, {attribute: city, is: "Leeds N"}]
label: Turns, entity: customer, include: [{event: orders, calendar: {this: month}, count: {gte: N}}]
label: Least, entity: customer, include: everyone, limit: {top: N, by: spent}
"""
KINDS = [line for line in SEGMENTS.splitlines() if line]
SETTINGS = ("version: 1\n", "version: 1\ntimezone: Europe/London\n", "version: 1\nweek_starts_on: sunday\n")


@dataclass
class Rules:
    """Rules that are edited at random."""

    random: Random
    settings: str = SETTINGS[0]
    catalog: str = CATALOG
    shared: str = SHARED
    dialect: str = "duckdb"
    files: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    count: int = 0

    @property
    def named(self) -> list[str]:
        return [name for items in self.files.values() for name, _ in items]

    def one(self) -> tuple[str, str]:
        self.count += 1
        kind = self.random.choice(KINDS)
        text = kind.replace("N", str(self.random.randint(1, 9))).replace("OTHER", self.random.choice(self.named or ["consent"]))
        return f"s_{self.random.randint(0, 99):02}_{self.count}", text

    def write(self, folder: Path) -> None:
        shutil.rmtree(folder / "segments", ignore_errors=True)
        texts = {
            "dbt_project.yml": "name: rules\n",
            "segwh.yml": self.settings,
            "segments/catalog.yml": self.catalog,
            "segments/shared.yml": self.shared,
        }
        for name, items in self.files.items():
            texts[f"segments/{name}.yml"] = "segments:\n" + "".join(f"  - {{name: {own}, {text}}}\n" for own, text in items)
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")

    # --- edits ---

    def some_file(self) -> list[tuple[str, str]]:
        return self.files[self.random.choice([*self.files])]

    def add(self) -> None:
        items = self.some_file()
        items.insert(self.random.randint(0, len(items)), self.one())

    def change(self) -> None:
        items = self.some_file()
        at = self.random.randrange(len(items))
        items[at] = (items[at][0], self.one()[1])

    def remove(self) -> None:
        items = self.some_file()
        if len(items) > 1:
            del items[self.random.randrange(len(items))]

    def rename(self) -> None:
        items = self.some_file()
        at = self.random.randrange(len(items))
        items[at] = (self.one()[0], items[at][1])

    def relabel(self) -> None:
        items = self.some_file()
        at = self.random.randrange(len(items))
        items[at] = (items[at][0], items[at][1].replace("label: ", "label: New "))

    def move(self) -> None:
        items = self.some_file()
        if len(items) > 1:
            self.some_file().append(items.pop(self.random.randrange(len(items))))

    def rename_file(self) -> None:
        name = self.random.choice([*self.files])
        self.count += 1
        self.files[f"{self.random.choice('abyz')}_{self.count}"] = self.files.pop(name)

    def turn(self) -> None:
        self.settings = self.random.choice(SETTINGS)

    def other_engine(self) -> None:
        self.dialect = self.random.choice(["duckdb", "postgres", "snowflake"])

    def other_catalog(self) -> None:
        self.catalog = self.random.choice(
            [
                CATALOG,
                CATALOG.replace("birthday: date", "birthday: date\n      more: string"),
                CATALOG.replace("id: order_id", "id: order_id\n        loaded_at: loaded_at\n        id_unique: true"),
                CATALOG.replace("ref('homes')", "ref('houses')"),
                CATALOG.replace("city: string", "city: {type: string, column: town}"),
            ]
        )

    def other_shared(self) -> None:
        self.shared = self.random.choice(
            [
                SHARED,
                SHARED.replace("is: Leeds", "is: York", 1),
                SHARED.replace("sum: amount", "max: amount"),
                LISTS,
                SHARED.replace(", tags: [mail]}", "}"),
                SHARED.replace("exclusive: [who__uk__known, mood__keen]", "exclusive: [mood__keen, who__uk__known]"),
                SHARED.replace("entity: home, include: [{attribute: country", "entity: customer, include: [{attribute: city"),
            ]
        )


EDITS: list[Callable[[Rules], None]] = [
    *[Rules.add, Rules.change, Rules.remove, Rules.rename, Rules.relabel, Rules.move] * 2,
    *[Rules.rename_file, Rules.turn, Rules.other_engine, Rules.other_catalog, Rules.other_shared],
]


def outcome(folder: Path, dialect: str) -> dict[str, bytes] | str:
    """The compiled files by name and, as one more, what was warned of; or what is wrong with the rules."""
    try:
        report = compile_workspace(Workspace(folder, dialect))
    except (RulesError, UserError) as error:
        return str(error)
    found = (path for top in ("models", "macros") for path in (folder / top).rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
    return files | {"warnings": report.warnings.encode()}


def damage(random: Random, folder: Path, copies: list[Path]) -> None:
    """Do something to what is kept, or to a compiled file; or put what was kept of other rules in its place."""
    path = folder / FOLDER / random.choice(KEPT)
    data = path.read_bytes() if path.is_file() else b""
    models = [*(folder / "models").rglob("*.sql")]
    match random.randrange(7):
        case 0:
            path.write_bytes(data[: random.randint(0, len(data))])
        case 1 if data:
            at = random.randrange(len(data))
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        case 2:
            path.unlink(missing_ok=True)
        case 3:
            path.write_text("[]", encoding="utf-8")
        case 4:
            shutil.copytree(random.choice(copies), folder / FOLDER, dirs_exist_ok=True)
        case 5 if models:
            edited = random.choice(models)
            edited.write_bytes(edited.read_bytes().replace(b"1", b"2") + b"-- by hand\n")
        case 6 if models:
            random.choice(models).unlink()


def edited_at_random(seed: int, steps: int, scratch: Path) -> None:
    """Edit rules, and at times what is kept, and hold each compiling again against compiling anew."""
    random = Random(seed)
    rules = Rules(random)
    folder, copies = scratch / "edited", [scratch / "copy_0"]
    while not rules.files or isinstance(outcome(folder, rules.dialect), str):
        for name in "bcdx":
            rules.files[name] = []
            rules.files[name] += [rules.one() for _ in range(3)]
        rules.write(folder)
    shutil.copytree(folder / FOLDER, copies[0])
    for step in range(1, steps):
        before = replace(rules, files={name: list(items) for name, items in rules.files.items()})
        edits = random.choices(EDITS, k=random.choice([0, 1, 1, 1, 2]))
        for edit in edits:
            edit(rules)
        rules.write(folder)
        if random.random() < 0.4:
            damage(random, folder, copies)
        fresh = scratch / f"fresh_{step}"
        rules.write(fresh)
        expected = outcome(fresh, rules.dialect)
        assert outcome(folder, rules.dialect) == expected, (seed, step, edits)
        copies.append(fresh / FOLDER)
        if isinstance(expected, str):
            rules = replace(before, count=rules.count)
            shutil.rmtree(fresh)
            copies.pop()
