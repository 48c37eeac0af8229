"""A map that is not trained -> the source of a standalone NumPy module: what its template is given."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from symbp.calculus.program import Tensor
from symbp.codegen import cody
from symbp.codegen.block import Block
from symbp.codegen.forms import with_dependencies
from symbp.codegen.layout import WIDTH, command_lines, imports, row, safe, wrapped, written
from symbp.codegen.maps.draws import draws_of, lengths_of
from symbp.codegen.maps.parts import MapParts, map_parts
from symbp.network.forward import ForwardMap
from symbp.network.lengths import coded, in_order, names_of
from symbp.notation.templates import environment
from symbp.version import __version__


def map_source(forward: ForwardMap, dtype: str, command: str | None) -> str:
    """The source of a map's module.

    Parameters
    ----------
    dtype : what is computed in where no argument is of a floating type
    command : the command that makes the module again, for its header

    Raises
    ------
    InputError : where a function has no definition or no form in NumPy
    """
    made = map_parts(forward)
    context = {
        **_header(made, command),
        **_functions(made),
        **_check(made),
        "dtype": dtype,
        "helpers": with_dependencies({*made.forward.helpers, *made.backward.helpers}),
        "cody": cody,
    }
    templates = environment("numpy")
    body = templates.get_template("map.py.jinja").render(context)
    head = templates.get_template("header.py.jinja")
    context["ambiguous"] = bool(re.search(r"^ +[lOI] = |[(, ][lOI]: ", body, re.MULTILINE))
    return (
        head.render(
            {**context, "imports": imports(body), "abstract": "Mapping, Sequence" if context["several"] else "Mapping"}
        )
        + body
    )


def _header(made: MapParts, command: str | None) -> dict[str, Any]:
    forward = made.derivation.map
    results, arguments = (", ".join(t.name for t in some) for some in (made.results, made.arguments))
    lines = command_lines(command or "symbp.generate(map)")
    about = [
        ("arguments", ", ".join(_shaped(made, made.arguments))),
        ("results" if len(made.results) > 1 else "result", ", ".join(_shaped(made, made.results))),
    ]
    upstream = " and ".join(t.name for t in made.upstreams)
    of = (
        f"the sum of the results times their upstreams {upstream}"
        if made.results[1:]
        else f"what {upstream} comes from"
    )
    reading = (
        "Shapes are given by the names of axes; the same name means the same length. Above each block of code stands the "
        f"equation that it implements; d<name> is the derivative of {made.results[0].name if made.scalar else of}."
    )
    return {
        "title": f"{safe(forward.source.name) or f'{results} of {arguments}'} and its gradients",
        "version": __version__,
        "about": [line for name, value in about for line in wrapped(f"{name}: {value}", "")],
        "command": lines,
        "long": any(len(line) > WIDTH for line in lines),
        "reading": textwrap.wrap(reading, WIDTH - 4),
    }


def _shaped(made: MapParts, tensors: Iterable[Tensor]) -> list[str]:
    """Tensors with the names of their axes, as a shape is written: ``x (n, d)``; a number has none."""
    shapes = [(t.name, made.shape(t)) for t in tensors]
    return [f"{n} ({', '.join(axes)}{',' if len(axes) == 1 else ''})" if axes else n for n, axes in shapes]


def _functions(made: MapParts) -> dict[str, Any]:
    names = {**made.forward.variables, **made.backward.variables}
    forward, tensors = made.derivation.map, made.derivation.program.tensors
    own = [t for t in made.arguments if t.name not in forward.defaults]
    taken = [
        *(f"{names[t.name]}: {'Array' if made.shape(t) else 'Any'}" for t in own),
        *(f"{n}: float = {float(v)!r}" for n, v in forward.defaults.items()),
    ]
    results, upstreams = [names[t.name] for t in made.results], [names[t.name] for t in made.upstreams]
    several = len(results) > 1
    result = "float" if made.scalar else f"tuple[{', '.join('Array' for _ in results)}]" if several else "Array"
    value = results[0]
    whole = [f"{v}{made.view(t, 'None')}" for v, t in zip(results, made.results, strict=True)]
    outside = (*made.arguments, *made.results, *made.upstreams)
    known = {t.name: made.shape(t) for t in (*outside, *(tensors[n] for n in made.cache))}
    known |= {v: tuple(a.name for a in k.axes) for v, k in made.shared.items()}
    sizes = {a.name: n for a, n in forward.sizes.items()} | ({"1": 1} if any(map(made.ones, outside)) else {})
    kept = [*((n, names[n]) for n in made.cache), *((n, n) for n in made.shared)]
    rules = {a.name: rule for a, rule in forward.follows.items()}
    shown = {a.name: f"{names[t.name]}.shape[{k}]" for t in made.results for k, a in enumerate(t.axes)}
    lengths = [f'"{axis}": {shown[axis]}' for axis in rules if axis in shown]
    back = ["cache: Mapping[str, Any]"]
    back += (
        ["upstreams: Sequence[Any]"]
        if several
        else [f"{names[t.name]}: {'Array' if made.shape(t) else 'Any'}" for t in made.upstreams]
    )
    return {
        "axes": [(name, _quoted(axes)) for name, axes in known.items()],
        "sizes": [*sizes.items()],
        "rules": [(axis, [*names_of(rules[axis])], _rule(rules[axis])) for axis in in_order(rules)],
        "whole": [(t.name, f'"{made.whole[t.name].name}"') for t in made.arguments if t.integer],
        "ones": "1" in sizes,
        "scalar": made.scalar,
        "several": several,
        "value": value,
        "forward": {
            "head": row("def forward(", taken, f") -> tuple[{result}, dict[str, Any]]:"),
            "doc": _doc(
                f"{' and '.join(_shaped(made, made.results))}, and a cache of what :func:`backward` needs.",
                "; ".join(_told(t, made) for t in sorted(made.arguments, key=lambda t: t.name in forward.defaults))
                + ".",
                "All is computed in the floating type of the arguments. ValueError: one whose shape does not fit.",
            ),
            "taken": _taken(own, names) + _squeezed(made, own, names),
            "code": _code(made.forward, results, {names[t.name] for t in own}),
            "returned": f"float({value})" if made.scalar else f"({', '.join(whole)})" if several else whole[0],
        },
        "backward": {
            "head": row("def backward(", back, ") -> dict[str, Array]:"),
            "doc": _backward_doc(made),
            "taken": (_upstreams(made, upstreams) if several else _taken(made.upstreams, names, ", cache"))
            + _squeezed(made, made.upstreams, names),
            "reads": [*(f'{v} = cache["{n}"]' for n, v in kept if n not in made.shared), *_shared(made)],
            "code": _code(made.backward, [names[g] for _, g in made.gradients], {*upstreams, *(v for _, v in kept)}),
        },
        "value_and_grad": {
            "head": row("def value_and_grad(", taken, ") -> tuple[float, dict[str, Array]]:"),
            "doc": _doc(f"{value}, and its gradient as :func:`backward` gives it."),
            "call": row(f"{value}, cache = forward(", [*(names[t.name] for t in own), *forward.defaults], ")", 4),
        },
        "cache": [*kept, *([("lengths", f"{{{', '.join(lengths)}}}")] if lengths else [])],
        "gradients": [(n, names[g] + made.view(tensors[n], "None")) for n, g in made.gradients],
        "kind": f"tuple[{result}, dict[str, Any]]",
        "call": row("return forward(", [f'given["{t.name}"]' for t in own], ")", 8),
    }


def _rule(text: str) -> str:
    """A length that follows from others, in terms of those that a module's arguments show."""
    return coded(text, {name: f'lengths["{name}"]' for name in names_of(text)}).replace("'", '"')


