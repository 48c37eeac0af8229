r"""A formula's syntax tree written as LaTeX, as a claim was written: another one, or a part of it mended, in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from symbp.calculus.primitives.matrices import MATRIX_CALLS, MatrixPrimitive
from symbp.formula import words
from symbp.formula.syntax import (
    ELEMENT,
    Binary,
    Call,
    Claim,
    Compare,
    Gradient,
    Length,
    Name,
    Negate,
    Node,
    Number,
    Partial,
    Read,
    Transpose,
    children,
)
from symbp.network.forward import BATCH
from symbp.verification.readings.products import without_letter
from symbp.verification.readings.scripts import (
    TALL,
    Spelling,
    index_letter,
    turned,
    unturned,
    updated,
    wrapped,
    writable,
)
from symbp.verification.readings.updates import Step

_COMPARE, _SUM, _HADAMARD, _OPEN, _CHAIN, _ATOM = range(6)  # how tightly a printed expression holds together
_SIGNS = {"<": "<", ">": ">", "<=": r"\le", ">=": r"\ge", "==": "="}
_OVER = {"sum": r"\sum", "prod": r"\prod", "max": r"\max", "min": r"\min", "logsumexp": r"\ln \sum"}


@dataclass(frozen=True)
class Printer:
    """Writes the formulas of one claim; those that are `kept` in the words of their author."""

    spelling: Spelling
    indexed: bool
    kept: Mapping[Node, str]

    def text(self, node: Node) -> str:
        """An expression."""
        return self._text(node)[0]

    def factor(self, node: Node) -> str:
        """An expression that may stand beside a factor."""
        return self._show(node, _HADAMARD)

    def _show(self, node: Node, level: int) -> str:
        text, own = self._text(node)
        return wrapped(text) if own < level else text

    def _text(self, node: Node) -> tuple[str, int]:
        made, level = self._made(node)
        if node in self.kept:
            return self.kept[node], level
        return self._as_kept(node) or made, level

    def _as_kept(self, node: Node) -> str:
        """A letter that was written transposed, or not, the other way; empty where it was not written."""
        if isinstance(node, Transpose) and isinstance(node.arg, (Name, Gradient)) and node.arg in self.kept:
            if isinstance(node.arg, Name):
                return turned(self.kept[node.arg], self.spelling.habits.transposed)
        if isinstance(node, Name) and Transpose(node) in self.kept:
            return unturned(self.kept[Transpose(node)])
        return ""

    def _made(self, node: Node) -> tuple[str, int]:
        spelling = self.spelling
        match node:
            case Number():
                return node.text, _ATOM
            case Name() | Gradient():
                return spelling.tensor(node, (), spelling.is_turned(node)), _ATOM
            case Read():
                return spelling.element(node), _ATOM
            case Negate():
                return f"-{self._show(node.arg, _HADAMARD)}", _SUM
            case Transpose():
                inner, sign = _plain(node.arg), spelling.habits.transposed
                if isinstance(inner, (Name, Gradient)):
                    return spelling.tensor(inner, (), not spelling.is_turned(inner)), _ATOM
                if isinstance(inner, Call) and inner.name in MATRIX_CALLS and inner not in self.kept:
                    row = MATRIX_CALLS[inner.name]
                    if row.power:
                        return self._of_matrix(row, inner.args[0], sign)
                return rf"{wrapped(self.text(inner))}^{{{sign}}}", _ATOM
            case Length():
                return rf"\operatorname{{size}}({self.text(node.arg)})", _ATOM
            case Compare():
                sides = f"{self._show(node.left, _SUM)} {_SIGNS[node.op]} {self._show(node.right, _SUM)}"
                return rf"\mathbf{{1}}[{sides}]", _ATOM
            case Call(name=words.OWN):
                return self._text(node.args[0])
            case Call():
                return self._call(node)
            case Binary():
                return self._binary(node)
            case Partial() if not isinstance(node.of, (Name, Read)):
                return rf"\frac{{d}}{{d {self.text(node.by)}}} {wrapped(self.text(node.of))}", _OPEN
            case Partial():
                return rf"\frac{{\partial {self.text(node.of)}}}{{\partial {self.text(node.by)}}}", _ATOM
        raise TypeError(f"no LaTeX for {type(node).__name__}")

    def _binary(self, node: Binary) -> tuple[str, int]:
        match node.op:
            case "**":
                base = self._show(node.left, _ATOM)
                plain = isinstance(node.left, Number) or _in_brackets(base)
                each = r"\circ " if not self.indexed and self._matrix(node.left) else ""
                return f"{base if plain else wrapped(base)}^{{{each}{self.text(node.right)}}}", _ATOM
            case "+" | "-":
                right = self._show(node.right, _SUM + (node.op == "-" or isinstance(node.right, Negate)))
                return f"{self._show(node.left, _SUM)} {node.op} {right}", _SUM
            case "/":
                return self._fraction(node), _CHAIN
        if isinstance(node.left, Negate) and node.left not in self.kept:
            inner = Binary(node.op, node.left.arg, node.right)
            return f"-{self._show(inner, _HADAMARD)}", _SUM
        if (
            self.spelling.batch
            and node.op == "@"
            and isinstance(node.right, Transpose)
            and self.spelling.of_each(_plain(node.right.arg))
        ):
            left, right = self._show(node.left, _CHAIN), self._show(node.right, _CHAIN)
            return self._over_examples(f"{left} {right}"), _OPEN
        if self.spelling.batch and self.spelling.example and node.op == "@" and _is_ones(node.right):
            return self._over_examples(self._show(node.left, _HADAMARD)), _OPEN
        if node.op in ("@", "juxt", "cdot") or self.indexed or self._number(node.left) or self._number(node.right):
            left, (text, own) = self._show(node.left, _CHAIN), self._text(node.right)
            text = wrapped(text) if own < _OPEN else text
            dot = r"\cdot " if text[:1].isdigit() or (text.startswith(r"\mathbf{1}[") and left[-1:].isdigit()) else ""
            return f"{left} {dot}{text}", _CHAIN if own < _OPEN else min(own, _CHAIN)
        sign = self.spelling.habits.hadamard
        return rf"{self._show(node.left, _HADAMARD)} {sign} {self._show(node.right, _HADAMARD)}", _HADAMARD

    def _over_examples(self, text: str) -> str:
        return rf"\sum_{{{index_letter(self.spelling.example)}}} {text}"

    def _fraction(self, node: Binary) -> str:
        """A fraction, with one line where one fraction is divided once more."""
        above, below = node.left, node.right
        if isinstance(above, Binary) and above.op == "/" and above not in self.kept:
            below = Binary("juxt", above.right, below)
            above = above.left
        return rf"\frac{{{self.text(above)}}}{{{self.text(below)}}}"

    def _number(self, node: Node) -> bool:
        """Whether an array is one number, so that it scales what stands beside it."""
        setting = self.spelling.setting
        match node:
            case Number():
                return True
            case Name():
                known = setting.resolve(node.name)
                return not known.shape if known is not None else node.name in setting.lengths or node.name == "pi"
            case Binary():
                return self._number(node.left) and self._number(node.right)
            case Negate():
                return self._number(node.arg)
        return False

    def _matrix(self, node: Node) -> bool:
        """Whether a formula may be a matrix, whose powers are those of each element only where a sign says so."""
        match node:
            case Name() | Gradient():
                setting = self.spelling.setting
                known = setting.resolve(node.name, isinstance(node, Gradient))
                shape = known.shape if known is not None else ()
                examples = BATCH in shape and setting.orient is None
                return sum(a is not None for a in shape) > 1 and not examples
            case Binary(op="@"):
                return self._matrix(node.left) and self._matrix(node.right)
            case Call():
                return node.name not in words.REDUCTIONS and any(self._matrix(arg) for arg in node.args)
        return any(self._matrix(child) for child in children(node))

    def _call(self, node: Call) -> tuple[str, int]:
        if len(node.args) > 1 and node.name in (*_OVER, "mean") and all(isinstance(a, Name) for a in node.args[1:]):
            return self._over(node)
        if node.name in ("sum", "mean") and node.axis == 1 and self.spelling.example:
            mean = rf"\frac{{1}}{{{self.spelling.count}}} " if node.name == "mean" else ""
            return mean + self._over_examples(self._show(node.args[0], _HADAMARD)), _OPEN
        if node.name == "sum" and node.axis is not None:
            inner, sign = self._show(node.args[0], _CHAIN), self.spelling.habits.transposed
            return (rf"{inner} \mathbf{{1}}" if node.axis in (1, -1) else rf"\mathbf{{1}}^{{{sign}}} {inner}"), _CHAIN
        if node.name in MATRIX_CALLS and not node.primes:
            return self._of_matrix(MATRIX_CALLS[node.name], node.args[0], "")
        if node.name == ELEMENT:
            letters = "".join(index_letter(a.name) for a in node.args[1:] if isinstance(a, Name))
            return f"({self.text(node.args[0])})_{{{letters}}}", _ATOM
        args = ", ".join(self.text(a) for a in node.args)
        match node.name if not node.primes else "":
            case "exp":
                return self._share(node.args[0]) or f"e^{{{args}}}", _ATOM
            case "sqrt":
                return rf"\sqrt{{{args}}}", _ATOM
            case "step":
                return self.text(_positive(node.args[0])), _ATOM
            case "eye":
                return "I", _ATOM
            case "ones":
                return r"\mathbf{1}", _ATOM
            case "outer" if len(node.args) == 2:
                return self._binary(Binary("@", node.args[0], Transpose(node.args[1])))
            case "where" if len(node.args) == 3:
                return self._cases(*node.args), _ATOM
            case "sum" if _squared(node.args[0]) is not None and not self.indexed:
                return rf"\left\|{self.text(_squared(node.args[0]) or node)}\right\|^2", _ATOM
        opened = rf"\left({args}\right)" if any(t in args for t in TALL) else f"({args})"
        return f"{self.spelling.function(self._layered(node), node.primes)}{opened}", _CHAIN

    def _of_matrix(self, row: MatrixPrimitive, arg: Node, transpose: str) -> tuple[str, int]:
        """A function of a matrix, of an inverse its transpose with the sign of one."""
        inside = self._show(arg, _ATOM)
        inside = wrapped(inside) if "^" in inside and not _in_brackets(inside) else inside
        if row.power:
            return f"{inside}^{{{row.power.replace('1', transpose or '1')}}}", _ATOM
        return row.written(self.text(arg), inside), _CHAIN

    def _share(self, node: Node) -> str:
        """The exponential of what is left of a logarithm of a sum of exponentials: a share, as softmax is; empty for others."""
        match node:
            case Binary(op="-", left=left, right=Call(name="logsumexp") as total) if len(total.args) > 1:
                whole = Call("sum", (Call("exp", total.args[:1]), *total.args[1:]))
                return rf"\frac{{e^{{{self.text(left)}}}}}{{{self.text(whole)}}}"
        return ""

    def _over(self, node: Call) -> tuple[str, int]:
        """A sum, or another reduction, over letters."""
        names = [a.name for a in node.args[1:] if isinstance(a, Name)]
        letters = ",".join(map(index_letter, names))
        body = self._show(node.args[0], _HADAMARD)
        if node.name == "mean":
            over = " ".join(self.spelling.length(c, node.args[0]) for c in names)
            return rf"\frac{{1}}{{{over}}} \sum_{{{letters}}} {body}", _OPEN
        if node.name == "logsumexp":
            body = f"e^{{{self.text(node.args[0])}}}"
        return rf"{_OVER[node.name]}_{{{letters}}} {body}", _OPEN

    def _cases(self, condition: Node, yes: Node, no: Node) -> str:
        """A choice between two values."""
        if isinstance(condition, Compare):
            said = f"{self._show(condition.left, _SUM)} {_SIGNS[condition.op]} {self._show(condition.right, _SUM)}"
        else:
            said = self.text(condition)
        return rf"\begin{{cases}} {self.text(yes)} & {said} \\ {self.text(no)} & \text{{otherwise}} \end{{cases}}"

    def _layered(self, node: Call) -> str:
        """The name of a function; g of a layer's pre-activation is that layer's, where activations have no letter."""
        argument = node.args[0].of if node.args and isinstance(node.args[0], Read) else None
        own = isinstance(argument, Name) and argument.name[:1] == "z" and argument.name[1:].isdigit()
        if node.name == "g" and own and not self.spelling.notation.activations:
            assert isinstance(argument, Name)
            return f"g{argument.name[1:]}"
        return node.name


def _is_ones(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "ones"


def _in_brackets(text: str) -> bool:
    """Whether one pair of brackets holds a whole text."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for k, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0:
            return k == len(text) - 1
    return False


