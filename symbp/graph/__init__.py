"""Backpropagation node by node: a scalar expression as a graph of elementary gates, with values and gradients."""
