"""Array operations -> Python text, laid out as ``ruff format`` would."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from symbp.codegen.array_calls import FUNCTIONS, METHODS
from symbp.codegen.nodes import Node

_COMPARE, _AND, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(1, 8)
_SIMPLE = re.compile(r"-?[A-Za-z_][A-Za-z0-9_.]*|-?[0-9.]+(e[+-]?[0-9]+)?")  # what ** is written close to
Printed = tuple[str, int]


class Printer:
    """Prints nodes; `names` gives the local variable of a tensor, and of a node that has been named."""

    def __init__(self, names: Mapping[str, str], temporaries: Mapping[Node, str]) -> None:
        self.names, self.temporaries = names, temporaries

    def text(self, node: Node) -> str:
        """The expression, without parentheses around it."""
        return self.printed(node)[0]

    def printed(self, node: Node) -> Printed:
        """The expression and how tightly it binds."""
        if node in self.temporaries:
            return self.temporaries[node], _ATOM
        return _PRINT[node.op](self, node)

    def at(self, node: Node, level: int) -> str:
        """The expression, in parentheses where it binds less tightly than `level`."""
        text, own = self.printed(node)
        return text if own >= level else f"({text})"


def _number(p: Printer, n: Node) -> Printed:
    value = n.data[0]
    if value in (math.inf, -math.inf):
        return ("np.inf", _ATOM) if value > 0 else ("-np.inf", _UNARY)
    text = repr(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
    return text, _UNARY if text.startswith("-") else _ATOM


def _call(name: str, *args: str) -> Printed:
    return f"{name}({', '.join(args)})", _ATOM


def _binary(sign: str, level: int, right: int) -> Callable[[Printer, Node], Printed]:
    def show(p: Printer, n: Node) -> Printed:
        return f"{p.at(n.args[0], level)} {sign} {p.at(n.args[1], right)}", level

    return show


def _product(sign: str) -> Callable[[Printer, Node], Printed]:
    """``*``, ``/`` and ``@`` bind alike; parentheses say which of them comes first where both kinds meet."""

    def show(p: Printer, n: Node) -> Printed:
        left = n.args[0]
        mixed = (left.op == "matmul") != (sign == "@") and left.op in ("mul", "div", "matmul")
        return f"{p.at(left, _UNARY if mixed else _PRODUCT)} {sign} {p.at(n.args[1], _UNARY)}", _PRODUCT

    return show


def _neg(p: Printer, n: Node) -> Printed:
    power = n.args[0].op == "pow" and n.args[0] not in p.temporaries
    return f"-{p.at(n.args[0], _ATOM if power else _UNARY)}", _UNARY


def _not(p: Printer, n: Node) -> Printed:
    inner = n.args[0]
    if inner.op == "greater" and inner not in p.temporaries:
        return f"{p.at(inner.args[0], _AND)} <= {p.at(inner.args[1], _AND)}", _COMPARE
    return f"~{p.at(inner, _UNARY)}", _UNARY


def _pow(p: Printer, n: Node) -> Printed:
    base, power = p.at(n.args[0], _ATOM), p.at(n.args[1], _UNARY)
    close = _SIMPLE.fullmatch(base) and _SIMPLE.fullmatch(power)
    return f"{base}**{power}" if close else f"{base} ** {power}", _POWER


def _transpose(p: Printer, n: Node) -> Printed:
    base = p.at(n.args[0], _ATOM)
    return f"{base}.T" if n.data == (1, 0) else f"{base}.transpose({', '.join(map(str, n.data))})", _ATOM


def _expand(p: Printer, n: Node) -> Printed:
    return f"{p.at(n.args[0], _ATOM)}[{', '.join('None' if i is None else ':' for i in n.data)}]", _ATOM


def _reduce(p: Printer, n: Node) -> Printed:
    base, places = p.at(n.args[0], _ATOM), n.data
    if len(places) == len(n.args[0].axes):
        return f"{base}.{n.op}()", _ATOM
    return f"{base}.{n.op}(axis={places[0] if len(places) == 1 else places})", _ATOM


def _einsum(p: Printer, n: Node) -> Printed:
    if n.data == ("ii->i",):
        return f"{p.at(n.args[0], _ATOM)}.diagonal()", _ATOM
    return _call("np.einsum", f'"{n.data[0]}"', *(p.text(a) for a in n.args))


def _broadcast(p: Printer, n: Node) -> Printed:
    shape = f"({', '.join(p.text(a) for a in n.args[1:])}{',' if len(n.args) == 2 else ''})"
    value = n.args[0]
    if value.op == "cast" and value.args[0].kind == "py":
        dtype = f"dtype={p.names[value.data[0]]}.dtype"
        if value.args[0].data == (0,):
            return _call("np.zeros", shape, dtype)
        return _call("np.full", shape, p.text(value.args[0]), dtype)
    return f"np.broadcast_to({p.text(value)}, {shape}).copy()", _ATOM


def _cast(p: Printer, n: Node) -> Printed:
    dtype = f"{p.names[n.data[0]]}.dtype"
    if n.args[0].kind == "py" and not n.args[0].axes:
        return _call(f"{dtype}.type", p.text(n.args[0]))
    return f"{p.at(n.args[0], _ATOM)}.astype({dtype})", _ATOM


def _function(p: Printer, n: Node) -> Printed:
    return FUNCTIONS[n.op](n.data, [p.text(a) for a in n.args]), _ATOM


def _method(p: Printer, n: Node) -> Printed:
    return METHODS[n.op](n.data, [p.at(n.args[0], _ATOM), *(p.text(a) for a in n.args[1:])]), _ATOM


_PRINT: dict[str, Callable[[Printer, Node], Printed]] = {
    "number": _number,
    "size": lambda p, n: (str(n.data[0]), _ATOM),
    "read": lambda p, n: (p.names[n.data[0]], _ATOM),
    "add": _binary("+", _SUM, _SUM),
    "sub": _binary("-", _SUM, _PRODUCT),
    "mul": _product("*"),
    "div": _product("/"),
    "matmul": _product("@"),
    "and": _binary("&", _AND, _SUM),
    "greater": _binary(">", _COMPARE, _AND),
    "equal": _binary("==", _COMPARE, _AND),
    "atmost": _binary("<=", _COMPARE, _AND),
    "neg": _neg,
    "not": _not,
    "pow": _pow,
    "call": lambda p, n: _call(n.data[0], *(p.text(a) for a in n.args)),
    "linalg": lambda p, n: _call(n.data[0], *(p.text(a) for a in n.args)),
    "along": lambda p, n: _call(n.data[0], p.text(n.args[0]), f"axis={n.data[1]}"),
    "where": lambda p, n: _call("np.where", *(p.text(a) for a in n.args)),
    "transpose": _transpose,
    "expand": _expand,
    "squeeze": lambda p, n: (f"{p.at(n.args[0], _ATOM)}[{', '.join([*':' * n.data[0], '0'])}]", _ATOM),
    "sum": _reduce,
    "max": _reduce,
    "prod": _reduce,
    "einsum": _einsum,
    "broadcast": _broadcast,
    **dict.fromkeys(FUNCTIONS, _function),
    **dict.fromkeys(METHODS, _method),
    "cast": _cast,
}
