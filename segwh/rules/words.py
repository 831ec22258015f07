"""The words of the language that are no operator, measure or window: where each stands, what it says, an example of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where a word stands; the value is the heading under which it is documented."""

    CONDITION = "Conditions"
    COMBINATOR = "Combinators"
    ARGUMENT = "Arguments of operators and measures"
    SEQUENCE = "Sequences"
    TRAIT = "Traits"
    RFM = "RFM"
    SEGMENT = "Segments"
    LIMIT = "Limits"
    SPLIT = "Splits"
    STAY = "Stays"
    CONDITIONS = "Named conditions"
    GROUP = "Groups"
    MATRIX = "Matrices"
    EXCLUSION = "Exclusions"
    ENTITY = "Entities"
    EVENT = "Events"
    RELATED = "Related rows"
    LOOKUP = "Lookups"
    COLUMN = "Attributes and properties"
    SETTING = "Settings"


@dataclass(frozen=True, slots=True)
class Word:
    """A row of the table: a key, or one form of a key.

    `example` is written as the place wants it: a whole condition; the body of a trait or an rfm; entries of a segment's, an
    entity's, an event's, related rows' or a lookup's mapping; an item of its section; a line of segwh.yml.
    """

    place: Place
    name: str
    """The key, or where a key has forms worth a line each, the key and the form: `calendar: last`."""
    doc: str
    example: str
    decides: bool = True
    """Whether it bears on who is a member, or what a trait is; False: only on what is shown, when, or where."""

    @property
    def key(self) -> str:
        """The key itself."""
        return self.name.split(":")[0]


CONDITION, COMBINATOR, ARGUMENT, SEQUENCE = Place.CONDITION, Place.COMBINATOR, Place.ARGUMENT, Place.SEQUENCE
TRAIT, RFM, SEGMENT, LIMIT, SPLIT, STAY = Place.TRAIT, Place.RFM, Place.SEGMENT, Place.LIMIT, Place.SPLIT, Place.STAY
CONDITIONS, GROUP, MATRIX, EXCLUSION = Place.CONDITIONS, Place.GROUP, Place.MATRIX, Place.EXCLUSION
ENTITY, EVENT, RELATED, LOOKUP, COLUMN = Place.ENTITY, Place.EVENT, Place.RELATED, Place.LOOKUP, Place.COLUMN
SETTING = Place.SETTING

