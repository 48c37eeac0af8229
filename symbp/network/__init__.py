"""Forward maps of every origin: networks and their architectures, what they compute, and its derivation."""

from symbp.network.layers import Layer, LossTerm, Optimizer, layer
from symbp.network.network import Network

__all__ = ["Layer", "LossTerm", "Network", "Optimizer", "layer"]
