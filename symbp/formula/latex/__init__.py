"""Equations in LaTeX into the syntax tree, with letters that are not yet looked up."""
