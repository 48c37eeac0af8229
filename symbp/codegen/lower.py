"""A Program -> the fewest NumPy statements that compute its outputs from what is at hand."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import sympy
from sympy import Rational

from symbp.calculus.indices import Axis
from symbp.calculus.kinds import Texts
from symbp.calculus.program import Program, Statement
from symbp.calculus.text import statement_text
from symbp.codegen.arrays import Arrays
from symbp.codegen.block import Assignment, Block
from symbp.codegen.forms import HELPERS
from symbp.codegen.loops import Looped, write_loop
from symbp.codegen.lowering_rules import RULES
from symbp.codegen.nodes import LEAVES, Node
from symbp.codegen.passes import PASSES, Draft, remove_dead
from symbp.codegen.places import into, split
from symbp.codegen.printer import Printer
from symbp.codegen.ranges import Ranges
from symbp.codegen.recurrence import Loop, in_loops, steps_of
from symbp.network.lengths import coded, in_order, names_of

RESERVED = frozenset(
    {
        "np",
        "npt",
        "math",
        "params",
        "cache",
        "grads",
        "rng",
        "training",
        "self",
        "inputs",
        "given",
        "upstreams",
        "state",
        "float",
        "int",
        "len",
    }
    | {*HELPERS, "Array", "bool", "dict", "forward", "backward", "loss", "predict", "theta_next"}
)
"""Names that a tensor's local variable may not take."""


@dataclass(frozen=True)
class Shared:
    """What the way forward keeps of itself for the way back: by the text of an expression its variable and its value."""

    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Node] = field(default_factory=dict)


def lower(
    program: Program,
    outputs: Iterable[str],
    available: Iterable[str] | None = None,
    *,
    sizes: Mapping[Axis, int] | None = None,
    follows: Mapping[Axis, str] | None = None,
    plain: Iterable[str] = (),
    width: int = 112,
) -> Block:
    """Lower a program to NumPy.

    Parameters
    ----------
    program : the statements; every function that they apply has a definition
    outputs : the tensors wanted
    available : the tensors at hand, by default the declared ones; statements that define one of them are known (so that a
        logarithm can go through a name, or a divisor is known to be a probability) but not emitted
    sizes : lengths that are fixed; all others are read off the arrays' shapes
    follows : lengths that follow from others, where no array shows them
    plain : scalars at hand that are Python numbers, such as a learning rate
    width : the longest line, without indentation

    Raises
    ------
    InputError : where a function has no definition or no form in NumPy
    """
    return trees(program, outputs, available, sizes=sizes, follows=follows, plain=plain, width=width).block()


def trees(
    program: Program,
    outputs: Iterable[str],
    available: Iterable[str] | None = None,
    *,
    sizes: Mapping[Axis, int] | None = None,
    follows: Mapping[Axis, str] | None = None,
    plain: Iterable[str] = (),
    width: int = 112,
) -> Trees:
    """The statements that :func:`lower` writes, as trees of array operations."""
    hand = frozenset(t.name for t in program.declared) if available is None else frozenset(available)
    draft = Draft(program, tuple(outputs), hand)
    for step in PASSES:
        draft = step(draft)
    emitted = remove_dead(draft).program
    order, more = in_loops(emitted.statements, draft.outputs, program.tensors)
    ranges = Ranges(draft.program.extended(*more))
    reads = {r for s in (*emitted, *more) for r in s.reads}
    every = program.extended(*more)
    writer = _Writer(every, [n for n in program.tensors if n in hand], reads, frozenset(plain), width)
    writer.steps = steps_of(order)
    writer.shapes |= _following(follows or {}, writer.shapes, sizes or {})

    def made(one: Statement | Loop) -> tuple[Statement, Node] | Looped:
        """The trees of what is emitted."""
        arrays = [
            (s, writer.tree(s, ranges, sizes or {})) for s in (one.statements if isinstance(one, Loop) else (one,))
        ]
        return Looped(one, tuple(arrays), sizes or {}) if isinstance(one, Loop) else arrays[0]

    return Trees(every, hand, tuple(map(made, order)), writer)


