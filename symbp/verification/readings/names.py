"""Letters of a LaTeX claim looked up in a notation and a network: which tensor, which layer, which element."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from symbp.errors import InputError
from symbp.formula.latex.equation import Equation
from symbp.formula.latex.parse import at
from symbp.formula.latex.reader import Reader, Sides
from symbp.formula.latex.symbols import POWER
from symbp.formula.syntax import Binary, Compare, Gradient, Name, Node, Number, Read, Sym, Transpose
from symbp.network.forward import BATCH
from symbp.notation import Notation
from symbp.verification.meaning.setting import Known, Setting
from symbp.verification.readings.indices import Context, kronecker, matched, opened, padded

_NAMES = {r"\pi": "pi", r"\varepsilon": "epsilon"}


@dataclass(frozen=True)
class Vocabulary:
    """A notation for one network; `setting` is that of one example, `alone` says that claims are about one and its loss, and
    `likelihood` is the letter of the log-likelihood, with whether it is summed over the examples; `own`
    says that derivatives by what every example has are those of its own loss. `dropped` says where transposes of vectors were
    seen left out, if they were."""

    notation: Notation
    setting: Setting
    alone: bool = False
    likelihood: tuple[str, bool] | None = None
    own: bool = False
    dropped: str = ""

    @cached_property
    def depth(self) -> int:
        """The number of the last layer."""
        return max((int(m[1]) for n in self.setting.known if (m := re.fullmatch(r"[Wza](\d+)", n))), default=0)

    @cached_property
    def vectors(self) -> bool:
        """Whether the input has more than one unit, as far as that is known."""
        x = self.setting.known.get("x")
        return x is None or any(self.setting.sizes.get(a, 2) > 1 for a in x.tensor.axes if a is not BATCH)

    @cached_property
    def words(self) -> frozenset[str]:
        """Names that a word may be."""
        return frozenset(n for n in (*self.setting.known, *self.setting.lengths))

    def reader(self) -> Reader:
        """A reader of one equation."""
        return Reader(self.notation, self.words, depth=self.depth, vectors=self.vectors)

    def read(self, equation: Equation) -> Sides:
        """An equation as a typed tree; InputError where it cannot be read."""
        return self.reader().sides(equation)

    def known(self, name: str, gradient: bool = False) -> Known | None:
        """The tensor behind a name."""
        return self.setting.resolve(name, gradient)

    def name(self, sym: Sym, layer: int | None) -> str:
        """The network's name for a letter at a layer."""
        n = self.notation
        if sym.owner:
            return f"{sym.owner}_{n.families.get(sym.base) or _plain(sym.base)}"
        if sym.base in n.families and layer is not None:
            return f"{n.families[sym.base]}{layer}"
        if sym.base in n.fixed and layer is None:
            return n.fixed[sym.base]
        if sym.base in n.loss and layer is None and not self.plain(sym):
            return self.setting.loss
        base = _plain(sym.base)
        if base == "lambda" and self.known(base) is None:
            rates = [r for r in ("l1", "l2") if self.known(r) is not None]
            if layer in (1, 2):
                return f"l{layer}"
            if len(rates) == 1:
                return rates[0]
        if layer is not None and self.known(f"{base}{layer}") is None and self.known(f"{base}_{layer}") is not None:
            return f"{base}_{layer}"
        return base if layer is None else f"{base}{layer}"

    def single(self, sym: Sym, layer: int | None) -> bool:
        """Whether a letter is a small w of a layer with one unit, which many write as a column."""
        if (
            sym.base not in ("w", r"\theta")
            or layer is None
            or self.notation.from_to
            or self.notation.families.get("w") != "W"
        ):
            return False
        known = self.known(f"W{layer}")
        if sym.base == r"\theta" and known is not None:
            return True  # of one layer, a column for each unit or a row
        return known is not None and self.setting.sizes.get(known.tensor.axes[0]) == 1

    def plain(self, sym: Sym) -> bool:
        """Whether a letter is a name of the network's as it stands."""
        return self.known(_plain(sym.base)) is not None


