"""Which models a project compiles to."""

from __future__ import annotations

from segwh.dbt.compile import compiled_files
from segwh.dbt.readable import readable, readings_of
from segwh.project import load_texts
from segwh.resolve.rule_hash import RuleHashes
from segwh.sql.dialects import DIALECTS
from segwh.types import Relation

CATALOG = """
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    attributes: {city: string, email: string, phone: string}
    events:
      - {name: orders, relation: ref('orders'), key: customer_id, time: ordered_at, properties: {amount: decimal}}
"""


def compiled(segments: str) -> dict[str, str]:
    loaded = load_texts({"segments/catalog.yml": CATALOG, "segments/rules.yml": segments})
    assert loaded.project is not None, loaded.text
    hashes = RuleHashes(loaded.project)
    return compiled_files(loaded.project, {each.name: hashes.of(each) for each in loaded.project.segments}, "duckdb")


def names(files: dict[str, str]) -> set[str]:
    return {path.rsplit("/", 1)[-1] for path in files}


def many(count: int) -> str:
    lines = "\n".join(
        f"  - {{name: spent_{number}, label: S, entity: customer,"
        f" include: [{{event: orders, sum: {{of: amount, gte: {number}}}}}]}}"
        for number in range(count)
    )
    return f"segments:\n{lines}\n"


def test_the_number_of_models_does_not_depend_on_the_number_of_segments() -> None:
    assert names(compiled(many(1))) == names(compiled(many(40)))


def test_a_split_segment_is_synced_by_variant_and_its_holdout_never() -> None:
    files = compiled(
        "segments:\n"
        "  - name: winback\n    label: Win back\n    entity: customer\n    include: everyone\n"
        "    split: {seed: s, variants: {holdout: 10, a: 45, b: 45}}\n    activate: {columns: [email]}\n"
    )
    assert {name for name in names(files) if name.startswith("aud_")} == {"aud_winback__a.sql", "aud_winback__b.sql"}


def test_compiling_gives_the_same_bytes_whatever_the_order_of_files() -> None:
    first = load_texts({"segments/a.yml": CATALOG, "segments/b.yml": many(5)})
    second = load_texts({"segments/b.yml": many(5), "segments/a.yml": CATALOG})
    assert first.project is not None
    assert second.project is not None
    texts = []
    for project in (first.project, second.project):
        hashes = RuleHashes(project)
        texts.append(compiled_files(project, {each.name: hashes.of(each) for each in project.segments}, "duckdb"))
    assert texts[0] == texts[1]


def test_values_of_rules_never_reach_jinja_as_code() -> None:
    import jinja2

    files = compiled(
        "segments:\n"
        '  - {name: odd, label: "{{ 1/0 }} {% raise %} {# x #}", entity: customer, '
        'include: [{attribute: city, is: "{{ exceptions.raise() }} \'; drop table x; -- */"}]}\n'
    )
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    for path, text in files.items():
        if path.endswith(".sql") and "macros/" not in path:
            for node in environment.parse(text).find_all(jinja2.nodes.Call):
                assert not (isinstance(node.node, jinja2.nodes.Getattr) and node.node.attr == "raise"), path
            assert "1/0 }}" not in text.replace("{{ '{' }}{{ '{' }} 1/0 }}", ""), path


def test_a_lookup_that_is_only_on_the_way_is_read_as_what_it_is_compared_with() -> None:
    maker = "maker: {relation: ref('makers'), by: maker_id, key: id, properties: {land: string}}"
    lookups = f"lookups: {{product: {{relation: ref('products'), by: product_id, key: id, lookups: {{{maker}}}}}}}"
    catalog = CATALOG.replace("properties: {amount: decimal}", f"properties: {{amount: decimal}}, {lookups}")
    rules = many(1).replace("sum: {of: amount, gte: 0}", "where: {attribute: product.maker.land, is: Peru}")
    project = load_texts({"segments/catalog.yml": catalog, "segments/rules.yml": rules}).project
    assert project is not None
    reading = readings_of(project, DIALECTS["postgres"])["customer"]
    assert readable(reading.of(Relation("ref", ("products",)))) == (
        "segwh__readable(ref('products'), 'segwh_customer_checks', {}, {}, "
        "compared=[['id', ref('orders'), 'product_id', false], ['maker_id', ref('makers'), 'id', false]])"
    )
    assert readable(reading.of(Relation("ref", ("elsewhere",)))) == "ref('elsewhere')"