@dataclass(frozen=True)
class Trees:
    """Statements and their values as trees, which a writer can put on lines."""

    program: Program
    hand: frozenset[str]
    order: tuple[tuple[Statement, Node] | Looped, ...]
    writer: _Writer

    @property
    def values(self) -> list[Node]:
        """The trees, but for those inside of loops."""
        return [one[1] for one in self.order if not isinstance(one, Looped)]

    @property
    def names(self) -> list[str]:
        """The tensors that are computed, of loops those that are kept."""
        return [n for one in self.order for n in (one.loop.stored if isinstance(one, Looped) else [one[0].target.name])]

    @property
    def read_in_loops(self) -> set[str]:
        """The tensors that loops read, some of them step by step."""
        loops = [one.loop for one in self.order if isinstance(one, Looped)]
        found = {r for loop in loops for s in loop.statements for r in s.reads}
        return found | {cut.name for loop in loops for cut in loop.cuts.values()}

    def changed(self, values: Iterable[Node]) -> Trees:
        """The same statements with other trees."""
        new = iter(values)
        return replace(self, order=tuple(one if isinstance(one, Looped) else (one[0], next(new)) for one in self.order))

    def block(self, shared: Shared = Shared(), once: Iterable[str] = (), given: bool = False) -> Block:
        """The lines.

        Parameters
        ----------
        shared : expressions that have a variable on the way forward; `given` where they are at hand, as on the way back
        once : the texts of further expressions that are computed once
        """
        w = self.writer
        w.begin(shared, frozenset(once), given)
        written = self.program.definitions
        made: list[Assignment] = []
        for one in self.order:
            if isinstance(one, Looped):
                made += write_loop(w, one, written)
            else:
                made.append(w.assign(*one, written[one[0].target.name]))
        inputs = tuple(n for n in self.program.tensors if n in self.hand and n in w.reads)
        return Block(tuple(made), inputs, frozenset(w.helpers), w.names, tuple(w.used))


class _Writer:
    """Turns statements into lines; keeps the names of variables and temporaries apart."""

    def __init__(self, program: Program, hand: list[str], reads: set[str], plain: frozenset[str], width: int) -> None:
        self.width, self.plain = width, plain
        self.names = {n: n if n in plain else variable(n, k) for k, n in enumerate(program.tensors)}
        self.helpers: set[str] = set()
        self.reads: set[str] = set()
        self.shapes: dict[Axis, str] = {}
        self.steps: dict[str, int] = {}
        near = [n for n in hand if n in reads] + [n for n in hand if n not in reads]
        for n in near:
            for place, axis in enumerate(program.tensors[n].axes):
                self.shapes.setdefault(axis, f"{self.names[n]}.shape[{place}]")
        real = [
            n for n in near if n not in plain and program.tensors[n].role != "target" and not program.tensors[n].integer
        ]
        self.like = next(iter([*real, *near]), "")  # decides the dtype of what has none of its own
        self._texts = Texts(program.tensors)
        self.begin(Shared(), frozenset(), False)

    def begin(self, shared: Shared, once: frozenset[str], given: bool) -> None:
        """Start to write, with what other code shares, and what is computed once."""
        self._count = 0
        self._made: dict[str, str] = {}
        self._shared, self._once, self._given = shared, once, given
        self.used: dict[str, None] = {}

    def _text(self, s: Statement) -> str:
        """The equation above a block of code, in the index language."""
        return self._texts.text(s, lambda one: statement_text(readable(one)))

    def tree(self, s: Statement, ranges: Ranges, sizes: Mapping[Axis, int]) -> Node:
        """The value of a statement."""
        return Arrays(RULES, ranges, sizes, self.shapes, self.like, self.plain, self.steps).statement(s)

    def text(self, node: Node) -> str:
        """The expression of a value that is no tensor, such as a length."""
        self._note_uses(node, {})
        return Printer(self.names, {}).text(node)

    def assign(self, s: Statement, root: Node, written: Statement) -> Assignment:
        """The lines of one statement; `written` is the statement as the page shows it."""
        temporaries: dict[Node, str] = {}
        printer = Printer(self.names, temporaries)
        lines: list[str] = []
        if self._shared.names or self._once:
            self._share(root, printer, temporaries, lines)
        for node in _repeated(root, temporaries):
            self._name(node, printer, temporaries, lines)
        target = self.names[s.target.name]
        dense, scattered = split(root, temporaries)
        lines.append(f"{target} = {self._fitted(dense, len(target), printer, temporaries, lines)}")
        if scattered is not None:
            lines.append(f"{printer.text(into(scattered, s.target.name))}  # in place")
        self._note_uses(root, temporaries)
        return Assignment(s.target.name, target, self._text(written), written.label, tuple(lines))

    def _share(self, node: Node, printer: Printer, temporaries: dict[Node, str], lines: list[str]) -> None:
        """Name what has a variable already, or is to have one, the parts of it first."""
        text = Printer(self.names, {}).text(node) if node.op not in LEAVES and node not in temporaries else ""
        mine = self._shared.names.get(text)
        if mine is not None:
            self.used[text] = None
            if not self._given and mine not in self._made.values():
                for arg in node.args:
                    self._share(arg, printer, temporaries, lines)
                self._made[text] = mine
                lines.append(f"{mine} = {self._fitted(node, len(mine), printer, temporaries, lines)}")
                self._note_uses(node, temporaries)
            temporaries[node] = mine
            return
        for arg in node.args:
            self._share(arg, printer, temporaries, lines)
        if text in self._once:
            self._name(node, printer, temporaries, lines)

    def _name(self, node: Node, printer: Printer, temporaries: dict[Node, str], lines: list[str]) -> None:
        text = self._fitted(node, 4, printer, temporaries, lines)
        if text not in self._made:  # names are assigned once, so the same text is the same value
            self._made[text] = self._next()
            lines.append(f"{self._made[text]} = {text}")
            self._note_uses(node, temporaries)
        temporaries[node] = self._made[text]

    def _next(self) -> str:
        """A name for a temporary."""
        self._count += 1
        while f"t{self._count}" in (*self.names.values(), *self._shared.names.values()):
            self._count += 1
        return f"t{self._count}"

    def _fitted(self, node: Node, taken: int, printer: Printer, temporaries: dict[Node, str], lines: list[str]) -> str:
        """The text of `node`; parts of it are named first, until a line holds it behind a name of `taken` characters."""
        while len(text := printer.text(node)) + taken + 3 > self.width:
            parts = [n for n in _inside(node, temporaries) if n.op not in LEAVES]
            if not parts:
                break
            half = len(text) // 2
            self._name(min(parts, key=lambda n: abs(len(printer.text(n)) - half)), printer, temporaries, lines)
        return text

    def _note_uses(self, node: Node, temporaries: Mapping[Node, str]) -> None:
        """What a value reads and calls, but for the parts that have a variable."""
        if node in temporaries:
            return
        if node.op in ("call", "along", "linalg") and node.data[0] in HELPERS:
            self.helpers.add(node.data[0])
        if node.op in HELPERS:
            self.helpers.add(node.op)
        if node.op == "size":
            variables = re.findall(r"(\w+)\.shape", str(node.data[0]))
            self.reads |= {n for n, v in self.names.items() if v in variables}
        if node.op in ("cast", "read"):
            self.reads.add(node.data[0])
        for arg in node.args:
            self._note_uses(arg, temporaries)