def _plain(base: str) -> str:
    r"""A letter as a name: ``\gamma`` is gamma, ``\tilde{c}`` is ctilde."""
    base = _NAMES.get(base, base)
    accent = re.fullmatch(r"\\([a-z]+)\{(.*)\}", base)
    return _plain(accent[2]) + accent[1] if accent else base.lstrip("\\")


Key = tuple[str, tuple[str, ...], bool]
Assignment = Mapping[Key, int]


def key_of(sym: Sym, context: Context) -> Key:
    """What must be of the same layer: the same letter, with the same indices."""
    return sym.base, context.indices(sym), sym.gradient


@dataclass(frozen=True)
class Lookup:
    """Looks letters up, given numbers for the layers that letters stand for and for those left out."""

    vocabulary: Vocabulary
    context: Context
    values: Mapping[str, int]
    implied: Assignment
    columns: bool = False

    def layer(self, sym: Sym) -> int | None:
        """The layer of a letter, None where it has none."""
        said = self.context.layer(sym)
        if said is not None:
            return said.number(self.values)
        return self.implied.get(key_of(sym, self.context))

    def node(self, sym: Sym) -> Node:
        """The network's tensor or element that a letter stands for."""
        n = self.vocabulary.notation
        if n.patterns.get(sym.base) is not None:
            return self.patterned(sym)
        raised = self.raised(sym)
        if raised is not None:
            return raised
        layer, subs = self.layer(sym), self.context.indices(sym)
        self.check_layer(sym, layer)
        if sym.base in n.loss and subs in (("i",), ("n",), (n.example,)):
            subs = ()
        name = self.vocabulary.name(sym, layer)
        if self.vocabulary.known(name) is None and sym.base not in n.families:
            if layer is not None and sym.layer is not None and sym.bare:
                raise self.layer_or_power(sym, layer)
            if subs and sym.base not in n.fixed and all(c.isdigit() for c in subs):
                name, subs = name + "".join(subs), ()
        of: Name | Gradient = Gradient(name, span=sym.span) if sym.gradient else Name(name, span=sym.span)
        known = self.vocabulary.known(name, sym.gradient)
        turned = n.from_to and known is not None and len(known.tensor.axes) == 2 and BATCH not in known.tensor.axes
        turned = turned or (self.columns and not self.context.indexed and self.vocabulary.single(sym, layer))
        if not self.context.indexed or (known is None and not subs):
            return Transpose(of, span=sym.span) if turned else of
        letters = subs[::-1] if turned and len(subs) == 2 else subs
        letters = letters if known is None else self.letters(sym, known, subs, letters)
        return Read(of, letters, span=sym.span) if letters else of

    def raised(self, sym: Sym) -> Node | None:
        """A letter with a power, or a Kronecker delta; None where it is neither."""
        n = self.vocabulary.notation
        if sym.power is not None and self.context.powers:
            return _power(sym, self.node(replace(sym, power=None)), sym.power)
        if kronecker(n, sym):
            return Compare("==", *(Name(c, span=sym.span) for c in sym.subs), span=sym.span)
        if n.spelled and sym.layer is not None and sym.bare and not sym.layer.letter:
            return self.power(sym, sym.layer.offset)
        power = self.powered(sym)
        if power is None and sym.power is not None and sym.layer is not None and not sym.bare:  # {a^{(1)}}^{2}
            return _power(sym, self.node(replace(sym, power=None)), sym.power)
        return power

    def check_layer(self, sym: Sym, layer: int | None) -> None:
        """InputError where a letter lacks its layer, or what may be one may be a power."""
        n, where = self.vocabulary.notation, at(sym.span.start)
        if (
            sym.base in n.families
            and layer is None
            and not sym.owner
            and not (sym.base in n.fixed or self.vocabulary.plain(sym))
        ):
            raise InputError(f"{sym.base} of which layer?", place=where)
        if sym.power is not None:
            raise InputError("a layer, or a power?", place=where, allowed=f"({sym.base})^{{{sym.power}}}")
        if sym.base in n.fixed and sym.base not in n.families and layer is not None:
            raise self.layer_or_power(sym, layer)

    @staticmethod
    def layer_or_power(sym: Sym, layer: int) -> InputError:
        """The error for a number above a letter that has no layers."""
        message, allowed = f"{sym.base}^{layer}: a layer, or a power?", f"({sym.base})^{layer}"
        return InputError(message, place=at(sym.span.start), allowed=allowed)

    def letters(self, sym: Sym, known: Known, subs: tuple[str, ...], letters: tuple[str, ...]) -> tuple[str, ...]:
        """The indices of an element of a known tensor, ``*`` for one that is left open; `subs` are those that are written."""
        n, setting = self.vocabulary.notation, self.vocabulary.setting
        axes = tuple(a for a in known.tensor.axes if a is not BATCH or not sym.example)
        letters = opened(setting, axes) if not subs and axes else padded(setting, axes, letters)
        several = len(letters) == 2 and len(subs) == 2 and n.families.get(sym.base) != "W"
        if self.context.example_last and several and not sym.example:
            letters = letters[::-1]  # a column for each example
        if len(axes) == 2 and len(letters) == 1 and sym.base == "w":
            if n.from_to:
                message = f"{sym.base}_{letters[0]}: the weights into unit {letters[0]}, or out of it?"
                raise InputError(message, place=at(sym.span.start), allowed="both indices")
            letters = (*letters, "*")  # the weights into a unit
        elif (
            n.spelled and len(axes) == 2 and len(letters) == 1 and letters[0].rstrip("'").isalpha()
        ):  # of a problem, an example
            letters = (*letters, "*") if setting.layout == "rows" else ("*", *letters)
        return (sym.example, *letters) if sym.example else letters

    def power(self, sym: Sym, exponent: int) -> Node:
        """``x_i^2`` where nothing has layers; of what has axes the shapes decide."""
        inner = self.node(replace(sym, layer=None, bare=False))
        return Binary(POWER, inner, Number(str(exponent)), span=sym.span)

    def powered(self, sym: Sym) -> Node | None:
        """The target, the prediction or the letter of a single layer with a power, which have no layers where layers stand in
        brackets; else None."""
        n = self.vocabulary.notation
        name = n.fixed.get(sym.base, "")
        without = name in ("y", "yhat") or name[-1:].isdigit()
        if not without or sym.base in n.families or not sym.bare or sym.layer is None:
            return None
        if sym.layer.letter or n.style == "{}" or self.context.bare:
            return None
        return _power(sym, self.node(replace(sym, layer=None, bare=False)), sym.layer.offset)

    def patterned(self, sym: Sym) -> Node:
        """An element written as the notation writes it."""
        layer = self.context.layer(sym)
        power = layer.offset if layer is not None and sym.bare and not layer.letter else sym.power
        if power is not None:  # no letter of this notation has a layer
            return _power(sym, self.patterned(replace(sym, layer=None, bare=False, power=None)), power)
        n = self.vocabulary.notation
        for p in n.patterns[sym.base]:
            found = matched(n, p.scripts, sym.subs)
            if found is not None and layer is None:
                letters = tuple(found.get(c, c) for c in p.letters)
                if self.context.examples and p.tensor[0] not in "Wb":
                    letters = (n.example, *letters)
                of = Gradient(p.tensor, span=sym.span) if sym.gradient else Name(p.tensor, span=sym.span)
                return Read(of, letters, span=sym.span)
        if kronecker(n, sym):
            return Compare("==", *(Name(c, span=sym.span) for c in sym.subs), span=sym.span)
        forms = ", ".join(f"{sym.base}_{{{p.scripts}}}" for p in n.patterns[sym.base])
        raise InputError(f"{sym.base} with these scripts", place=at(sym.span.start), allowed=forms)


def _power(sym: Sym, base: Node, exponent: int) -> Node:
    """A power of what a letter stands for."""
    return Binary(POWER, base, Number(str(exponent), span=sym.span), span=sym.span)
