r"""A claim's syntax tree written back as LaTeX, in the notation and the style in which the claim was written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from symbp.verify.language.syntax import (
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
)
from symbp.verify.latex.letters import GREEK, TALL, spelled, updated, wrapped, writable
from symbp.verify.latex.notations import Notation
from symbp.verify.latex.products import without_letter
from symbp.verify.latex.updates import Step
from symbp.verify.meaning.setting import Setting

_COMPARE, _SUM, _HADAMARD, _OPEN, _CHAIN, _ATOM = range(6)  # how tightly a printed expression holds together
_CALLS = {"log": r"\ln", "tanh": r"\tanh", "sin": r"\sin", "cos": r"\cos", "sinh": r"\sinh", "cosh": r"\cosh",
          "sigmoid": r"\sigma", "maximum": r"\max", "minimum": r"\min", "max": r"\max", "min": r"\min"}  # fmt: skip
_SIGNS = {"<": "<", ">": ">", "<=": r"\le", ">=": r"\ge", "==": "="}


@dataclass(frozen=True)
class Written:
    """How a claim was written: enough to write another one in the same way.

    `style` holds ``{}`` for the layer, `variable` is the letter that a layer's number has in this reading of the claim, with
    the number, and `batch` says whether its letters stand for a whole batch.
    """

    notation: Notation
    setting: Setting = field(repr=False)
    style: str = "({})"
    below: bool = False
    loss: str = "J"
    variable: tuple[str, int] | None = None
    batch: bool = False
    indexed: bool = False
    step: Step | None = None
    columns: bool = False

    @property
    def steps(self) -> bool:
        """Whether the claim is about an update."""
        return self.step is not None

    def claim_text(self, claim: Claim) -> str:
        """The equation as LaTeX; empty where this notation has no way to write it."""
        if not all(writable(self.notation, self.setting, side) for side in (claim.left, claim.right)):
            return ""
        if self.notation.patterns and not self.batch:
            claim = without_letter(claim, "i")
        if self.step is not None and isinstance(claim.left, (Gradient, Read, Transpose)):
            return self.step.text(self.node_text(updated(claim.left)), self.factor_text(claim.right))
        return f"{self.node_text(claim.left)} = {self.node_text(claim.right)}"

    def factor_text(self, node: Node) -> str:
        """An expression as LaTeX that may stand beside a factor."""
        return self._show(node, _HADAMARD)

    def node_text(self, node: Node) -> str:
        """An expression as LaTeX."""
        return self._text(node)[0]

    def _show(self, node: Node, level: int) -> str:
        text, own = self._text(node)
        return wrapped(text) if own < level else text

    def _text(self, node: Node) -> tuple[str, int]:
        match node:
            case Number():
                return node.text, _ATOM
            case Name() | Gradient():
                turned = self._turned(node)
                return self._tensor(node, (), turned), _ATOM
            case Read():
                return self._element(node), _ATOM
            case Negate():
                return f"-{self._show(node.arg, _HADAMARD)}", _SUM
            case Transpose():
                inner = node.arg
                if isinstance(inner, (Name, Gradient)):
                    return self._tensor(inner, (), not self._turned(inner)), _ATOM
                return rf"{wrapped(self.node_text(inner))}^{{\top}}", _ATOM
            case Length():
                return rf"\operatorname{{size}}({self.node_text(node.arg)})", _ATOM
            case Compare():
                sides = f"{self._show(node.left, _SUM)} {_SIGNS[node.op]} {self._show(node.right, _SUM)}"
                return rf"\mathbf{{1}}[{sides}]", _ATOM
            case Call():
                return self._call(node)
            case Binary():
                return self._binary(node)
            case Partial():
                above, below = self.node_text(node.of), self.node_text(node.by)
                return rf"\frac{{\partial {above}}}{{\partial {below}}}", _ATOM
        raise TypeError(f"no LaTeX for {type(node).__name__}")

    def _binary(self, node: Binary) -> tuple[str, int]:
        if node.op == "**":
            base = self._show(node.left, _ATOM)
            plain = isinstance(node.left, Number)
            text = base if plain or (base.startswith("(") and base.endswith(")")) else wrapped(base)
            return f"{text}^{{{self.node_text(node.right)}}}", _ATOM
        if node.op in ("+", "-"):
            right = self._show(node.right, _SUM + (node.op == "-" or isinstance(node.right, Negate)))
            return f"{self._show(node.left, _SUM)} {node.op} {right}", _SUM
        if node.op == "/":
            return rf"\frac{{{self.node_text(node.left)}}}{{{self.node_text(node.right)}}}", _CHAIN
        beside = node.op in ("@", "juxt", "cdot") or self.indexed or self._number(node.left) or self._number(node.right)
        if beside:
            left, (text, own) = self._show(node.left, _CHAIN), self._text(node.right)
            text = wrapped(text) if own < _OPEN else text
            dot = r"\cdot " if text[:1].isdigit() or (text.startswith(r"\mathbf{1}[") and left[-1:].isdigit()) else ""
            return f"{left} {dot}{text}", _CHAIN if own < _OPEN else min(own, _CHAIN)
        return rf"{self._show(node.left, _HADAMARD)} \odot {self._show(node.right, _HADAMARD)}", _HADAMARD

    def _number(self, node: Node) -> bool:
        """Whether an array is one number, so that it scales what stands beside it."""
        match node:
            case Number():
                return True
            case Name():
                known = self.setting.resolve(node.name)
                return not known.shape if known is not None else node.name in self.setting.lengths or node.name == "pi"
            case Binary():
                return self._number(node.left) and self._number(node.right)
            case Negate():
                return self._number(node.arg)
        return False

    def _call(self, node: Call) -> tuple[str, int]:
        if node.name == "sum" and len(node.args) > 1:
            letters = ",".join(self.node_text(a) for a in node.args[1:])
            return rf"\sum_{{{letters}}} {self._show(node.args[0], _HADAMARD)}", _OPEN
        if node.name == "sum" and node.axis is not None:
            inner = self._show(node.args[0], _CHAIN)
            return (rf"{inner} \mathbf{{1}}" if node.axis in (1, -1) else rf"\mathbf{{1}}^{{\top}} {inner}"), _CHAIN
        args = ", ".join(self.node_text(a) for a in node.args)
        if node.axis is not None:  # LaTeX has no words for an axis; so it says more than can be read
            args += rf", \text{{axis}} = {node.axis}"
        if node.name == "exp" and not node.primes:
            return f"e^{{{args}}}", _ATOM
        if node.name == "sqrt" and not node.primes:
            return rf"\sqrt{{{args}}}", _ATOM
        if node.name == "step" and not node.primes:
            return self.node_text(_positive(node.args[0])), _ATOM
        if node.name == "ones":
            return r"\mathbf{1}", _ATOM
        opened = rf"\left({args}\right)" if any(t in args for t in TALL) else f"({args})"
        argument = node.args[0].of if node.args and isinstance(node.args[0], Read) else None
        layer = re.fullmatch(r"z(\d+)", argument.name) if isinstance(argument, Name) else None
        name = f"g{layer[1]}" if node.name == "g" and layer and not self.notation.activations else node.name
        return f"{self._function(name)}{chr(39) * node.primes}{opened}", _CHAIN

    def _function(self, name: str) -> str:
        n = self.notation
        for letter, meant in n.functions.items():
            if meant == name:
                return letter
        m = re.fullmatch(r"g(\d*)", name)
        if m and n.activations:
            return n.activations[0] + (f"^{{{self._layer(int(m[1]))}}}" if m[1] else "")
        if name in _CALLS and _CALLS[name] not in n.activations:
            return _CALLS[name]
        return rf"\operatorname{{{name}}}" if len(name) > 1 else name

    def _turned(self, node: Name | Gradient) -> bool:
        """Whether a tensor as the network has it is the transpose of what this notation calls by that letter."""
        known = self.setting.resolve(node.name, isinstance(node, Gradient))
        return known is not None and len(known.tensor.axes) == 2 and (self.notation.from_to or self._column(node.name))

    def _column(self, name: str) -> bool:
        """Whether the weights of a layer with one unit are written as a column."""
        layer = re.fullmatch(r"W(\d+)", name)
        known = self.setting.resolve(name) if self.columns and layer else None
        return known is not None and self.setting.sizes.get(known.tensor.axes[0]) == 1

    def _layer(self, number: int) -> str:
        if self.variable is not None:
            letter, at = self.variable
            return self.style.format(letter if number == at else f"{letter}{number - at:+d}")
        return self.style.format(number)

    def _element(self, node: Read) -> str:
        if self.batch and self.notation.patterns and node.letters[:1] == ("i",):
            node = Read(node.of, node.letters[1:])
        for base, patterns in self.notation.patterns.items():
            for p in patterns:
                if p.tensor == node.of.name and len(p.letters) == len(node.letters) and "*" not in p.letters:
                    given = dict(zip(p.letters, node.letters, strict=True))
                    scripts = "".join(given.get(c, c) for c in p.scripts)
                    text = f"{base}_{{{scripts}}}" + ("(x_i)" if base == "f" else "")
                    loss = "R" if self.batch else "R_i"
                    return rf"\frac{{\partial {loss}}}{{\partial {text}}}" if isinstance(node.of, Gradient) else text
        known = self.setting.resolve(node.of.name, isinstance(node.of, Gradient))
        if self.notation.patterns and known is not None and known.tensor.of and not isinstance(node.of, Gradient):
            return self._element(replace(node, of=Gradient(known.tensor.of)))
        spelled = self.notation.written_out.get(node.of.name)
        if spelled is not None and len(node.letters) == 1:
            with_bias = self.setting.resolve("b" + node.of.name[1:]) is not None
            return spelled[0 if with_bias else 1].format(node.letters[0])
        letters = node.letters[::-1] if self._turned(node.of) else node.letters
        joint = "" if all(len(c) == 1 for c in letters) else ","
        return self._tensor(node.of, tuple(c + joint for c in letters), False)

    def _tensor(self, node: Name | Gradient, letters: tuple[str, ...], turned: bool) -> str:
        """A letter with its scripts."""
        name, gradient = node.name, isinstance(node, Gradient)
        known = self.setting.resolve(name, gradient)
        if not gradient and known is not None and (of := re.fullmatch(r"d(?:J/d)?([A-Za-z]+\d*)", name)):
            if self.setting.resolve(of[1]) is not None:
                name, gradient = of[1], True
        if name == "x" and self.variable is not None and "a" in self.notation.families.values():
            name = "a0"  # where a layer is a letter, so is the one below the first
        base, layer = self._letter(name, bool(letters) or self._column(name))
        up = (self._layer(layer) if layer is not None and not self.below else "") + (r"\top" if turned else "")
        down = "".join(letters).rstrip(",") or (str(layer) if layer is not None and self.below else "")
        if turned and gradient:
            up = up.removesuffix(r"\top")
        if turned and not gradient and self.style == "{}" and layer is not None and not self.below:
            return f"({self._tensor(node, letters, False)})^{{\\top}}"
        above, under = f"^{{{up}}}" if up else "", f"_{{{down}}}" if down else ""
        text = base + (under + above if self.below else above + under)
        if gradient:
            text = rf"\frac{{\partial {self.loss}}}{{\partial {text}}}"
            return rf"\left({text}\right)^{{\top}}" if turned else text
        return text

    def _letter(self, name: str, element: bool) -> tuple[str, int | None]:
        """The letter and the layer of a name."""
        n = self.notation
        if name == "J":
            return self.loss, None
        for letter, meant in n.fixed.items():
            if meant == name and (letter in n.batched) == (self.batch and any(x in n.batched for x in n.fixed)):
                return letter, None
        for letter, patterns in n.patterns.items():
            for p in patterns:
                if p.tensor == name and "*" not in p.letters:
                    return f"{letter}_{{{p.scripts}}}", None
        m = re.fullmatch(r"([A-Za-z]+?)(\d+)", name)
        if m:
            letters = [k for k, v in n.families.items() if v == m[1]]
            fitting = [k for k in letters if (k in n.batched) == self.batch] or letters
            if element:
                fitting = [k for k in fitting if k.islower()] or fitting
            if fitting:
                return fitting[0], int(m[2])
            if m[1] in ("l",):
                return r"\lambda_" + m[2], None
            if len(m[1]) == 1 or m[1] in GREEK:
                return spelled(m[1]), int(m[2])
        return spelled(name), None


def _positive(node: Node) -> Compare:
    """What an indicator of a positive number compares."""
    if isinstance(node, Binary) and node.op == "-":
        return Compare(">", node.left, node.right)
    return Compare(">", node, Number("0"))