IN_CONDITIONS = (
    Word(COMBINATOR, "all", "each of them holds", "{all: [{attribute: city, is: London}, {attribute: subscribed, is: true}]}"),
    Word(COMBINATOR, "any", "at least one of them holds",
         "{any: [{attribute: city, is: London}, {attribute: subscribed, is: true}]}"),
    Word(COMBINATOR, "none", "not one of them holds",
         "{none: [{attribute: city, is: London}, {attribute: subscribed, is: true}]}"),
    Word(COMBINATOR, "not", "the condition does not hold", "{not: {attribute: city, is: London}}"),
    Word(COMBINATOR, "at_least", "at least that many of those in `of` hold",
         "{at_least: 2, of: [{attribute: city, is: London}, {attribute: subscribed, is: true}, {event: orders}]}"),
    Word(CONDITION, "everyone", "always holds", "everyone"),
    Word(CONDITION, "attribute", "an attribute or a trait, with one operator; inside `where` a property of the row",
         "{attribute: city, is: London}"),
    Word(CONDITION, "attribute: of a lookup", "what a many-to-one join leads to, as `lookup.property`",
         "{attribute: account.plan, is: gold}"),
    Word(CONDITION, "event", "rows with a time, with `where`, one window, one measure; without a measure: at least one row",
         "{event: orders, within: 30 days}"),
    Word(CONDITION, "related", "rows without a time, with `where` and one measure",
         "{related: tickets, where: {attribute: status, is: open}}"),
    Word(CONDITION, "where", "which rows: a condition on the row, or a list of conditions that all hold",
         "{event: orders, where: [{attribute: source, is: web}, {attribute: amount, gte: 10}]}"),
    Word(CONDITION, "segment", "membership of another segment at the same instant", "{segment: other}"),
    Word(CONDITION, "segment: of a lookup", "membership of what a many-to-one join leads to in a segment of its own entity",
         "{segment: account.gold}"),
    Word(CONDITION, "entered", "a membership that began within that time", "{segment: other, entered: {within: 7 days}}"),
    Word(CONDITION, "for", "a membership that has lasted that long", "{segment: other, for: 30 days}"),
    Word(CONDITION, "sequence", "rows of events in that order, each strictly later than the one before",
         "{sequence: [{event: page_views}, {event: orders}]}"),
    Word(CONDITION, "condition", "a condition of the section `conditions`, by its name", "{condition: named}"),
    Word(ARGUMENT, "missing: fails", "false where the value is missing, also for a negative operator",
         "{attribute: city, is_not: London, missing: fails}"),
    Word(ARGUMENT, "missing: matches", "true where the value is missing, also for a positive operator",
         "{attribute: city, is: London, missing: matches}"),
    Word(ARGUMENT, "ignore_case", "with `true`, letters are compared by their simple lower case",
         "{attribute: city, is: london, ignore_case: true}"),
    Word(ARGUMENT, "another column", "`{attribute: NAME}` in place of a value compares two columns of one row",
         "{attribute: renews_on, gt: {attribute: birthday}}"),
    Word(ARGUMENT, "list of a relation", "`in` and `not_in` take the values of a column",
         "{attribute: sku, in: {relation: ref('clearance'), column: sku}}"),
    Word(ARGUMENT, "exists: false", "there is no value, or the empty text or list", "{attribute: phone, exists: false}"),
    Word(ARGUMENT, "ending", "beside `within`: the stretch ends that long before as-of",
         "{attribute: signed_up_at, within: 30 days, ending: 30 days ago}"),
    Word(ARGUMENT, "calendar: this", "the local unit that holds as-of", "{attribute: renews_on, calendar: {this: month}}"),
    Word(ARGUMENT, "calendar: last", "that many complete local units before this one",
         "{attribute: renews_on, calendar: {last: 3, unit: month}}"),
    Word(ARGUMENT, "calendar: next", "that many complete local units after this one; not for windows",
         "{attribute: renews_on, calendar: {next: 1, unit: week}}"),
    Word(ARGUMENT, "day_of_year: is", "one day of any year", "{attribute: birthday, day_of_year: {is: 02-29}}"),
    Word(ARGUMENT, "day_of_year: between", "from one day to another, both included; may wrap the new year",
         "{attribute: birthday, day_of_year: {between: [12-02, 01-03]}}"),
    Word(ARGUMENT, "day_of_year: within_next", "today and the days after it, that many in all",
         "{attribute: birthday, day_of_year: {within_next: 7 days}}"),
    Word(ARGUMENT, "day_of_week: is", "one day of the week", "{attribute: ordered_at, day_of_week: {is: monday}}"),
    Word(ARGUMENT, "day_of_week: in", "one of some days of the week",
         "{attribute: ordered_at, day_of_week: {in: [saturday, sunday]}}"),
    Word(ARGUMENT, "day_of_week: between", "from one day to another, both included; may wrap the week",
         "{attribute: ordered_at, day_of_week: {between: [friday, monday]}}"),
    Word(ARGUMENT, "hour: is", "one hour of the local day", "{attribute: ordered_at, hour: {is: 12}}"),
    Word(ARGUMENT, "hour: between", "from one hour through another; may wrap midnight",
         "{attribute: ordered_at, hour: {between: [22, 4]}}"),
    Word(ARGUMENT, "bare number", "after `count`, `days` or `size` it means `is`", "{event: orders, count: 2}"),
    Word(ARGUMENT, "several bounds", "all of them hold", "{event: orders, count: {gte: 1, lte: 3}}"),
    Word(ARGUMENT, "by", "in `count`: the rows of the value that most rows have; missing values do not count",
         "{event: orders, count: {by: product.category, gte: 2}}"),
    Word(ARGUMENT, "first: where", "a condition on the first row",
         "{event: orders, first: {where: {attribute: source, is: web}}}"),
    Word(ARGUMENT, "last: where", "a condition on the last row",
         "{event: orders, last: {where: {attribute: source, is: web}}}"),
    Word(SEQUENCE, "event", "a step that happens, with `where`",
         "{sequence: [{event: page_views}, {event: orders, where: {attribute: source, is: web}}]}"),
    Word(SEQUENCE, "without", "a step that does not happen within its `within`, which must be over",
         "{sequence: [{event: page_views}, {without: orders, within: 24 hours}]}"),
    Word(SEQUENCE, "within", "at most that long after the last step that happened",
         "{sequence: [{event: page_views}, {event: orders, within: 2 days}]}"),
    Word(SEQUENCE, "same", "these properties equal those of the last step that happened; a missing one equals nothing",
         "{sequence: [{event: page_views}, {event: orders, same: [source]}]}"),
    Word(SEQUENCE, "window", "a window of the sequence binds every step",
         "{sequence: [{event: page_views}, {event: orders}], within: 60 days}"),
)  # fmt: skip

