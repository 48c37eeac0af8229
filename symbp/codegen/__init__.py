"""From a derivation to code: programs lowered to array operations, laid out as a module."""

from symbp.codegen.module import explain, generate

__all__ = ["explain", "generate"]
