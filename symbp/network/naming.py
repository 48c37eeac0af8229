"""The names of a network's tensors: W1, b1, z1, a1 counting parameterised layers; delta1 = dJ/dz1 and e1 = dJ/da1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symbp.calculus.language import valid_name
from symbp.catalogue.kinds import LayerKind
from symbp.errors import InputError


class Namer:
    """Hands out names in the order of the layers; the output of the last of `layers` layers is yhat, of none where it is 0.

    `reserved` are names that are taken, `own` those that somebody has given to layers: nothing else gets one of these.
    """

    def __init__(self, layers: int, reserved: Iterable[str] = (), own: Iterable[str] = ()) -> None:
        self._left, self._number = layers, 0
        self._numbers: dict[str, int] = {}
        self._own = frozenset(own)
        self._used: set[str] = {"x", "y", "J", "yhat", *reserved}
        self.suffix = "0"
        self.adjoint: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        self.activations: dict[str, str] = {}
        self._pre: dict[str, str] = {}

    def activation(self, own: str, source: str) -> str:
        """The name of the output of an activation of the tensor `source`."""
        number = self._numbers.get(source, 0)
        usual = f"a{number}"
        name = self._output(usual, own, number)
        self._behind(name, source)
        if source in self._pre:
            self.activations.setdefault(self._pre[source], name)
        if name == usual or self.aliases.get(usual) == name:
            self.adjoint[name] = f"e{number}"
        return name

    def layer(self, kind: LayerKind, own: str, source: str, shared: Mapping[str, str]) -> dict[str, str]:
        """The network's names for a layer's own: its output and its parameters, those of another layer where they are `shared`.

        `source` is what the layer reads, empty where it reads several.
        """
        if kind.activation:
            return {self._result(kind): self.activation(own, source)}
        if kind.parameters:
            self._number += 1
        self.suffix = str(self._number)
        own_letter = kind.joins or kind.recurrent
        word = self._result(kind) if own_letter else "z" if kind.parameters else kind.name
        usual = f"{word}{self._number}"
        output = self._output(usual, own, self._number)
        if kind.parameters:
            self._pre[output] = output
            if output == usual and word == "z":
                self.adjoint[output] = f"delta{self._number}"
        else:
            self._behind(output, source)
        names = {self._result(kind): output, **shared}
        defined = [line.split("=")[0].split("[")[0].strip() for line in kind.forward]
        for p in (*kind.parameters, *kind.noise, *kind.states, *(d for d in defined if d not in names)):
            if p not in names:
                names[p] = self._fresh(f"{own}_{p}" if own else self._free(f"{p}{self._number}"))
        if kind.recurrent and defined[0] == "z" and names["z"] == f"z{self._number}":
            self.adjoint[names["z"]] = f"delta{self._number}"  # what a recurrence begins with is its pre-activation
        for p in kind.states:
            names[f"{p}_next"] = self._fresh(f"{names[p]}_next")
        return names

    def _behind(self, name: str, source: str) -> None:
        """What stands behind a pre-activation without parameters between them stands for it."""
        if source in self._pre:
            self._pre[name] = self._pre[source]

    @staticmethod
    def _result(kind: LayerKind) -> str:
        return kind.output.split("[")[0].strip()

    def _output(self, usual: str, own: str, number: int) -> str:
        name = self._named(usual, own)
        self._numbers[name] = number
        return name

    def _named(self, usual: str, own: str) -> str:
        self._left -= 1
        if own:
            valid_name(own, "layer name")
        if self._left == 0:
            if own:
                self._fresh(own)
                self.aliases[own] = "yhat"
            if usual not in self._used:
                self.aliases[usual] = "yhat"
            return "yhat"
        if own:
            self.aliases.setdefault(usual, own)
            return self._fresh(own)
        return self._fresh(self._free(usual))

    def loss(self, of: str) -> str:
        """The name of one of several losses."""
        return self._fresh(self._free(f"J_{of}"))

    def term(self, number: int) -> str:
        """The name of what one weight adds to the loss."""
        return self._fresh(self._free(f"R{number}"))

    def _free(self, usual: str) -> str:
        name, again = usual, 1
        while name in self._used or name in self._own:
            again += 1
            name = f"{usual}_{again}"
        return name

    def _fresh(self, name: str) -> str:
        if name in self._used:
            raise InputError(f"the name {name} is used twice")
        self._used.add(name)
        return name