IN_TRAITS = (
    Word(TRAIT, "event", "a measure of rows with a time", "event: orders, sum: amount"),
    Word(TRAIT, "related", "a measure of rows without a time", "related: tickets, count: rows"),
    Word(TRAIT, "where", "which rows", "event: orders, where: {attribute: source, is: web}, sum: amount"),
    Word(TRAIT, "window", "any window of an event", "event: orders, within: 90 days, count: rows"),
    Word(TRAIT, "count: by", "the rows of the value that most rows have", "event: orders, count: {by: product.category}"),
    Word(TRAIT, "first: time", "the time of the first row; `last: time` that of the last", "event: orders, first: time"),
    Word(TRAIT, "formula", "`+ - * / ( )` over numeric attributes and traits, in doubles; what is divided by 0 is missing",
         "formula: 1 - lead_score / budget"),
    Word(TRAIT, "points", "a score: `add` of each `when` that holds, added up",
         "points: [{when: {attribute: lead_score, gte: 50}, add: 10}, {when: {event: page_views, within: 7 days}, add: 5}]"),
    Word(TRAIT, "stages", "a life cycle: the name of the first `when` that holds; the last may have none",
         "stages: [{name: new, when: {attribute: signed_up_at, within: 30 days}}, {name: active, "
         "when: {event: orders}}, {name: lapsed}]"),
    Word(TRAIT, "track", "with `true`, each stage is also a hidden segment `<trait>__<stage>`, so that its moves are logged",
         "track: true, stages: [{name: active, when: {event: orders}}, {name: lapsed}]"),
    Word(TRAIT, "rfm", "recency, frequency and monetary value of an event, with scores", "rfm: {event: orders, value: amount}"),
    Word(TRAIT, "description", "what it is, for people", "event: orders, sum: amount, description: All they ever spent", False),
    Word(RFM, "event", "whose rows", "event: orders, value: amount"),
    Word(RFM, "value", "the property that adds up to `monetary`", "event: orders, value: amount"),
    Word(RFM, "where", "which rows", "event: orders, value: amount, where: {attribute: source, is: web}"),
    Word(RFM, "window", "any window of an event", "event: orders, value: amount, within: 365 days"),
    Word(RFM, "method: quantile", "cuts at interpolated quantiles of the entities that have a row; the default, with 5 scores",
         "event: orders, value: amount, recency: {scores: 3, method: quantile}"),
    Word(RFM, "method: rank", "NTILE over the value, then the key",
         "event: orders, value: amount, frequency: {scores: 3, method: rank}"),
    Word(RFM, "method: fixed", "given `cuts`, one fewer than scores, ascending; a value on a cut falls to the lower values",
         "event: orders, value: amount, monetary: {scores: 3, method: fixed, cuts: [50, 100]}"),
    Word(RFM, "named", "names of cells, the first that fits; scores are lists of what fits",
         "event: orders, value: amount, named: {champions: {r: [4, 5], f: [4, 5], m: [4, 5]}, lost: {r: [1, 2]}}"),
)  # fmt: skip

