"""The reading of a formula: `+ - * / ( )` over numbers and names, with the place of what is wrong in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Literal as OneWordOf

from segwh.ir import Arithmetic, Constant, Formula

TOKEN = re.compile(r"\s*(?:([0-9]+(?:\.[0-9]+)?)|([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)|([-+*/()]))")
DEEPEST = 50
LONGEST = 2_000
HIGHEST = 120
"""How many operations may wait for each other: `a + b + c` are two. No later stage meets a limit of its own then."""
MOST_DIGITS = 38


class FormulaError(Exception):
    """What is wrong with a formula, and at which character (from 0)."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


def parse_formula(text: str, name: Callable[[str, int], Formula]) -> Formula:
    """A formula as a tree; `name` resolves a name at a character. Raises FormulaError."""
    if len(text) > LONGEST:
        raise FormulaError(f"the formula is longer than {LONGEST} characters", 0)
    parser = FormulaParser(text, name)
    tree = parser.sum(0)
    if parser.kind:
        raise FormulaError(f"`{parser.token}` is not expected here", parser.start)
    if height(tree) > HIGHEST:
        raise FormulaError(f"more than {HIGHEST} operations follow from each other; traits can be parts of a formula", 0)
    return tree


def height(tree: Formula) -> int:
    """The longest way from the whole of a formula down to a number or a name."""
    highest, waiting = 0, [(tree, 0)]
    while waiting:
        node, above = waiting.pop()
        highest = max(highest, above)
        if isinstance(node, Arithmetic):
            waiting += [(node.left, above + 1), (node.right, above + 1)]
    return highest


class FormulaParser:
    """Reads a formula from left to right, one token ahead."""

    def __init__(self, text: str, name: Callable[[str, int], Formula]) -> None:
        self.text = text
        self.name = name
        self.end = 0
        self.advance()

    def advance(self) -> None:
        """Read the next token: its kind ("number", "name", "sign" or "" at the end), text and start."""
        rest = self.text[self.end :]
        self.start = self.end + len(rest) - len(rest.lstrip())
        found = TOKEN.match(self.text, self.end)
        if not rest.strip():
            self.kind, self.token = "", ""
        elif found is None:
            raise FormulaError(f"`{self.text[self.start]}` is not part of a formula", self.start)
        else:
            self.kind = "number" if found[1] else "name" if found[2] else "sign"
            self.token = found[1] or found[2] or found[3]
            self.end = found.end()

    def sum(self, depth: int) -> Formula:
        """Products joined by + and -."""
        left = self.product(depth)
        while self.token in ("+", "-"):
            operator: OneWordOf["+", "-"] = "+" if self.token == "+" else "-"
            self.advance()
            left = Arithmetic(operator, left, self.product(depth))
        return left

    def product(self, depth: int) -> Formula:
        """Factors joined by * and /."""
        left = self.factor(depth)
        while self.token in ("*", "/"):
            operator: OneWordOf["*", "/"] = "*" if self.token == "*" else "/"
            self.advance()
            left = Arithmetic(operator, left, self.factor(depth))
        return left

    def factor(self, depth: int) -> Formula:
        """A number, a name, something in brackets, or the negative of one."""
        if depth > DEEPEST:
            raise FormulaError(f"the formula is nested more than {DEEPEST} deep", self.start)
        kind, token, start = self.kind, self.token, self.start
        if not kind:
            raise FormulaError("the formula ends too early", len(self.text.rstrip()))
        self.advance()
        if kind == "number":
            if len(token) > MOST_DIGITS:
                raise FormulaError("the number has more than 38 digits", start)
            return Constant(Decimal(token))
        if kind == "name":
            if self.token == "(":
                raise FormulaError(f"`{token}` is called, but a formula has no functions", start)
            return self.name(token, start)
        if token == "-":
            return Arithmetic("-", Constant(Decimal(0)), self.factor(depth + 1))
        if token != "(":
            raise FormulaError(f"`{token}` is not expected here", start)
        inner = self.sum(depth + 1)
        if self.token != ")":
            raise FormulaError("`(` is not closed", start)
        self.advance()
        return inner
