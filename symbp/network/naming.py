"""The names of a network's tensors: W1, b1, z1, a1 counting parameterised layers; delta1 = dJ/dz1 and e1 = dJ/da1."""

from __future__ import annotations

from collections.abc import Iterable

from symbp.calculus.language import valid_name
from symbp.catalogue.kinds import LayerKind
from symbp.errors import InputError


class Namer:
    """Hands out names in the order of the layers; the output of the last layer is yhat."""

    def __init__(self, layers: int, reserved: Iterable[str] = ()) -> None:
        self._left, self._number = layers, 0
        self._used: set[str] = {"x", "y", "J", "yhat", *reserved}
        self.suffix = "0"
        self.adjoint: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        self.activations: dict[str, str] = {}
        self._pre = ""

    def activation(self, own: str = "") -> str:
        """The name of the output of an activation."""
        usual = f"a{self._number}"
        name = self._output(usual, own)
        if self._pre and self._pre not in self.activations:
            self.activations[self._pre] = name
        if name == usual or self.aliases.get(usual) == name:
            self.adjoint[name] = f"e{self._number}"
        return name

    def layer(self, kind: LayerKind, own: str = "") -> dict[str, str]:
        """The network's names for a layer's own: its output and its parameters."""
        if kind.activation:
            return {self._result(kind): self.activation(own)}
        if kind.parameters:
            self._number += 1
        self.suffix = str(self._number)
        usual = f"z{self._number}" if kind.parameters else f"{kind.name}{self._number}"
        output = self._output(usual, own)
        if kind.parameters:
            self._pre = output
            if output == usual:
                self.adjoint[output] = f"delta{self._number}"
        names = {self._result(kind): output}
        defined = [line.split("=")[0].split("[")[0].strip() for line in kind.forward]
        for p in (*kind.parameters, *kind.noise, *(d for d in defined if d not in names)):
            names[p] = self._fresh(f"{own}_{p}" if own else self._free(f"{p}{self._number}"))
        return names

    @staticmethod
    def _result(kind: LayerKind) -> str:
        return kind.output.split("[")[0].strip()

    def _output(self, usual: str, own: str) -> str:
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

    def term(self, number: int) -> str:
        """The name of what one weight adds to the loss."""
        return self._fresh(self._free(f"R{number}"))

    def _free(self, usual: str) -> str:
        name, again = usual, 1
        while name in self._used:
            again += 1
            name = f"{usual}_{again}"
        return name

    def _fresh(self, name: str) -> str:
        if name in self._used:
            raise InputError(f"the name {name} is used twice")
        self._used.add(name)
        return name
