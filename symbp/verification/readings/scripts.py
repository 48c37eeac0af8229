r"""The network's names as a page spells them: a letter, its layer, its indices, its transpose; and words as letters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from symbp.calculus.primitives import PRIMITIVES
from symbp.formula.syntax import Call, Gradient, Name, Node, Read, Transpose, nodes
from symbp.network.forward import BATCH
from symbp.notation import Notation
from symbp.notation.notation import typeset
from symbp.verification.meaning.setting import Setting

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega".split()
)
"""Names that are Greek letters."""
TALL = (r"\frac", r"\sum", r"\left")
"""What is higher than a line."""


def updated(left: Node) -> Node:
    """What a derivative is with respect to."""
    match left:
        case Gradient():
            return Name(left.name)
        case Read(of=Gradient()):
            return Read(Name(left.of.name), left.letters)
        case Transpose():
            return Transpose(updated(left.arg))
    return left


def spelled(name: str) -> str:
    r"""A name of the network's as LaTeX: ``gamma`` is \\gamma, ``x_1`` is x_{1}."""
    accent = re.fullmatch(r"(.+)(hat|bar|tilde)", name)
    if accent:
        return rf"\{accent[2]}{{{spelled(accent[1])}}}"
    if len(name) == 1:
        return name
    if name in GREEK or name == "ell":
        return "\\" + name
    if re.fullmatch(r"cal[A-Z]", name):
        return rf"\mathcal{{{name[3]}}}"
    length = re.fullmatch(r"([a-zA-Z])_?(\d+)", name)
    if length:
        return f"{length[1]}_{{{length[2]}}}"
    stem, _, below = name.partition("_")
    if below and (len(stem) == 1 or stem in GREEK):
        under = below if len(below) == 1 else rf"\mathrm{{{below}}}"
        return f"{spelled(stem)}_{{{under}}}"
    return rf"\mathrm{{{name}}}"


def index_letter(letter: str) -> str:
    r"""An index as LaTeX: ``ell`` is \\ell."""
    plain = letter.rstrip("'")
    return "\\" + letter if plain in GREEK or plain == "ell" else letter


def wrapped(text: str) -> str:
    """A formula in parentheses, large ones around what is tall."""
    return rf"\left({text}\right)" if any(t in text for t in TALL) else f"({text})"


def writable(notation: Notation, setting: Setting, root: Node) -> bool:
    """Whether there is LaTeX for all of a formula: an axis by its number has none, nor have whole arrays of some notations."""
    for node in nodes(root):
        if isinstance(node, Call) and node.axis is not None and node.name != "sum":
            return False
        if isinstance(node, (Name, Gradient)) and notation.patterns:
            known = setting.resolve(node.name, isinstance(node, Gradient))
            if known is not None and known.tensor.axes:
                return False
    return True


_TRANSPOSED = re.compile(r"\\top|\\intercal|\\math(?:sf|rm|bf|it)\s*\{\s*T\s*\}|\\math(?:sf|rm|bf|it)\s*T|T")
_SUPER = re.compile(r"\^\s*(?:\{(?P<inside>(?:[^{}]|\{[^{}]*\})*)\}|(?P<sign>\\[A-Za-z]+|.))\s*$")
_LETTER = re.compile(r"\\[A-Za-z]+|[A-Za-z]")
_EACH = re.compile(r"x|y|yhat|(?:[zae]|delta)\d+")


