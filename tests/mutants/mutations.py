"""The small faults that can be put into one module's source text; it runs no test and writes no file."""

import ast
import re
from dataclasses import dataclass
from typing import Final

_COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_WITHOUT_EFFECT: Final = re.compile(r"_?log\.|super\(\)|assert_never")


@dataclass(frozen=True)
class Mutant:
    """One fault: what stands at a place of the source, and what is put there instead.

    :param start: where the replaced text begins, in characters of the source.
    :param line: the number of its first line, and that line without its indentation.
    """

    start: int
    end: int
    replacement: str
    line: int
    text: str
    change: str

    def apply(self, source: str) -> str:
        """Return the source with the fault in it."""
        return source[: self.start] + self.replacement + source[self.end :]


def mutants_of(source: str) -> list[Mutant]:
    """Return all faults that can be put into a module, in the order of their places."""
    finder = _Finder(source)
    finder.visit(ast.parse(source))
    return sorted(finder.found, key=lambda mutant: (mutant.start, mutant.end, mutant.replacement))


class _Finder(ast.NodeVisitor):
    def __init__(self, source: str) -> None:
        self._source = source
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        self.found: list[Mutant] = []

    def _place(self, line: int, column: int) -> int:
        """Return a node's place in characters: the tree counts columns in bytes of UTF-8."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def _add(self, node: ast.expr | ast.stmt, replacement: str, change: str) -> None:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._place(node.lineno, node.col_offset)
        end = self._place(node.end_lineno, node.end_col_offset)
        text = self._lines[node.lineno - 1].strip()
        self.found.append(Mutant(start, end, replacement, node.lineno, text, change))

    def _replace(self, node: ast.expr, new: ast.expr) -> None:
        text = ast.unparse(new)
        self._add(node, f"({text})", f"{ast.unparse(node)} -> {text}")

    # -- what is left alone -----------------------------------------------------------------------

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave formatted strings alone: their parts have no places of their own before Python 3.12."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Change a value, not its type."""
        if node.value is not None:
            self.visit(node.value)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Leave assertions alone: they speak to the type checker."""

    def visit_keyword(self, node: ast.keyword) -> None:
        """Leave `strict` of `zip` alone: like an assertion, it speaks to whoever changes the program."""
        if node.arg != "strict":
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        """Leave the types of arguments alone."""

    def visit_If(self, node: ast.If) -> None:
        """Turn the condition around, unless it is one for the type checker alone."""
        if ast.unparse(node.test) == "TYPE_CHECKING":
            return
        self._negate(node.test)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Go through defaults, decorators and body, not through the annotations."""
        for part in (*node.args.defaults, *node.args.kw_defaults, *node.decorator_list, *node.body):
            if part is not None:
                self.visit(part)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Leave alone how a dataclass is made: that it is frozen is a promise to the type checker."""
        for part in (*node.bases, *node.body):
            self.visit(part)

    # -- what is changed --------------------------------------------------------------------------

    def _negate(self, test: ast.expr) -> None:
        text = ast.unparse(test)
        self._add(test, f"(not ({text}))", f"{text} -> not ({text})")

    def visit_While(self, node: ast.While) -> None:
        """Change the parts of a loop; a condition turned around would often never end."""
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Turn the condition of an expression around."""
        self._negate(node.test)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Shift a limit, or take the opposite."""
        for index, operator in enumerate(node.ops):
            operators = list(node.ops)
            operators[index] = _COMPARISONS[type(operator)]()
            self._replace(node, ast.Compare(node.left, operators, node.comparators))
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """Exchange `and` and `or`; leave out each operand."""
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        self._replace(node, ast.BoolOp(other, node.values))
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Exchange an arithmetical operator for its opposite."""
        other = _OPERATORS.get(type(node.op))
        if other is not None:
            self._replace(node, ast.BinOp(node.left, other(), node.right))
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Count the other way."""
        other = _OPERATORS.get(type(node.op))
        if other is not None:
            text = ast.unparse(ast.AugAssign(node.target, other(), node.value))
            self._add(node, text, f"{ast.unparse(node)} -> {text}")
        self.visit(node.value)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Leave out a `not` or a minus."""
        self._replace(node, node.operand)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Change a number by one, or a truth value."""
        if isinstance(node.value, bool):
            self._replace(node, ast.Constant(not node.value))
        elif isinstance(node.value, int | float):
            self._replace(node, ast.Constant(node.value + 1))

    def visit_Expr(self, node: ast.Expr) -> None:
        """Leave out a call that stands by itself; log lines and docstrings stay."""
        if isinstance(node.value, ast.Call):
            text = ast.unparse(node.value)
            if _WITHOUT_EFFECT.match(text):
                return
            self._add(node, "pass", f"{text} -> pass")
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        """Leave out a `del`."""
        self._add(node, "pass", f"{ast.unparse(node)} -> pass")

    def visit_Return(self, node: ast.Return) -> None:
        """Return nothing."""
        if node.value is not None and not isinstance(node.value, ast.Constant):
            self._add(node, "return None", f"{ast.unparse(node)} -> return None")
        self.generic_visit(node)

    def visit_Break(self, node: ast.Break) -> None:
        """Go on instead of leaving a loop."""
        self._add(node, "continue", "break -> continue")

    def visit_Continue(self, node: ast.Continue) -> None:
        """Leave a loop instead of going on."""
        self._add(node, "break", "continue -> break")