def _shared(made: MapParts) -> list[str]:
    """The lines that take out of the cache what has no name of its own, with what it is."""
    lines = {f'{v} = cache["{v}"]': k.text for v, k in made.shared.items()}
    return [f"{line}  # {text}" if len(line) + len(text) < WIDTH - 8 else line for line, text in lines.items()]


def _code(block: Block, returned: Sequence[str], outside: set[str]) -> list[dict[str, list[str]]]:
    """The assignments; what is returned is copied where it is, or looks at, an array of the caller's or another one returned."""
    made = []
    for a in block.assignments:
        shown = written(a)
        found = re.fullmatch(
            rf"{a.variable} = (\w+)(\.T|\.diagonal\(\)|\.transpose\([\d, ]+\)|\[[^\[\]]+\])?", a.lines[-1]
        )
        if a.variable in returned and found and found[1] in outside | {*returned}:
            shown["lines"][-1] += ".copy()"
        made.append(shown)
    return made


def _doc(first: str, *rest: str) -> list[str]:
    """The lines of a docstring, a paragraph each of what follows the first."""
    lines = textwrap.wrap(f'"""{first}', WIDTH - 8)
    for text in rest:
        lines += ["", *textwrap.wrap(text, WIDTH - 8)]
    return [*lines[:-1], f'{lines[-1]}"""'] if not rest else [*lines, '"""']