def _plain(node: Node) -> Node:
    """A derivative without whose loss it is one of."""
    return node.args[0] if isinstance(node, Call) and node.name == words.OWN else node


def _squared(node: Node) -> Node | None:
    """What a node is the square of."""
    return node.left if isinstance(node, Binary) and node.op == "**" and node.right == Number("2") else None


def _positive(node: Node) -> Compare:
    """What an indicator of a positive number compares."""
    if isinstance(node, Binary) and node.op == "-":
        return Compare(">", node.left, node.right)
    return Compare(">", node, Number("0"))


@dataclass(frozen=True)
class Written(Spelling):
    """How a claim is written: how its names are spelled, whether it is about elements, of which update it speaks, and whether
    derivatives of single examples are those of each one's `own` loss."""

    indexed: bool = False
    step: Step | None = None
    own: bool = False

    @property
    def steps(self) -> bool:
        """Whether the claim is about an update."""
        return self.step is not None

    def claim_text(self, claim: Claim, kept: Mapping[Node, str] | None = None) -> str:
        """The equation as LaTeX; empty where this notation has no way to write it."""
        if not all(writable(self.notation, self.setting, side) for side in (claim.left, claim.right)):
            return ""
        if self.notation.patterns and not self.batch:
            claim = without_letter(claim, self.notation.example)
        printer = self._printer(kept)
        if self.step is not None and isinstance(claim.left, (Gradient, Read, Transpose)):
            return self.step.text(printer.text(updated(claim.left)), printer.factor(claim.right))
        return f"{printer.text(claim.left)} = {printer.text(claim.right)}"

    def node_text(self, node: Node, kept: Mapping[Node, str] | None = None) -> str:
        """An expression as LaTeX."""
        return self._printer(kept).text(node)

    def factor_text(self, node: Node) -> str:
        """An expression as LaTeX that may stand beside a factor."""
        return self._printer(None).factor(node)

    def _printer(self, kept: Mapping[Node, str] | None) -> Printer:
        spelling = replace(self, habits=self.habits.seen_in(kept)) if kept else self
        return Printer(spelling, self.indexed, kept or {})
