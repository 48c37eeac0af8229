"""Runs lowered code; only tests do that."""

import math
from typing import Any

import numpy as np

from symbp.codegen import cody
from symbp.codegen.block import Block
from symbp.codegen.forms import HELPERS, with_dependencies
from symbp.notation.templates import environment


def helpers(names=HELPERS) -> dict[str, Any]:
    space: dict[str, Any] = {"np": np, "math": math, "Array": np.ndarray, "Any": Any}
    for name in with_dependencies(set(names)):
        exec(environment("numpy").get_template(f"helpers/{name}.py.jinja").render(cody=cody), space)
    return space


def run_block(block: Block, values: dict[str, Any]) -> dict[str, Any]:
    space = helpers(block.helpers)
    space |= {block.variables[n]: values[n] for n in block.inputs}
    exec("\n".join(block.lines), space)
    return {a.name: space[a.variable] for a in block.assignments}