def _backward_doc(made: MapParts) -> list[str]:
    every = "every argument" + (" that has no default" if made.derivation.map.defaults else "")
    if made.scalar:
        return _doc(
            f"The gradient of {made.results[0].name} with respect to {every}, of what :func:`forward` has kept."
        )
    several = len(made.upstreams) > 1
    told = ", ".join(_shaped(made, made.upstreams))
    return _doc(
        f"The gradients with respect to {every}, of what :func:`forward` has kept and the upstream{'s' * several}.",
        f"{told}: what comes from behind {'each result' if several else 'the result'}. ValueError: a shape that does not fit.",
    )


def _told(t: Tensor, made: MapParts) -> str:
    if t.integer:
        return f"{_shaped(made, [t])[0]}, whole numbers below the length of {made.whole[t.name].name}"
    if t.name in made.derivation.map.defaults:
        return f"{t.name}, a number that is not differentiated"
    return _shaped(made, [t])[0] if made.shape(t) else f"{t.name}, a number"


def _taken(tensors: Sequence[Tensor], names: Mapping[str, str], cache: str = "") -> list[str]:
    """The lines that check arguments and make them arrays."""
    if not tensors:
        return []
    left = ", ".join(names[t.name] for t in tensors)
    items = [f'"{t.name}": {names[t.name]}' for t in tensors]
    one = f"{left if tensors[1:] else f'({left},)'} = _arrays({{{', '.join(items)}}}{cache})"
    if len(one) <= WIDTH - 4:
        return [one]
    last = f"{left} = _arrays(given{cache})"
    wide = [last] if len(last) <= WIDTH - 4 else row("(", left.split(", "), f") = _arrays(given{cache})", 4)
    return ["given: dict[str, npt.ArrayLike] = {", *(f"    {item}," for item in items), "}", *wide]


def _squeezed(made: MapParts, tensors: Iterable[Tensor], names: Mapping[str, str]) -> list[str]:
    """The lines that take axes of length 1 away."""
    return [f"{names[t.name]} = {names[t.name]}{made.view(t, '0')}" for t in tensors if made.ones(t)]


def _upstreams(made: MapParts, variables: list[str]) -> list[str]:
    """The lines that take several upstreams apart."""
    count, told = len(variables), ", ".join(_shaped(made, made.upstreams))
    return [
        f"if len(upstreams) != {count}:",
        *(
            "    " + line
            for line in row("raise ValueError(", [f'f"{{len(upstreams)}} upstreams, expected {count}: {told}"'], ")", 8)
        ),
        f"given = dict(zip({_quoted(t.name for t in made.upstreams)}, upstreams, strict=True))",
        f"{', '.join(variables)} = _arrays(given, cache)",
    ]


def _quoted(names: Iterable[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return f"({', '.join(quoted)}{',' if len(quoted) == 1 else ''})"


def _check(made: MapParts) -> dict[str, Any]:
    d = made.derivation
    own = [t for t in made.arguments if t.name not in d.map.defaults]
    lengths = lengths_of(d.program, d.map.sizes, d.map.follows)
    fixed = {n: float(v) for n, v in d.map.defaults.items()}
    draws, inside = draws_of(d.program, own, lengths, fixed, made.whole)
    why = "there is no finite value"
    if not inside:
        why += " there, and when this module was generated no arguments were found where there is one"
    return {
        "draws": [
            (t.name, draws[t.name].code([lengths[a] for a in t.axes], lengths) + made.view(t, "None")) for t in own
        ],
        "trouble": why,
    }