IN_SEGMENTS = (
    Word(SEGMENT, "name", "snake_case, at most 48 bytes, no `__`", "tags: [a]", False),
    Word(SEGMENT, "label", "what people call it; a label or a description must be there", "tags: [a]", False),
    Word(SEGMENT, "description", "what it is for", "description: Who lives in London", False),
    Word(SEGMENT, "owner", "whom to ask", "owner: crm@example.com", False),
    Word(SEGMENT, "tags", "words to select by, and for exclusions of a channel", "tags: [email]"),
    Word(SEGMENT, "entity", "of whom it is", "tags: [a]", False),
    Word(SEGMENT, "include", "a list of which all hold, or one condition", "tags: [a]"),
    Word(SEGMENT, "exclude", "a list of which none may hold, or one condition",
         "exclude: [{attribute: subscribed, is_not: true}]"),
    Word(SEGMENT, "type", "`static`: computed once a definition, then frozen; `dynamic` is the default", "type: static"),
    Word(SEGMENT, "status", "`inactive`: not computed, keeps its members; `active` is the default", "status: inactive"),
    Word(SEGMENT, "expires_on", "from that local midnight on it takes no new members", "expires_on: 2027-01-01"),
    Word(SEGMENT, "created_within", "only entities created within it", "created_within: 90 days"),
    Word(SEGMENT, "time_to_live", "another word for `created_within`", "time_to_live: 90 days"),
    Word(SEGMENT, "aggregate_on", "members are the values of this attribute", "aggregate_on: phone"),
    Word(SEGMENT, "limit", "only the best", "limit: {top: 1000, by: lead_score}"),
    Word(SEGMENT, "split", "also random parts of it", "split: {seed: q1, variants: {holdout: 10, a: 45, b: 45}}"),
    Word(SEGMENT, "stay", "how long, and how often again", "stay: {at_most: 14 days}"),
    Word(SEGMENT, "always", "keys that are members whatever rules and suppression say", "always: ref('test_addresses')"),
    Word(SEGMENT, "activate", "`true`, or `{columns: [...]}` to show beside the key: a view to sync from",
         "activate: {columns: [email, city]}", False),
    Word(SEGMENT, "analytics", "with `true`, a boolean column of the wide table", "analytics: true", False),
    Word(SEGMENT, "refresh", "how often, in a word of yours: `segwh run --refresh hourly` is about these", "refresh: hourly",
         False),
    Word(SEGMENT, "max_exit_fraction", "its own circuit breaker; 1 switches it off", "max_exit_fraction: 1", False),
    Word(SEGMENT, "max_entry_fraction", "by how much of its members it may grow in one run; more is held back",
         "max_entry_fraction: 0.5", False),
    Word(SEGMENT, "hidden", "with `true`, not listed: for what others refer to", "hidden: true", False),
    Word(SEGMENT, "was", "its former name; the log carries on", "was: old_name", False),
    Word(LIMIT, "top", "how many members at most", "limit: {top: 1000, by: lead_score}"),
    Word(LIMIT, "percent", "how much of those eligible, rounded up", "limit: {percent: 10, by: lead_score}"),
    Word(LIMIT, "by", "by what; missing comes last in both orders, ties go to the smaller key",
         "limit: {top: 3, by: lead_score}"),
    Word(LIMIT, "order", "`desc`, the default: the greatest are the best; `asc`: the smallest",
         "limit: {top: 3, by: lead_score, order: asc}"),
    Word(LIMIT, "per", "so many of each of its values; who has none is no member",
         "limit: {top: 3, by: lead_score, per: city}"),
    Word(SPLIT, "seed", "another seed, another shuffling", "split: {seed: q1, variants: {a: 50, b: 50}}"),
    Word(SPLIT, "variants", "names with percentages, at most 100 in all; each is a segment `<name>__<variant>`",
         "split: {seed: q1, variants: {a: 50, b: 50}}"),
    Word(STAY, "at_most", "leaves after that time", "stay: {at_most: 14 days}"),
    Word(STAY, "again_after", "comes back no sooner than that after it left", "stay: {again_after: 90 days}"),
)  # fmt: skip

SECTIONS = (
    Word(CONDITIONS, "name", "by which `condition` finds it",
         "{name: local, entity: customer, when: {attribute: city, is: Leeds}}"),
    Word(CONDITIONS, "entity", "of whom it is", "{name: local, entity: customer, when: {attribute: city, is: Leeds}}", False),
    Word(CONDITIONS, "when", "the condition, or a list that all hold",
         "{name: local, entity: customer, when: {attribute: city, is: Leeds}}"),
    Word(CONDITIONS, "description", "what it is, for people",
         "{name: local, entity: customer, description: From here, when: {attribute: city, is: Leeds}}", False),
    Word(GROUP, "name", "the name of the group", "{name: one_mail_a_week, exclusive: [other, third]}", False),
    Word(GROUP, "exclusive", "segments in order: everyone stays in the first that has him",
         "{name: one_mail_a_week, exclusive: [other, third]}"),
    Word(GROUP, "description", "what it is, for people",
         "{name: one_mail_a_week, exclusive: [other, third], description: One mail is enough}", False),
    Word(MATRIX, "name", "the first part of the names of its cells, `<matrix>__<row>__<column>`",
         "{name: where, label: L, entity: customer, rows: {uk: {attribute: city, is: Leeds}}, "
         "columns: {buyers: {event: orders}}}", False),
    Word(MATRIX, "entity", "of whom its cells are",
         "{name: where, label: L, entity: customer, rows: {uk: {attribute: city, is: Leeds}}, "
         "columns: {buyers: {event: orders}}}", False),
    Word(MATRIX, "rows", "conditions with names; without `event` a cell is row and column",
         "{name: where, label: L, entity: customer, rows: {uk: {attribute: city, is: Leeds}}, "
         "columns: {buyers: {event: orders}}}"),
    Word(MATRIX, "columns", "conditions with names",
         "{name: where, label: L, entity: customer, rows: {uk: {attribute: city, is: Leeds}}, "
         "columns: {buyers: {event: orders}}}"),
    Word(MATRIX, "event", "rows are conditions on its rows, columns what stands beside it: a window, a measure",
         "{name: use, label: L, entity: customer, event: page_views, rows: {shoes: {attribute: url, "
         "contains: /shoes/}}, columns: {heavy: {count: {gte: 5}, within: 30 days}}}"),
    Word(EXCLUSION, "entity", "whose segments", "{entity: customer, segment: other}", False),
    Word(EXCLUSION, "segment", "whom to leave out: its members are in none of the others, such lists aside",
         "{entity: customer, segment: other}"),
    Word(EXCLUSION, "tags", "only for segments with one of these tags", "{entity: customer, segment: other, tags: [email]}"),
    Word(EXCLUSION, "reason", "why, for people", "{entity: customer, segment: other, reason: consent}", False),
)  # fmt: skip