def _following(rules: Mapping[Axis, str], shapes: Mapping[Axis, str], sizes: Mapping[Axis, int]) -> dict[Axis, str]:
    """The lengths that no array shows and that follow from others, as code."""
    known = {a.name: text for a, text in shapes.items()} | {a.name: str(n) for a, n in sizes.items()}
    found: dict[Axis, str] = {}
    texts = {a.name: rule for a, rule in rules.items()}
    for name in in_order(texts):
        if name not in known and {*names_of(texts[name])} <= known.keys():
            known[name] = found[Axis(name)] = f"({coded(texts[name], known)})"
    return found


def variable(name: str, number: int) -> str:
    """The local variable of a tensor: its name, shortened where it would not leave room on a line."""
    if len(name) > _LONGEST:
        return f"{name[: _LONGEST - 8]}_{number}_"
    return name + "_" if name in RESERVED or keyword.iskeyword(name) else name


_LONGEST = 32


def _inside(node: Node, temporaries: Mapping[Node, str]) -> Iterator[Node]:
    """The parts of a node that have no name yet, and are in no part that has one."""
    for arg in node.args:
        if arg not in temporaries:
            yield arg
            yield from _inside(arg, temporaries)


def _repeated(root: Node, temporaries: Mapping[Node, str]) -> list[Node]:
    """The computations that are used more than once, those inside others first; but those that have a variable."""
    count: dict[Node, int] = {}

    def visit(node: Node) -> None:
        count[node] = count.get(node, 0) + (node not in temporaries)
        if count[node] == 1:
            for arg in node.args:
                visit(arg)

    visit(root)
    order = list(dict.fromkeys(root.walk()))
    return [n for n in order if count.get(n, 0) > 1 and _costs(n)]


def _costs(node: Node) -> bool:
    """Whether computing it again is work: views and numbers are not."""
    views = ("transpose", "expand", "squeeze", "reshape", "slice", "part")
    return node.op not in (*LEAVES, *views) and node.kind != "py"


def readable(s: Statement) -> Statement:
    """The statement with long fractions as decimals."""
    long = {r: sympy.Float(r, 9) for r in s.body.atoms(Rational) if r.q > 10**6}
    return replace(s, body=s.body.xreplace(long)) if long else s