@dataclass(frozen=True)
class Habits:
    r"""Which of several signs an author takes: for the transpose, for the product of elements, for the activation, and ``dW`` for
    a derivative of the loss."""

    transposed: str = r"\top"
    hadamard: str = r"\odot"
    activation: str = ""
    differential: bool = False

    @classmethod
    def of(cls, text: str) -> Habits:
        """The habits that a formula shows."""
        sign = next((m[0] for m in _TRANSPOSED.finditer(text) if _above(text, m.start())), r"\top")
        product = re.search(r"\\(?:odot|circ|ast|bullet)(?![A-Za-z])", text)
        return cls(sign, product[0] if product else r"\odot")

    def seen_in(self, kept: Mapping[Node, str]) -> Habits:
        """The same, with what the text of single formulas shows."""
        functions = [text for node, text in kept.items() if isinstance(node, Call) and re.fullmatch(r"g\d*", node.name)]
        letter = _LETTER.match(functions[0]) if functions else None
        derivatives = [
            text for node, text in kept.items() if isinstance(node.of if isinstance(node, Read) else node, Gradient)
        ]
        plain = bool(derivatives) and all(
            re.match(r"\{?\s*(?:d|\\mathrm\s*\{\s*d\s*\})\s*(?![A-Za-z\\]*\s*/)", t) for t in derivatives
        )
        return replace(self, activation=letter[0] if letter else "", differential=plain)


def _above(text: str, at: int) -> bool:
    """Whether something stands in a superscript."""
    before = text[:at]
    return re.search(r"\^\s*$|\^\s*\{[^{}]*$", before) is not None


def turned(text: str, sign: str) -> str:
    r"""A letter as it was written, transposed: ``\mathbf{W}^{(2)}`` becomes ``\mathbf{W}^{(2)\top}``."""
    above = _SUPER.search(text)
    if above is None:
        return f"{text}^{{{sign}}}" if sign.startswith("\\") else f"{text}^{sign}"
    inside = above["inside"] if above["inside"] is not None else above["sign"]
    if _TRANSPOSED.fullmatch(inside) or not re.fullmatch(r"\s*[(\[].*[)\]]\s*", inside):
        return f"({text})^{sign}"
    return f"{text[: above.start()]}^{{{inside}{sign}}}"


def unturned(text: str) -> str:
    """A transposed letter as it was written, without its sign; empty where that is not at its end."""
    above = _SUPER.search(text)
    if above is None:
        return ""
    inside = above["inside"] if above["inside"] is not None else above["sign"]
    if _TRANSPOSED.fullmatch(inside.strip()):
        return text[: above.start()].rstrip()
    found = re.fullmatch(rf"(.*[)\]])\s*(?:{_TRANSPOSED.pattern})\s*", inside)
    return f"{text[: above.start()]}^{{{found[1]}}}" if found else ""


