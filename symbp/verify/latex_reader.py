r"""The tree of a LaTeX equation as a claim's syntax tree, with letters not yet looked up (:class:`~.latex_symbols.Sym`).

Juxtaposition is left open, as ``Binary("juxt", ...)`` or ``Binary("cdot", ...)``: the shapes decide between a matrix product
and scaling by a number (:mod:`.latex_products`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from lark import Token, Tree

from symbp.errors import InputError, shown
from symbp.verify.latex_parse import at
from symbp.verify.latex_symbols import (
    Scripts,
    Sym,
    is_transposition,
    layer_of,
    links,
    pieces,
    primes_of,
    scripts_of,
    single,
    span_of,
    start,
    subscripts,
    symbol,
    word,
)
from symbp.verify.notations import Notation
from symbp.verify.syntax import Binary, Call, Compare, Name, Negate, Node, Number, Partial, Span, Transpose, transposed

_WORDS = {"tr": "trace", "relu": "relu", "ReLU": "relu", "sgn": "sign", "id": "identity", "Softmax": "softmax",
          "Diag": "diag", "sigm": "sigmoid", "logistic": "sigmoid", "LSE": "logsumexp", "one": "one"}  # fmt: skip
_COMMANDS = {r"\ln": "log", r"\log": "log", r"\arctan": "atan"}
_COMPARISONS = {"<": "<", ">": ">", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=", "lt": "<", "gt": ">",
                "leqslant": "<=", "geqslant": ">="}  # fmt: skip


@dataclass(frozen=True)
class Limit:
    """A sum's upper limit, to be held against the axis that it runs over."""

    letter: str
    text: str
    body: Node
    column: int