IN_CATALOG = (
    Word(ENTITY, "name", "the name of the entity", "attributes: {city: string}", False),
    Word(ENTITY, "relation", "`ref('model')` or `source('schema', 'table')`: one row each",
         "attributes: {city: string}", False),
    Word(ENTITY, "key", "its column, or `{column, type, name}`; the type is string or integer; an attribute under its own name",
         "key: {column: customer_id, type: integer}"),
    Word(ENTITY, "attributes", "names with types", "attributes: {city: string, phone: {type: string, column: phone_number}}"),
    Word(ENTITY, "created_at", "when it came to be: it does not exist before, and `created_within` asks it",
         "created_at: signed_up_at"),
    Word(ENTITY, "validity", "the relation keeps versions: the one whose `[from, to)` holds as-of counts",
         "validity: {from: valid_from, to: valid_to}"),
    Word(ENTITY, "lookups", "many-to-one joins, by name",
         "lookups: {account: {relation: ref('accounts'), by: account_id, key: id, properties: {plan: string}}}"),
    Word(ENTITY, "events", "rows that have a time",
         "events: [{name: orders, relation: ref('orders'), key: customer_id, time: ordered_at}]"),
    Word(ENTITY, "related", "rows that have none",
         "related: [{name: tickets, relation: ref('tickets'), key: customer_id, properties: {status: string}}]"),
    Word(ENTITY, "timezone", "the zone in which its timestamps without zone were written; UTC if it says nothing",
         "created_at: signed_up_at, timezone: Europe/London"),
    Word(ENTITY, "max_lag", "how old the newest row may be, by `updated_at`, else `created_at`, before segments are held back",
         "created_at: signed_up_at, max_lag: 6 hours", False),
    Word(ENTITY, "updated_at", "when a row was last written, for `max_lag`", "updated_at: synced_at, max_lag: 1 day", False),
    Word(EVENT, "name", "the name of the event", "time: ordered_at", False),
    Word(EVENT, "relation", "where its rows are", "time: ordered_at", False),
    Word(EVENT, "key", "the column that holds the entity's key", "time: ordered_at", False),
    Word(EVENT, "time", "the column that says when, or `{column, type, timezone}`; a `date` stands for its local midnight",
         "time: {column: ordered_on, type: date}"),
    Word(EVENT, "id", "rows with the same id count once: the latest before as-of", "time: ordered_at, id: order_id"),
    Word(EVENT, "id_unique", "with `true`, the id is trusted to be unique, which spares the search",
         "time: ordered_at, id: order_id, id_unique: true"),
    Word(EVENT, "properties", "names with types", "time: ordered_at, properties: {amount: decimal}"),
    Word(EVENT, "lookups", "many-to-one joins from its rows",
         "time: ordered_at, lookups: {product: {relation: ref('products'), by: product_id, key: id, "
         "properties: {category: string}}}"),
    Word(EVENT, "loaded_at", "when a row reached the warehouse: one that came at or after as-of does not exist",
         "time: ordered_at, loaded_at: loaded_at"),
    Word(EVENT, "timezone", "the zone in which its timestamps without zone were written",
         "time: ordered_at, timezone: Europe/London"),
    Word(EVENT, "max_lag", "how old its newest row may be before the segments that need it are held back",
         "time: ordered_at, max_lag: 6 hours", False),
    Word(EVENT, "partition", "the column that its table is partitioned by, never further than `lag` from the time",
         "time: ordered_at, partition: {column: event_date, lag: 2 days}", False),
    Word(RELATED, "name", "the name of the rows", "properties: {status: string}", False),
    Word(RELATED, "relation", "where its rows are", "properties: {status: string}", False),
    Word(RELATED, "key", "the column that holds the entity's key", "properties: {status: string}", False),
    Word(RELATED, "properties", "names with types", "properties: {status: string}"),
    Word(RELATED, "lookups", "many-to-one joins from its rows",
         "lookups: {kind: {relation: ref('kinds'), by: kind_id, key: id, properties: {team: string}}}"),
    Word(RELATED, "validity", "its rows are versions", "validity: {from: valid_from, to: valid_to}"),
    Word(RELATED, "max_lag", "how old the newest row may be, by `updated_at`, before the segments that need it are held back",
         "updated_at: synced_at, max_lag: 6 hours", False),
    Word(RELATED, "updated_at", "when a row was last written, for `max_lag`", "updated_at: synced_at, max_lag: 1 day", False),
    Word(LOOKUP, "relation", "where it leads", "properties: {plan: string}", False),
    Word(LOOKUP, "by", "our column", "properties: {plan: string}", False),
    Word(LOOKUP, "key", "their column, unique", "properties: {plan: string}", False),
    Word(LOOKUP, "properties", "names with types, used as `lookup.property`", "properties: {plan: string}"),
    Word(LOOKUP, "lookups", "many-to-one joins from its rows on, used as `account.contract.status`",
         "lookups: {contract: {relation: ref('contracts'), by: contract_id, key: id, properties: {status: string}}}"),
    Word(LOOKUP, "validity", "its rows are versions", "properties: {plan: string}, validity: {from: valid_from, to: valid_to}"),
    Word(LOOKUP, "max_lag", "how old the newest row may be, by `updated_at`, before the segments that need it are held back",
         "properties: {plan: string}, updated_at: synced_at, max_lag: 6 hours", False),
    Word(LOOKUP, "updated_at", "when a row was last written, for `max_lag`",
         "properties: {plan: string}, updated_at: synced_at, max_lag: 1 day", False),
    Word(COLUMN, "type", "one of the types", "attributes: {city: {type: string}}", False),
    Word(COLUMN, "column", "the column, if it has another name", "attributes: {phone: {type: string, column: phone_number}}"),
    Word(COLUMN, "sql", "a scalar expression over the columns of one row, in place of a column",
         'attributes: {spend: {type: decimal, sql: "quantity * price"}}'),
)  # fmt: skip