@dataclass(frozen=True)
class Spelling:
    """How names are spelled in one claim.

    `style` holds ``{}`` for the layer, `variable` is the letter that a layer's number has in this reading of the claim, with
    the number, and `batch` says whether its letters stand for a whole batch. `example` is the letter that counts examples where
    they are written one by one, and `count` is the letter for how many there are; with `example_last` its index stands behind the
    unit's. `habits` says which of several signs the author takes.
    """

    notation: Notation
    setting: Setting = field(repr=False)
    style: str = "({})"
    below: bool = False
    loss: str = "J"
    variable: tuple[str, int] | None = None
    batch: bool = False
    columns: bool = False
    example: str = ""
    count: str = "N"
    example_last: bool = False
    habits: Habits = field(default_factory=Habits)

    @property
    def arrays(self) -> bool:
        """Whether a letter stands for the array of a whole batch."""
        return self.batch and not self.example

    def of_each(self, node: Node) -> bool:
        """Whether a tensor is one of which every example has its own, and is written with the number of the example."""
        return bool(self.example) and isinstance(node, (Name, Gradient)) and _EACH.fullmatch(node.name) is not None

    @property
    def loss_letter(self) -> str:
        """The loss as it is typeset."""
        return re.sub(r"\\cal([A-Z])", r"\\mathcal{\1}", self.loss)

    def element(self, node: Read) -> str:
        """A letter at its indices."""
        each = self.of_each(node.of) and node.letters[:1] == (self.example,)
        if each or (self.arrays and self.notation.patterns and node.letters[:1] == (self.notation.example,)):
            node = Read(node.of, tuple(c for c in node.letters[1:] if not (each and c == "1")))
        for base, patterns in self.notation.patterns.items():
            for p in patterns if base not in self.notation.written_out else ():
                if p.tensor == node.of.name and len(p.letters) == len(node.letters) and "*" not in p.letters:
                    given = dict(zip(p.letters, map(index_letter, node.letters), strict=True))
                    scripts = _beside([given.get(c, c) for c in p.scripts])
                    text = f"{base}_{{{scripts}}}" + p.tail
                    loss = self.notation.loss[0] if self.arrays else self.notation.printed["J"].element
                    return rf"\frac{{\partial {loss}}}{{\partial {text}}}" if isinstance(node.of, Gradient) else text
        known = self.setting.resolve(node.of.name, isinstance(node.of, Gradient))
        if self.notation.patterns and known is not None and known.tensor.of and not isinstance(node.of, Gradient):
            return self.element(replace(node, of=Gradient(known.tensor.of)))
        whole = self.notation.written_out.get(node.of.name)
        if whole is not None and len(node.letters) == 1:
            with_bias = self.setting.resolve("b" + node.of.name[1:]) is not None
            return whole[0 if with_bias else 1].format(index_letter(node.letters[0]), self.notation.example)
        last = self.example_last and len(node.letters) == 2 and _EACH.fullmatch(node.of.name) is not None
        letters = node.letters[::-1] if last or self.is_turned(node.of) else node.letters
        return self.tensor(node.of, tuple(map(index_letter, letters)), False)

    def tensor(self, node: Name | Gradient, letters: tuple[str, ...], transposed: bool) -> str:
        """A letter with its scripts."""
        name, gradient = node.name, isinstance(node, Gradient)
        if name == "N" and not gradient and not self.notation.spelled:
            return self.count
        known = self.setting.resolve(name, gradient)
        if not gradient and known is not None and (of := re.fullmatch(r"d(?:J/d)?([A-Za-z]\w*)", name)):
            if self.setting.resolve(of[1]) is not None:
                name, gradient = of[1], True
        if name == "x" and self.variable is not None and "a" in self.notation.families.values():
            name = "a0"  # where a layer is a letter, so is the one below the first
        base, layer = self._letter(name, bool(letters) or self._column(name))
        sign = self.habits.transposed if transposed else ""
        number = f"({self.example})" if self.of_each(node) else ""
        role = self.notation.families.get(base, "")
        up = self._layer(layer, role) if layer is not None and not self.below else ""
        up = (f"x,{up}" if number == "(x)" and up else up + number if number != "(x)" else up) + sign
        down = _beside(letters) or (str(self.notation.counted(role, layer)) if layer is not None and self.below else "")
        if transposed and gradient and not self.habits.differential:
            up = up.removesuffix(sign)
        if transposed and not gradient and self.style == "{}" and layer is not None and not self.below:
            return f"({self.tensor(node, letters, False)})^{{{sign}}}"
        named = re.fullmatch(r"(.+_\{.+)\}", base)
        if named and down:  # W_f at indices
            base, down = f"{named[1]},{down}}}", ""
        above, under = f"^{{{up}}}" if len(up) > 1 else f"^{up}" if up else "", f"_{{{down}}}" if down else ""
        text = base + (under + above if self.below else above + under)
        if gradient and self.habits.differential:
            return f"d{text}"
        if gradient:
            text = rf"\frac{{\partial {self.loss_letter}}}{{\partial {text}}}"
            return rf"\left({text}\right)^{{{sign}}}" if transposed else text
        return text

    def function(self, name: str, primes: int) -> str:
        """A function's name with its layer and its primes."""
        n, marks = self.notation, "'" * primes
        for letter, meant in n.functions.items():
            if meant == name:
                return letter + marks
        m = re.fullmatch(r"g(\d*)", name)
        if m and (n.activations or self.habits.activation):
            layer = f"^{{{self._layer(int(m[1]))}}}" if m[1] else ""
            return (self.habits.activation or n.activations[0]) + marks + layer
        if name in _FUNCTIONS and _FUNCTIONS[name] not in n.activations:
            return _FUNCTIONS[name] + marks
        return (rf"\operatorname{{{name}}}" if len(name) > 1 else name) + marks

    def is_turned(self, node: Name | Gradient) -> bool:
        """Whether a tensor as the network has it is the transpose of what this notation calls by that letter."""
        known = self.setting.resolve(node.name, isinstance(node, Gradient))
        matrix = known is not None and len(known.tensor.axes) == 2 and BATCH not in known.tensor.axes
        return matrix and (self.notation.from_to or self._column(node.name))

    def length(self, letter: str, body: Node) -> str:
        """The length of the axis that a letter of a formula runs over."""
        from symbp.formula.syntax import nodes

        for node in nodes(body):
            if isinstance(node, Read) and letter in node.letters:
                known = self.setting.resolve(node.of.name, isinstance(node.of, Gradient))
                if known is not None and len(known.tensor.axes) == len(node.letters):
                    axis = known.tensor.axes[node.letters.index(letter)]
                    return next(spelled(n) for n, a in self.setting.lengths.items() if a == axis)
        return "N"

    def _column(self, name: str) -> bool:
        """Whether the weights of a layer with one unit are written as a column."""
        layer = re.fullmatch(r"W(\d+)", name)
        known = self.setting.resolve(name) if self.columns and layer else None
        return known is not None and self.setting.sizes.get(known.tensor.axes[0]) == 1

    def _layer(self, number: int, role: str = "") -> str:
        """A layer's number at the letter of a role."""
        if self.variable is not None:
            letter, at = self.variable
            at += self.notation.counted("", 0) - self.notation.counted(role, 0)
            return self.style.format(letter if number == at else f"{letter}{number - at:+d}")
        return self.style.format(self.notation.counted(role, number))

    def _letter(self, name: str, element: bool) -> tuple[str, int | None]:
        """The letter and the layer of a name."""
        n = self.notation
        if name in ("J", self.setting.loss):
            return self.loss_letter, None
        if n.spelled:
            return self._own(name), None
        for letter, meant in n.fixed.items():
            if meant == name and (letter in n.batched) == (self.arrays and any(x in n.batched for x in n.fixed)):
                return typeset(letter), None
        for letter, patterns in n.patterns.items():
            for p in patterns:
                if p.tensor == name and "*" not in p.letters:
                    return f"{letter}_{{{p.scripts}}}", None
        m = re.fullmatch(r"([A-Za-z]+?)(\d+)", name)
        if m:
            letters = [k for k, v in n.families.items() if v == m[1]]
            fitting = [k for k in letters if (k in n.batched) == self.arrays] or letters
            own = n.printed.get(m[1])
            if element and own is not None and own.element in letters:
                return own.element, int(m[2])
            if element:
                fitting = [k for k in fitting if k.islower()] or fitting
            if fitting:
                return fitting[0], int(m[2])
            if m[1] == "l":
                both = all(self.setting.resolve(r) is not None for r in ("l1", "l2"))
                return r"\lambda" + (f"_{m[2]}" if both else ""), None
            if len(m[1]) == 1 or m[1] in GREEK:
                return spelled(m[1]), int(m[2])
        return spelled(name), None

    def _own(self, name: str) -> str:
        """A name of a problem, or a length by the letter of its axis."""
        axis = self.setting.lengths.get(name) if name.startswith("N_") else None
        if axis is not None:
            name = next((n for n, a in self.setting.lengths.items() if a == axis and not n.startswith("N_")), name)
        commands = [
            letter for letter, meant in self.notation.fixed.items() if meant == name and letter.startswith("\\")
        ]
        return commands[0] if commands else spelled(name)


_FUNCTIONS = {**{p.name: p.latex for p in PRIMITIVES if p.is_operator}, "log": r"\ln", "sigmoid": r"\sigma",
              "maximum": r"\max", "minimum": r"\min"}  # fmt: skip


def _beside(letters: list[str] | tuple[str, ...]) -> str:
    """Indices side by side, with commas where they are words."""
    if all(len(c) == 1 or c.startswith("\\") for c in letters):
        return "".join(c + " " if c.startswith("\\") and k + 1 < len(letters) else c for k, c in enumerate(letters))
    return ",".join(letters)
