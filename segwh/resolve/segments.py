"""The binding of segments: rules, limit, split, stay and the columns beside the key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from segwh import ir
from segwh.catalog.load import BESIDE_KEYS
from segwh.ir import Field, Limit, Operand, Rule, Segment
from segwh.resolve.conditions import ConditionBinder
from segwh.resolve.contradictions import Together, against, together, warn_of_contradiction, warn_of_slips
from segwh.resolve.possible import settled
from segwh.resolve.references import SegmentSignature
from segwh.resolve.scope import EntityScope, Uses, type_name
from segwh.resolve.text import excerpt, flow_text
from segwh.resolve.turning import turning
from segwh.rules import syntax
from segwh.text.diagnostics import Code, Complaints, RejectedError
from segwh.text.reading import forgiven
from segwh.text.source import Scalar, Span
from segwh.types import KEY_TYPES, DataType

ORDERABLE = frozenset({DataType.INTEGER, DataType.NUMBER, DataType.DECIMAL, DataType.DATE, DataType.TIMESTAMP})
HELD_OUT = frozenset(
    {"control", "control_group", "controls", "held_out", "hold_out", "hold_outs", "holdout_group", "holdouts", "no_contact"}
)
"""How a holdout is called elsewhere."""


@dataclass(slots=True)
class SegmentBinder:
    """Binds segments. What is wrong is complained about and left out."""

    conditions: ConditionBinder
    segments: Mapping[str, SegmentSignature]
    lines: Mapping[str, list[str]]
    settings: ir.Settings
    suppressing: frozenset[str]
    """The segments that exclusions name."""
    complaints: Complaints

    def segment(self, node: syntax.SegmentDeclaration, scope: EntityScope, uses: Uses) -> Segment:
        """One segment."""
        options = node.options
        include = self.rules(node.include, scope, uses)
        exclude = self.rules(options.exclude, scope, uses)
        if options.always is None:
            self.check_rules(include, exclude, node.name.span)
            if not node.is_cell:  # that nobody is in a cell is no slip
                self.warn_of_contradictions(include, exclude, node.name.span)
            self.warn_of_turning(node.name.text, include, options)
        aggregate_on: Field | None = None
        limit: Limit | None = None
        expires_at = None
        activate: tuple[str, ...] | None = None
        if options.aggregate_on is not None:
            with forgiven():
                aggregate_on = self.aggregate_on(options.aggregate_on, scope)
        if options.limit is not None:
            with forgiven():
                limit = self.limit(options.limit, scope, uses)
        if options.expires_on is not None:
            with forgiven():
                expires_at = self.conditions.times.date_only(options.expires_on).start
        if options.activate is not None:
            activate = self.columns(options.activate, scope, aggregate_on)
        self.check_wide(node, aggregate_on.name if aggregate_on is not None else scope.entity.key.name)
        self.check_time_to_live(options, scope)
        self.check_was(node)
        split = node.split
        if split is not None and activate is not None:
            self.warn_of_synced_holdouts(split)
        stay = options.stay
        return Segment(
            name=node.name.text,
            entity=scope.entity.name,
            include=include,
            exclude=exclude,
            type=options.type,
            status=options.status,
            aggregate_on=aggregate_on,
            expires_at=expires_at,
            time_to_live=options.time_to_live,
            limit=limit,
            split=ir.Split(split.seed, tuple((name.text, share) for name, share in split.variants)) if split else None,
            stay=ir.Stay(stay.at_most, stay.again_after) if stay else None,
            always=options.always,
            hidden=options.hidden,
            max_exit_fraction=options.max_exit_fraction,
            max_entry_fraction=options.max_entry_fraction,
            label=options.label,
            description=options.description,
            owner=options.owner,
            tags=options.tags,
            expires_on=options.expires_on.text if options.expires_on is not None else "",
            activate=activate,
            analytics=options.analytics,
            refresh=options.refresh,
            was=node.was.text if node.was is not None else None,
            text=excerpt(node.node, self.lines.get(node.node.file, [])),
            span=node.name.span,
        )

    def rules(self, written: tuple[syntax.WrittenRule, ...], scope: EntityScope, uses: Uses) -> tuple[Rule, ...]:
        """The entries of include or exclude."""
        made: list[Rule] = []
        for rule in written:
            with forgiven():
                predicate = self.conditions.condition(rule.condition, scope, uses)
                made.append(Rule(predicate, flow_text(rule.node), rule.condition.span))
        return tuple(made)

    def aggregate_on(self, name: Scalar, scope: EntityScope) -> Field:
        """The attribute whose values are the members. Raises RejectedError."""
        field = scope.own_attribute(name, "what members are")
        if field.type not in KEY_TYPES:
            message = f"`{name.text}` is {type_name(field)}, whose text form differs between engines"
            self.complaints.reject(Code.BAD_TYPE, name.span, message, "an attribute of type string or integer")
        if name.text == scope.entity.key.name:
            message = f"`{name.text}` is the key of {scope.entity.name}: the members are entities anyway"
            self.complaints.reject(Code.WRONG_PLACE, name.span, message, "another attribute, or no `aggregate_on`")
        if name.text in BESIDE_KEYS:
            hint = f"rename it: `customer_{name.text}: {{type: {field.type.value}, column: {name.text}}}`"
            message = f"the attribute `{name.text}` bears the name of a column of the compiled tables"
            self.complaints.reject(Code.RESERVED_COLUMN, name.span, message, "another name", hint)
        return field

    def limit(self, node: syntax.LimitSyntax, scope: EntityScope, uses: Uses) -> Limit:
        """How many may be in. Raises RejectedError."""
        by = scope.operand(node.by, uses)
        if by.type not in ORDERABLE:
            message = f"members cannot be put in order by `{node.by.text}`, which is {type_name(by)}"
            self.complaints.reject(Code.OPERATOR_TYPE, node.by.span, message, "a number, a date or a timestamp")
        per: Operand | None = None
        if node.per is not None:
            per = scope.operand(node.per, uses)
            if per.type in (DataType.STRING_LIST, DataType.NUMBER):
                message = f"`{node.per.text}` is {type_name(per)}, which makes no groups"
                self.complaints.reject(Code.OPERATOR_TYPE, node.per.span, message, "an attribute with few values")
        return Limit(by, node.order, node.top, node.percent, per)

    def columns(self, names: tuple[Scalar, ...], scope: EntityScope, aggregate_on: Field | None) -> tuple[str, ...]:
        """The columns of the audience view beside the key. Its members do not follow from what is only shown: a trait may ask
        for the very segment.
        """
        made: dict[str, None] = {}
        entity_key = scope.entity.key.name
        key = aggregate_on.name if aggregate_on is not None else entity_key
        shown = Uses()
        for name in names:
            with forgiven():
                operand = scope.operand(name, shown)
                if isinstance(operand, Field) and operand.lookup is not None:
                    message = f"`{name.text}` is reached through a lookup"
                    self.complaints.reject(Code.BAD_TYPE, name.span, message, f"an attribute or trait of {scope.entity.name}")
                if name.text == key:
                    message = f"`{name.text}` is the key of the view, which is always there"
                    self.complaints.reject(Code.DUPLICATE_NAME, name.span, message, "other columns")
                if name.text == entity_key:
                    message = f"`{name.text}` is always there: it says which {scope.entity.name} stands for the member"
                    self.complaints.reject(Code.DUPLICATE_NAME, name.span, message, "other columns")
                if name.text in made:
                    self.complaints.reject(Code.DUPLICATE_NAME, name.span, f"`{name.text}` comes twice", "each column once")
                made[name.text] = None
        return tuple(made)

    def check_time_to_live(self, options: syntax.SegmentOptions, scope: EntityScope) -> None:
        """A time to live needs to know when an entity was created."""
        if options.time_to_live is not None and options.time_to_live_span is not None and scope.entity.created_at is None:
            message = f"{scope.entity.name} does not say when it was created"
            hint = f"add `created_at: COLUMN` to the entity {scope.entity.name}"
            self.complaints.error(Code.MISSING_KEY, options.time_to_live_span, message, "an entity with `created_at`", hint)

    def check_rules(self, include: tuple[Rule, ...], exclude: tuple[Rule, ...], name: Span) -> None:
        """No rule settles by itself, whatever the data is, that nobody is a member, or leaves nobody out."""
        nobody = "so nobody is ever in this segment"
        for rule in include:
            if settled(rule.predicate) is False:
                message = f"this never holds, {nobody}"
                self.complaints.error(Code.WRONG_PLACE, rule.span or name, message, "a condition that can hold")
        for rule in exclude:
            match settled(rule.predicate):
                case True:
                    message = f"this leaves everyone out, {nobody}"
                    hint = "a segment that is to take nobody for now is `status: inactive`"
                    self.complaints.error(Code.WRONG_PLACE, rule.span or name, message, "whom to leave out", hint)
                case False:
                    message = "this never holds, so it leaves nobody out"
                    self.complaints.error(Code.WRONG_PLACE, rule.span or name, message, "a condition that can hold")

    def warn_of_contradictions(self, include: tuple[Rule, ...], exclude: tuple[Rule, ...], name: Span) -> None:
        """Warn of conditions that nobody meets: as an exclusion they leave nobody out."""
        for rule in (*include, *exclude):
            warn_of_slips(rule.predicate, rule.span or name, self.complaints)
        asked = Together()
        for rule in include:
            slip = asked.add(rule.predicate)
            if slip and not together([rule.predicate]):
                hint = "where one of them is enough, `any: [...]`" if "value" in slip else ""
                warn_of_contradiction(rule.span or name, slip, self.complaints, hint)
        for rule in exclude:
            if settled(rule.predicate) is None and against(asked, rule.predicate):
                message = "this leaves everyone out whom `include` lets in"
                warn_of_contradiction(rule.span or name, message, self.complaints)

    def check_wide(self, node: syntax.SegmentDeclaration, key: str) -> None:
        """The segment's column for analysis does not bear the name of the key beside it."""
        if node.options.analytics and key.lower() == f"in_{node.name.text}":
            message = f"its column for analysis has the name of the key `{key}`"
            self.complaints.error(Code.RESERVED_COLUMN, node.name.span, message, "another name, or no `analytics`")

    def warn_of_synced_holdouts(self, split: syntax.SplitSyntax) -> None:
        """Warn of a variant that is a holdout by all but its name: to sync it ends the experiment. Beside a `holdout` it is
        none.
        """
        has_holdout = any(name.text == "holdout" for name, _ in split.variants)
        for name, _ in split.variants:
            if name.text in HELD_OUT and not has_holdout:
                message = f"the variant `{name.text}` gets an audience view: only one named `holdout` gets none"
                hint = "if it is to be synced, call it by what its members get"
                self.complaints.warning(Code.SYNCED_HOLDOUT, name.span, message, "`holdout`", hint)

    def warn_of_turning(self, name: str, include: tuple[Rule, ...], options: syntax.SegmentOptions) -> None:
        """Warn of a segment that empties with each month, say, where the circuit breaker then keeps those of the last one. It
        cannot be switched off for a suppression list that would be left with nobody.
        """
        breaker = self.settings.max_exit_fraction
        keeps_its_members = options.type == "static" or options.status == "inactive"
        is_list = name in self.suppressing
        is_off = breaker is None or breaker >= 1 or options.max_exit_fraction is not None
        if keeps_its_members or (is_off and not is_list):
            return
        for rule in include:
            unit = turning(rule.predicate)
            if unit is not None and rule.span is not None:
                word = unit.value.removesuffix("s")
                message = f"nobody meets this once the {word} is over: "
                if is_list:
                    message += "a suppression list with nobody in it is held back until somebody accepts that"
                    expected, hint = f"a window that does not end with the {word}", ""
                else:
                    message += "with 100 members or more the circuit breaker then holds the segment back"
                    expected = "`max_exit_fraction: 1` beside `include`"
                    hint = "that switches the breaker off for it; any other number there says that it shall stay on"
                self.complaints.warning(Code.TURNING, rule.span, message, expected, hint)
                return

    def check_was(self, node: syntax.SegmentDeclaration) -> None:
        """The old name of a segment is not that of another one."""
        if node.was is not None and node.was.text in self.segments:
            message = f"`{node.was.text}` is a segment of its own"
            self.complaints.error(Code.DUPLICATE_NAME, node.was.span, message, "a name that no segment has any more")