SETTINGS = (
    Word(SETTING, "version", "of the language; must be there", "version: 1", False),
    Word(SETTING, "timezone", "whose days, weeks and months these are; UTC if it says nothing", "timezone: Europe/London"),
    Word(SETTING, "week_starts_on", "`monday` if it says nothing", "week_starts_on: sunday"),
    Word(SETTING, "rules_path", "the folder of the rules; `segments`", "rules_path: segments", False),
    Word(SETTING, "models_path", "where compiled models go; `models/segwh`", "models_path: models/segwh", False),
    Word(SETTING, "macros_path", "where their macros go; `macros/segwh`", "macros_path: macros/segwh", False),
    Word(SETTING, "max_exit_fraction", "the circuit breaker: how much of a segment may leave in one run; 0.5, `false` for none",
         "max_exit_fraction: 0.5", False),
    Word(SETTING, "max_entry_fraction", "the same for growth: by how much of its members a segment may grow in one run; none",
         "max_entry_fraction: 1", False),
    Word(SETTING, "as_of_unit", "round as-of down to a `day` or an `hour`", "as_of_unit: day", False),
    Word(SETTING, "load_delay", "how long after its `loaded_at` a row may come to be seen; 1 hour", "load_delay: 2 hours",
         False),
    Word(SETTING, "unit_tests", "with `true`, tests beside the rules become dbt's own unit tests", "unit_tests: true", False),
    Word(SETTING, "storage", "how the large tables lie: dbt's options for `facts`, `members`, `state` and `log`",
         "storage: {log: {cluster_by: [segment]}}", False),
)  # fmt: skip

TABLE = (*IN_CONDITIONS, *IN_TRAITS, *IN_SEGMENTS, *SECTIONS, *IN_CATALOG, *SETTINGS)
