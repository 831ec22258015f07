"""Truths for engines where a condition is no value and a value no condition: there a truth is a BIT.

What stands where a value is wanted becomes CASE WHEN ... THEN 1 ELSE 0 END, a BIT that stands where a condition is wanted is
compared with 1. A null stays one.
"""

from __future__ import annotations

from sqlglot import exp

CONDITIONS = (exp.Predicate, exp.Connector, exp.Not)
"""Nodes that are conditions. A Boolean is a value, an Exists is both a Predicate and a subquery."""


def truths_as_bits(query: exp.Query) -> exp.Query:
    """The query with every truth where it may stand. Changes the tree; a second time nothing more."""
    return _value(query).assert_is(exp.Query)


def _is_condition(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren):
        return _is_condition(node.this)
    return isinstance(node, CONDITIONS) and not isinstance(node, exp.Boolean | exp.Subquery)


def _value(node: exp.Expr) -> exp.Expr:
    """The node as a value; if it is none by itself it is replaced in its place."""
    if isinstance(node, exp.Boolean):
        return _replaced(node, _bit(exp.Literal.number(1 if node.this else 0)))
    if isinstance(node, exp.Coalesce) and _is_condition(node.this):
        [default] = node.expressions
        if isinstance(default, exp.Boolean):
            return _replaced(node, _known(node.this, bool(default.this)))
    if _is_condition(node):
        return _replaced(node, _told(node))
    _children(node)
    return node


def _known(condition: exp.Expr, default: bool) -> exp.Expr:
    """A condition as a BIT, null counted as the default."""
    condition = _condition(condition.copy())
    if default:
        condition = exp.Not(this=exp.Paren(this=condition))
    first, second = (0, 1) if default else (1, 0)
    return _bit(exp.Case(ifs=[exp.If(this=condition, true=exp.Literal.number(first))], default=exp.Literal.number(second)))


def _told(node: exp.Expr) -> exp.Expr:
    """A condition as a BIT, null where it is neither true nor false."""
    if _is_never_null(node):
        return _known(node, False)
    condition = _condition(node.copy())
    ifs = [
        exp.If(this=condition, true=exp.Literal.number(1)),
        exp.If(this=exp.Not(this=exp.Paren(this=condition.copy())), true=exp.Literal.number(0)),
    ]
    return _bit(exp.Case(ifs=ifs))


def _is_never_null(node: exp.Expr) -> bool:
    match node:
        case exp.Is() | exp.Exists():
            return True
        case exp.Paren() | exp.Not():
            return _is_never_null(node.this)
        case exp.Connector():
            return _is_never_null(node.left) and _is_never_null(node.right)
        case exp.EQ() | exp.GT() | exp.GTE() | exp.LT() | exp.LTE():
            return all(_is_number(side) for side in (node.left, node.right))
        case _:
            return False


def _is_number(node: exp.Expr) -> bool:
    """A literal, or a row's place or a count of rows."""
    inner = node.this if isinstance(node, exp.Window) else node
    return isinstance(inner, exp.Literal | exp.RowNumber | exp.Count)


def _condition(node: exp.Expr) -> exp.Expr:
    """The node as a condition; if it is none by itself it is replaced in its place."""
    match node:
        case exp.Connector():
            _condition(node.left)
            _condition(node.right)
            return node
        case exp.Not() if isinstance(node.this, exp.Not):  # NOT is said once at most
            return _condition(_replaced(node, node.this.this.copy()))
        case exp.Not():
            inner = node.this
            changed = _condition(inner)
            if changed is not inner and isinstance(changed, exp.Binary):
                changed.replace(exp.Paren(this=changed.copy()))
            return node
        case exp.Paren():
            _condition(node.this)
            return node
        case exp.Boolean():
            one, other = exp.Literal.number(1), exp.Literal.number(1 if node.this else 0)
            return _replaced(node, exp.EQ(this=one, expression=other))
        case exp.Var() if node.meta.get("is_jinja"):
            node.set("this", _jinja_condition(node.name))
            return node
        case exp.Predicate() if not isinstance(node, exp.Subquery):
            _children(node)
            return node
        case _:
            value = _unbit(_value(node.copy()))
            return _replaced(node, exp.EQ(this=value, expression=exp.Literal.number(1)))


def _children(node: exp.Expr) -> None:
    """Puts right what is inside a node: conditions where it wants them, values elsewhere."""
    wants = isinstance(node, exp.Where | exp.Having) or (isinstance(node, exp.If) and not _is_compared(node))
    for name, child in list(node.args.items()):
        is_wanted = (wants and name == "this") or (isinstance(node, exp.Join) and name == "on")
        for one in child if isinstance(child, list) else [child]:
            if isinstance(one, exp.Expr):
                (_condition if is_wanted else _value)(one)


def _is_compared(branch: exp.If) -> bool:
    """Whether a branch holds a value that the CASE compares, and no condition."""
    return isinstance(branch.parent, exp.Case) and branch.parent.this is not None


def _jinja_condition(text: str) -> str:
    """A Jinja expression that is true or false, as one that prints a condition. What prints a condition stays."""
    if "segwh__is_wanted" in text or "1 = 1" in text:
        return text
    return f"{{{{ '1 = 1' if ({text.removeprefix('{{').removesuffix('}}').strip()}) else '1 = 0' }}}}"


def _bit(value: exp.Expr) -> exp.Expr:
    return exp.Cast(this=value, to=exp.DataType.build("boolean"))


def _unbit(value: exp.Expr) -> exp.Expr:
    """A number that was made a BIT to be compared with 1 can be compared as it is."""
    is_bit = isinstance(value, exp.Cast) and value.to.this == exp.DataType.Type.BOOLEAN
    return value.this if is_bit and isinstance(value.this, exp.Case) else value


def _replaced(node: exp.Expr, new: exp.Expr) -> exp.Expr:
    node.replace(new)
    return new