@dataclass
class Reader:
    """Reads the sides of one equation; `known_words` are the names that a word may be, beside functions."""

    notation: Notation
    known_words: frozenset[str] = frozenset()
    limits: list[Limit] = field(default_factory=list)
    sums: bool = False

    def sum(self, tree: Any) -> Node:
        """A sum of products."""
        sign, first, *rest = tree.children
        node = self.product(first)
        if sign is not None and sign != "+":
            node = Negate(node, span=span_of(tree))
        for op, term in zip(rest[::2], rest[1::2], strict=True):
            node = Binary("+" if op == "+" else "-", node, self.product(term), span=span_of(tree))
        return node

    def product(self, tree: Any) -> Node:
        """Chains with Hadamard signs between them."""
        node: Node | None = None
        op = "*"
        for part in tree.children:
            if isinstance(part, Token):
                op = "/" if "oslash" in part else "*"
                continue
            value = self.opened(part) if part.data == "opened" else self.chain(part.children)
            node = value if node is None else Binary(op, node, value, span=span_of(tree))
        assert node is not None
        return node

    def opened(self, tree: Any) -> Node:
        """A sum over letters, with what stands before it."""
        before, big, *scripts, body = tree.children
        self.sums = True
        given = scripts_of(scripts)
        if not given.subs:
            raise InputError("a sum that does not say over what", place=at(start(big)), allowed=r"\sum_j")
        inside = self.product(body)
        letters = self.sum_letters(given.subs[0], given.sups, inside)
        node: Node = Call("sum", (inside, *(Name(c, span=span_of(big)) for c in letters)), span=span_of(tree))
        if before is None:
            return node
        return self.joined(self.chain(before.children), node, "juxt", span_of(tree))

    def sum_letters(self, sub: Any, sups: tuple[Any, ...], body: Node) -> tuple[str, ...]:
        """The letters that a sum runs over; what stands above it is kept to be checked."""
        cells = sub.children[0].children if isinstance(sub, Tree) and sub.children and sub.children[0] else ()
        if len(cells) == 1 and len(cells[0].children) == 3:
            left, sign, right = cells[0].children
            first = single(right)
            if sign != "=" or first is None or first != "1":
                raise InputError("a sum starts at 1", place=at(start(sub)), allowed=r"\sum_{k=1}^{K}")
            letters = subscripts(Tree("braces", [left_cells(left)], sub.meta))
        else:
            letters = subscripts(sub)
        if any(c.isdigit() for c in letters):
            raise InputError("a sum runs over a letter", place=at(start(sub)), allowed=r"\sum_j")
        for sup in sups:
            token = single(sup)
            text = str(token) if token is not None and token.type == "NUMBER" else ""
            if text:
                self.limits += [Limit(c, text, body, start(sup)) for c in letters]
        return letters

    def chain(self, parts: list[Any]) -> Node:
        """Factors side by side."""
        parts = self.spelled(parts) if self.notation.spelled else parts
        node: Node | None = None
        op, slashed, k = "juxt", False, 0
        while k < len(parts):
            part = parts[k]
            if isinstance(part, Token):
                op = "/" if part.type == "SLASH" else "cdot"
                if node is None or k + 1 == len(parts):
                    raise InputError(f"{shown(str(part))} stands where it cannot", place=at(start(part)))
                k += 1
                continue
            value, used = self.factor(parts, k, node)
            span = Span(start(parts[0]), span_of(parts[k + used - 1]).end)
            if value is None:  # scripts of an empty group belong to what stands before
                node = self.scripted_node(node, scripts_of(part.children[1:]), start(part), span)
            elif node is None:
                node = value
            else:
                if slashed and op == "juxt":
                    raise InputError(r"is this below the line or beside it?", place=at(start(part)), allowed=r"\frac")
                node = self.joined(node, value, op, span)
                slashed = op == "/" and not isinstance(value, Number)
            op = "juxt"
            k += used
        if node is None:
            raise InputError("nothing stands here", place=at(0))
        return node

    def spelled(self, parts: list[Any]) -> list[Any]:
        """The links with letters and digits that stand close together and spell a name made one; the longest name counts."""
        found: list[Any] = []
        k = 0
        while k < len(parts):
            run: list[Any] = []
            for part in parts[k:]:
                token = part.children[0] if isinstance(part, Tree) and part.data == "scripted" else None
                if not isinstance(token, Token) or token.type not in ("LETTER", "NUMBER"):
                    break
                if run and span_of(run[-1]).end != start(token):
                    break
                run.append(part)
                if len(part.children) > 1:
                    break
            while len(run) > 1 and "".join(str(p.children[0]) for p in run) not in self.known_words:
                run.pop()
            if len(run) > 1:
                name, last = "".join(str(p.children[0]) for p in run), run[-1]
                token = Token("WORD", rf"\mathrm{{{name}}}", start_pos=start(run[0]), end_pos=last.children[0].end_pos)
                merged = Tree("scripted", [token, *last.children[1:]], _meta(token))
                merged.meta.end_pos = span_of(last).end
            found.append(merged if len(run) > 1 else parts[k])
            k += max(1, len(run))
        return found

    @staticmethod
    def joined(left: Node, right: Node, op: str, span: Span) -> Node:
        """Two factors, with the sign between them."""
        return Binary(op, left, right, span=span)

    def factor(self, parts: list[Any], k: int, before: Node | None) -> tuple[Node | None, int]:
        """The factor that begins at a link, and how many links it takes."""
        part = parts[k]
        if part.data == "call":
            return self.call(parts, k)
        atom, scripts = part.children[0], scripts_of(part.children[1:])
        span = span_of(part)
        if isinstance(atom, Tree):
            if atom.data == "braces":
                return self.braces(parts, k, atom, scripts, before)
            return self.compound(atom, scripts, span), 1
        if atom.type in ("NUMBER", "HALF"):
            digits = [c for c in atom if c.isdigit()] if atom.type == "HALF" else []
            number: Node = Number(str(atom), span=span)
            if digits:
                number = Binary("/", Number(digits[0], span=span), Number(digits[1], span=span), span=span)
            if k + 1 < len(parts) and str(atom) == "1" and self.condition(parts[k + 1]) is not None:
                return self.condition(parts[k + 1]), 2
            return self.scripted_node(number, scripts, start(part), span), 1
        if atom.type == "ONES":
            return self.ones(parts, k, scripts, span)
        base = word(atom)
        if base == r"\nabla":
            return self.nabla(parts, k, scripts, span)
        if base in (r"\partial", "d"):
            found = self.slashed_derivative(parts, k, base)
            if found is not None:
                return found
            if base == r"\partial":
                raise InputError("a derivative that is not one of the loss", place=at(start(part)), allowed="dJ/dW")
        if base == "e" and len(scripts.sups) == 1 and not scripts.subs and self.is_exponent(scripts.sups[0]):
            return Call("exp", (self.inner(scripts.sups[0]),), span=span), 1
        return self.named(parts, k, atom, base, scripts, span)

    @staticmethod
    def is_exponent(tree: Any) -> bool:
        """Whether e to this is the exponential function and not the error of a layer."""
        items = pieces(tree)
        return not all(
            is_transposition(p) or layer_of(p) is not None or (single(p) is not None and word(single(p)) == r"\prime")
            for p in items
        )

    def braces(
        self, parts: list[Any], k: int, atom: Any, scripts: Scripts, before: Node | None
    ) -> tuple[Node | None, int]:
        """Braces: empty ones carry the scripts of what stands before them; one letter's scripts add up with its own."""
        if atom.children[0] is None:
            if before is None:
                raise InputError("nothing stands here", place=at(start(atom)))
            return None, 1
        inner = links(atom)
        if inner is not None and len(inner) == 1 and isinstance(inner[0], Tree) and inner[0].data == "scripted":
            merged = Tree("scripted", [*inner[0].children, *parts[k].children[1:]], parts[k].meta)
            return self.factor([*parts[:k], merged, *parts[k + 1 :]], k, before)
        return self.scripted_node(self.inner(atom), scripts, start(atom), span_of(parts[k])), 1

    def inner(self, tree: Any) -> Node:
        """What one argument or one pair of brackets holds."""
        if isinstance(tree, Token):
            return self.chain([Tree("scripted", [tree], _meta(tree))])
        if tree.data == "accent":
            return self.chain([Tree("scripted", [tree], tree.meta)])
        if tree.data in ("scripted", "call"):
            return self.chain([tree])
        cells = self.cells(tree)
        if len(cells) != 1:
            raise InputError("a comma stands where it cannot", place=at(start(tree)))
        return cells[0]

    def cells(self, tree: Any) -> list[Node]:
        """What stands between commas in brackets."""
        if tree.children[0] is None:
            raise InputError("nothing stands here", place=at(start(tree)))
        return [self.cell(c) for c in tree.children[0].children]

    def cell(self, tree: Any) -> Node:
        """An expression or a comparison."""
        if len(tree.children) == 1:
            return self.sum(tree.children[0])
        left, op, right, *more = tree.children
        if more or op.type == "LEADSTO":
            raise InputError(f"{shown(str(op))} stands where it cannot", place=at(start(op)))
        sign = "==" if op.type == "EQUAL" else _COMPARISONS[op.lstrip("\\")]
        return Compare(sign, self.sum(left), self.sum(right), span=span_of(tree))

    def condition(self, part: Any) -> Node | None:
        """The comparison in brackets, None where it is not one."""
        if not isinstance(part, Tree) or part.data != "scripted" or len(part.children) != 1:
            return None
        group = part.children[0]
        if not isinstance(group, Tree) or group.data not in ("group", "braces") or group.children[0] is None:
            return None
        cells = group.children[0].children
        return self.cell(cells[0]) if len(cells) == 1 and len(cells[0].children) == 3 else None

    def ones(self, parts: list[Any], k: int, scripts: Scripts, span: Span) -> tuple[Node, int]:
        """An indicator, or ones as the shapes want them."""
        if scripts.subs and isinstance(scripts.subs[0], Tree):
            found = self.condition(Tree("scripted", [scripts.subs[0]], scripts.subs[0].meta))
            if found is not None:
                return found, 1
        if k + 1 < len(parts) and (found := self.condition(parts[k + 1])) is not None:
            return found, 2
        node: Node = Call("ones", (Name("?"),), span=span)
        if any(not is_transposition(s) for s in scripts.sups) or scripts.subs or scripts.primes:
            raise InputError("ones take no scripts", place=at(span.start))
        return (Transpose(node, span=span) if scripts.sups else node), 1

    def compound(self, atom: Any, scripts: Scripts, span: Span) -> Node:
        """Brackets, fractions, roots, norms and letters with an accent."""
        match atom.data:
            case "group":
                cells = self.cells(atom)
                if len(cells) != 1 or isinstance(cells[0], Compare):
                    raise InputError("a bracket that is no factor", place=at(start(atom)))
                return self.scripted_node(cells[0], scripts, start(atom), span)
            case "accent":
                sign, over = atom.children
                token = single(over)
                if token is None:
                    raise InputError("an accent over more than a letter", place=at(start(over)))
                accent = {"widehat": "hat", "overline": "bar", "widetilde": "tilde"}.get(sign[1:], sign[1:])
                base = word(token) if accent == "vec" else rf"\{accent}{{{word(token)}}}"
                sym, turned = symbol(base, scripts, span)
                return Transpose(sym, span=span) if turned else sym  # type: ignore[arg-type,return-value]
            case "fraction":
                return self.scripted_node(self.fraction(atom, span), scripts, start(atom), span)
            case "root":
                return self.scripted_node(
                    Call("sqrt", (self.inner(atom.children[0 if len(atom.children) == 1 else 1]),), span=span),
                    scripts,
                    start(atom),
                    span,
                )
        if atom.data == "absolute":
            return self.scripted_node(Call("abs", (self.sum(atom.children[1]),), span=span), scripts, start(atom), span)
        squares: Node = Call("sum", (Binary("**", self.sum(atom.children[1]), Number("2"), span=span),), span=span)
        token = single(scripts.sups[0]) if scripts.sups else None
        if token is not None and token == "2":
            return squares
        if scripts.sups:
            raise InputError("a norm is squared or plain", place=at(start(atom)))
        return Call("sqrt", (squares,), span=span)

    def fraction(self, atom: Any, span: Span) -> Node:
        r"""A derivative of the loss, or a quotient."""
        above, below = atom.children[1], atom.children[2]
        tops, bottoms = links(above), links(below)
        if tops and bottoms and self.differential(tops[0]) and self.differential(bottoms[0]):
            if len(tops) != 2 or (len(links(bottoms[0]) or [0]) != 1):
                raise InputError("a derivative of what?", place=at(start(above)), allowed=r"\partial J")
            if not self.is_loss(tops[1]):
                return self.partial(tops[1:], bottoms[1:], span)
            return self.gradient(bottoms[1:], span)
        return Binary("/", self.inner(above), self.inner(below), span=span)

    @staticmethod
    def differential(link: Any) -> bool:
        r"""Whether a link is \partial or d."""
        token = single(link)
        return token is not None and word(token) in (r"\partial", "d")

    def is_loss(self, link: Any) -> bool:
        """Whether a link is a letter of the loss."""
        if not isinstance(link, Tree) or link.data != "scripted":
            return False
        token = single(link.children[0])
        return token is not None and word(token) in self.notation.loss

    def gradient(self, parts: list[Any], span: Span) -> Node:
        """The derivative of the loss with respect to a letter."""
        node = self.chain(parts) if parts else None
        turned = isinstance(node, Transpose)
        inside: Any = node.arg if isinstance(node, Transpose) else node
        if not isinstance(inside, Sym) or inside.power is not None:
            raise InputError("a derivative with respect to what?", place=at(span.start), allowed="dJ/dW")
        found: Any = replace(inside, gradient=True, span=span)
        return Transpose(found, span=span) if turned else found  # type: ignore[no-any-return]

    def partial(self, above: list[Any], below: list[Any], span: Span) -> Node:
        """A derivative between two letters of the forward map."""
        of, by = self.chain(above), self.chain(below) if below else None
        if not isinstance(of, Sym) or not isinstance(by, Sym):
            raise InputError("a derivative of what, with respect to what?", place=at(span.start), allowed="dJ/dW")
        if not of.subs or not by.subs:
            raise InputError("a derivative between whole vectors", place=at(span.start), allowed="between elements")
        return Partial(of, by, span=span)  # type: ignore[arg-type]

    def slashed_derivative(self, parts: list[Any], k: int, base: str) -> tuple[Node, int] | None:
        r"""``\partial J/\partial W``, ``dJ/dW`` and ``dW``."""
        if k + 4 < len(parts) and self.is_loss(parts[k + 1]) and isinstance(parts[k + 2], Token):
            if parts[k + 2] == "/" and self.differential(parts[k + 3]):
                return self.gradient([parts[k + 4]], Span(start(parts[k]), span_of(parts[k + 4]).end)), 5
        if base == "d" and k + 1 < len(parts) and len(parts[k].children) == 1 and isinstance(parts[k + 1], Tree):
            following = parts[k + 1].children[0]
            token = single(following) if parts[k + 1].data == "scripted" else None
            if token is not None and (word(token) in self.notation.families or word(token) in self.notation.fixed):
                return self.gradient([parts[k + 1]], Span(start(parts[k]), span_of(parts[k + 1]).end)), 2
        return None

    def nabla(self, parts: list[Any], k: int, scripts: Scripts, span: Span) -> tuple[Node, int]:
        r"""``\nabla_W J``."""
        if len(scripts.subs) != 1 or k + 1 >= len(parts) or not self.is_loss(parts[k + 1]):
            raise InputError("a gradient of what, with respect to what?", place=at(span.start), allowed=r"\nabla_W J")
        node: Any = self.gradient([Tree("scripted", [scripts.subs[0]], _meta(scripts.subs[0]))], span)
        turned = any(is_transposition(s) for s in scripts.sups)
        return (Transpose(node, span=span) if turned else node), 2

    def named(self, parts: list[Any], k: int, atom: Any, base: str, scripts: Scripts, span: Span) -> tuple[Node, int]:
        """A letter: a function with its argument, or a value."""
        following = parts[k + 1] if k + 1 < len(parts) else None
        argument = isinstance(following, Tree) and following.data == "scripted" and _is_group(following.children[0])
        function = base in self.notation.activations or base in self.notation.functions
        upright = atom.type == "WORD" and base not in self.known_words
        pattern = self.notation.patterns.get(base)
        if upright or (function and not pattern):
            if not argument or following is None:
                raise InputError(f"the function {base} has no argument", place=at(span.start), allowed=f"{base}(z)")
            return self.applied(base, scripts, following, span), 2
        if pattern and base == "f" and argument and following is not None:
            sym, turned = symbol(base, scripts, span)
            return sym, 2  # type: ignore[return-value]
        primes = primes_of(scripts)
        if primes:
            raise InputError(f"{shown(base)} is not a function", place=at(span.start))
        if atom.type == "LETTER" and base not in self.notation.loss and argument and not self.known(base):
            raise InputError(
                f"is {base} a function?", place=at(span.start), allowed=", ".join(self.notation.activations)
            )
        sym, turned = symbol(base, scripts, span)
        return (Transpose(sym, span=span) if turned else sym), 1  # type: ignore[arg-type,return-value]

    def known(self, base: str) -> bool:
        """Whether a letter is a value."""
        n = self.notation
        return base in n.families or base in n.fixed or base in n.patterns or base in self.known_words

    def applied(self, base: str, scripts: Scripts, following: Any, span: Span) -> Node:
        """A function with scripts of its own at an argument with scripts: ``g'^{(1)}(z)_i``."""
        layer = ""
        primes, power = primes_of(scripts), None
        for piece in (p for s in scripts.sups for p in pieces(s)):
            token = single(piece)
            found = layer_of(piece)
            if token is not None and word(token) == r"\prime":
                continue
            if found is None or found.letter or layer:
                raise InputError("a superscript that is neither a layer nor a prime", place=at(start(piece)))
            if isinstance(piece, Token) and base not in self.notation.activations:
                power = found.offset
            else:
                layer = str(found.offset)
        if scripts.subs and not layer and base in self.notation.activations:
            below = layer_of(scripts.subs[0])
            layer = str(below.offset) if below is not None and not below.letter else ""
        args = self.cells(following.children[0])
        name = _WORDS.get(base, base.lstrip("\\"))
        if base in self.notation.activations:
            name = f"g{layer}"
        elif base in self.notation.functions:
            name = self.notation.functions[base]
        after = scripts_of(following.children[1:])
        if after.subs:
            letters = subscripts(after.subs[0])
            args = [replace(a, subs=letters) if isinstance(a, Sym) and not a.subs else a for a in args]  # type: ignore[misc]
            if not any(isinstance(a, Sym) and a.subs == letters for a in args):
                raise InputError(
                    "an element of a formula", place=at(start(following)), allowed="indices at the letters"
                )
            after = replace(after, subs=())
        full = Span(span.start, span_of(following).end)
        node: Node = Call(name, tuple(args), primes, span=full)
        if power is not None:
            node = Binary("**", node, Number(str(power)), span=full)
        return self.scripted_node(node, after, start(following), full)

    def call(self, parts: list[Any], k: int) -> tuple[Node, int]:
        r"""``\tanh^2 a_1``, ``\ln \hat y``, ``\max(0, z)``."""
        tree = parts[k]
        function, *trees, argument = tree.children
        scripts, span = scripts_of(trees), span_of(tree)
        name = _COMMANDS.get(str(function), function[1:])
        if scripts.subs:
            raise InputError(f"{function} takes no subscript here", place=at(start(scripts.subs[0])))
        used, after = 1, Scripts()
        if _is_group(argument.children[0]):
            args, after = self.cells(argument.children[0]), scripts_of(argument.children[1:])
        else:
            one, taken = self.factor([argument, *parts[k + 1 :]], 0, None)
            if one is None:
                raise InputError("nothing stands here", place=at(start(argument)))
            args, used = [one], taken
            rest = parts[k + used] if k + used < len(parts) else None
            if isinstance(rest, Tree):
                raise InputError(f"where does the argument of {function} end?", place=at(start(rest)), allowed="( )")
        power = [single(p) for s in scripts.sups for p in pieces(s) if not _is_prime(p)]
        node: Node = Call(name, tuple(args), primes_of(scripts), span=span)
        if power:
            if len(power) > 1 or power[0] is None or not power[0].isdigit():
                raise InputError("a superscript that is no power", place=at(start(tree)))
            node = Binary("**", node, Number(str(power[0])), span=span)
        return self.scripted_node(node, after, start(argument), span), used

    def scripted_node(self, node: Node | None, scripts: Scripts, column: int, span: Span) -> Node:
        """An expression with a power, or transposed."""
        assert node is not None
        if scripts.subs or scripts.primes:
            raise InputError("an element of a formula", place=at(column), allowed="indices at the letters")
        for sup in scripts.sups:
            for piece in [sup] if layer_of(sup) is not None else pieces(sup):
                if is_transposition(piece):
                    node = transposed(node)
                    continue
                if isinstance(piece, Tree) and piece.data == "group":
                    raise InputError("a layer stands at a formula", place=at(start(piece)))
                node = Binary("**", node, self.inner(piece), span=span)
        return node


def _meta(tree: Any) -> Any:
    if isinstance(tree, Tree):
        return tree.meta
    made: Tree[Any] = Tree("scripted", [])
    made.meta.start_pos, made.meta.end_pos = tree.start_pos, tree.end_pos  # type: ignore[attr-defined]
    return made.meta


def left_cells(tree: Any) -> Any:
    """The left side of ``k=1`` as cells of its own."""
    return Tree("cells", [Tree("cell", [tree], tree.meta)], tree.meta)


def _is_group(tree: Any) -> bool:
    return isinstance(tree, Tree) and tree.data == "group"


def _is_prime(tree: Any) -> bool:
    token = single(tree)
    return token is not None and word(token) == r"\prime"


ReadSide = Callable[[Any], Node]