class Waterfalls:
    """Binds groups and exclusions."""

    def __init__(
        self, conditions: ConditionBinder, bound: Mapping[str, Segment], entities: Mapping[str, object], complaints: Complaints
    ) -> None:
        self.conditions = conditions
        self.bound = bound
        self.entities = entities
        self.complaints = complaints

    def group(self, node: syntax.GroupDeclaration) -> ir.Group:
        """A waterfall: segments of one entity and one grain, each once. Raises RejectedError."""
        first: Segment | None = None
        seen: set[str] = set()
        for name in node.segments:
            signature = self.conditions.segments.get(name.text)
            if signature is None:
                self.complaints.reject_unknown(name.text, name.span, "a segment", self.conditions.segments)
            if signature.generated:
                message = f"`{name.text}` is a variant, and has only members of the whole segment"
                self.complaints.reject(Code.GENERATED, name.span, message, f"`{name.text.split('__')[0]}`")
            if name.text in seen:
                self.complaints.reject(Code.DUPLICATE_NAME, name.span, f"`{name.text}` comes twice", "each segment once")
            seen.add(name.text)
            segment = self.bound.get(name.text)
            if segment is None:
                raise RejectedError
            first = first or segment
            if segment.entity != first.entity:
                message = f"`{name.text}` is a segment of {segment.entity}, and `{first.name}` of {first.entity}"
                self.complaints.reject(Code.OTHER_ENTITY, name.span, message, "segments of one entity")
            if segment.grain != first.grain:
                message = f"the members of `{name.text}` are {segment.grain}, those of `{first.name}` are {first.grain}"
                self.complaints.reject(Code.OTHER_GRAIN, name.span, message, "segments with the same `aggregate_on`")
            if segment.refresh != first.refresh:
                own, others = (f"`refresh: {one.refresh}`" if one.refresh else "no `refresh`" for one in (segment, first))
                message = f"`{name.text}` has {own}, and `{first.name}` {others}"
                expected = "segments of the same runs: priority is settled within a run"
                self.complaints.reject(Code.WRONG_PLACE, name.span, message, expected)
        return ir.Group(node.name.text, tuple(name.text for name in node.segments), node.name.span)

    def exclusion(self, node: syntax.ExclusionDeclaration, suppressing: Collection[str]) -> ir.Exclusion:
        """A project-wide suppression; `suppressing` are the segments of all of them. Raises RejectedError."""
        if node.entity.text not in self.entities:
            if (node.entity.text,) in self.conditions.catalog.broken:
                raise RejectedError
            self.complaints.reject_unknown(node.entity.text, node.entity.span, "an entity", self.entities)
        self.conditions.references.of_entity(node.segment, node.entity.text)
        self.check_lasting(node.segment)
        self.warn_of_leaks(node.segment)
        self.check_tags(node, suppressing)
        return ir.Exclusion(node.entity.text, node.segment.text, node.reason, tuple(node.tags), node.segment.span)

    def check_lasting(self, name: Scalar) -> None:
        """Who has to be suppressed from tomorrow on gets into the segment, however many they are: it is not put aside, nor will
        be, nor held back. A set that was computed once (a control group) is meant to stay as it is.
        """
        segment = self.bound.get(name.text)
        if segment is None:
            return
        growth = segment.max_entry_fraction
        for is_so, written, since in (
            (segment.status == "inactive", "status: inactive", "until it is active again"),
            (bool(segment.expires_on), f"expires_on: {segment.expires_on}", "from then on"),
            (growth is not None, f"max_entry_fraction: {growth}", "beyond that"),
        ):
            if is_so:
                message = f"`{name.text}` has `{written}`: {since} it takes nobody new, who would not be suppressed"
                expected = "a segment that takes whom its rule names at every run"
                self.complaints.error(Code.WRONG_PLACE, name.span, message, expected)

    def warn_of_leaks(self, name: Scalar) -> None:
        """Warn of a list that leaves out some whom its rule names, for they are written to."""
        segment = self.bound.get(name.text)
        if segment is None:
            return
        for is_so, written, whom in (
            (segment.limit is not None, "limit", "whom it cuts"),
            (segment.stay is not None, "stay", "who has stayed that long, or is not to come back yet,"),
            (segment.time_to_live is not None, "time_to_live", "who was created before that"),
        ):
            if is_so:
                message = f"`{name.text}` has a `{written}`: {whom} is not suppressed, whatever its conditions say"
                expected = f"a suppression list without `{written}`"
                self.complaints.warning(Code.LEAKY_LIST, name.span, message, expected)

    def check_tags(self, node: syntax.ExclusionDeclaration, suppressing: Collection[str]) -> None:
        """Each tag is that of a segment which can be suppressed: one misspelt would suppress nobody."""
        entity = node.entity.text
        signatures = self.conditions.segments.values()
        if any(not one.generated and one.entity in (entity, None) and one.name not in self.bound for one in signatures):
            return  # the tags of a segment that is wrong may not be known
        segments = [one for one in self.bound.values() if one.entity == entity and one.name not in suppressing]
        valid = dict.fromkeys(tag for segment in segments for tag in segment.tags)
        for tag, span in node.tags.items():
            if tag not in valid:
                with forgiven():
                    self.complaints.reject_unknown(tag, span, f"a tag of a segment of {entity} that can be suppressed", valid)
