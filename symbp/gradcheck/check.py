"""check_gradient: a hand-written gradient held against the function it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from symbp.errors import InputError
from symbp.gradcheck.arrays import gradients, objective
from symbp.gradcheck.directions import explore, search
from symbp.gradcheck.entries import choose, examine
from symbp.gradcheck.judge import Finding, judge
from symbp.gradcheck.point import Point, noise, point, steady, value
from symbp.gradcheck.report import GradientReport

PARTS = 8  # parts of a direction tried, for each entry that may be measured, in search of kinks and wrong entries


def check_gradient(
    f: Callable[..., Any],
    grad: Any,
    /,
    *arrays: Any,
    limit: int = 64,
    directions: int = 3,
    seed: int = 0,
    raise_on_error: bool = False,
    **named: Any,
) -> GradientReport:
    """Say whether `grad` is the gradient of the scalar function `f` at the given arrays, and what is wrong where it is not.

    The Taylor remainder along random directions, for each array and for all together, and then the entries one by one by
    extrapolated central differences. Kinks (relu at 0, ties of a maximum) are recognised, and any value between the
    one-sided slopes is accepted there. In float64 a relative error of 1e-4 is found wherever f's own rounding allows it.

    Parameters
    ----------
    f : called as f(*arrays, **named); returns one real number
    grad : called in the same way, or its result: an array for one array; a tuple or list in the order of the arrays; or a
        dict by name, for W "W" or "dW" (other keys are left alone)
    arrays, named : the arrays to differentiate by, of any shapes, floating-point. Arrays passed by position take the names
        of f's parameters. `limit`, `directions`, `seed` and `raise_on_error` cannot be names of arrays
    limit : the most entries measured in one array; in a larger one they are chosen at random, and the directions cover
        the rest
    directions : the number of random directions for each array and for all together
    seed : for the random choices
    raise_on_error : raise AssertionError with the report's text unless the gradient is correct

    Returns
    -------
    GradientReport, true only if the verdict is "correct". "undecided" is said where f is too rough or too coarsely rounded.

    Raises
    ------
    InputError (a ValueError) : f or grad cannot be used: no scalar, shapes that do not fit, NaN, integers, values that
        differ from call to call, arrays changed in place; names the culprit

    >>> import numpy as np
    >>> x = np.array([1.0, 2.0])
    >>> print(check_gradient(lambda x: np.sum(x**2), lambda x: x, x).cause)
    the gradient of x is half of what it should be
    """
    for name, number in (("limit", limit), ("directions", directions)):
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise InputError(f"{name} is {number!r}", allowed="a whole number from 1 up")
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise InputError(f"seed is {seed!r}", allowed="a whole number from 0 up")
    given = objective(f, arrays, named)
    rng = np.random.default_rng(seed)
    base, unsteady, eps = value(given)
    slopes = gradients(grad, given)
    with np.errstate(all="ignore"):
        here = point(given, base, max(unsteady, noise(given, base, eps, rng)), eps, slopes)
        findings = [_find(here, k, limit, directions, rng) for k in range(len(given.names))]
        for finding in findings:
            here = here.without(finding.array, finding.kinks)
        together = explore(here, range(len(findings)), directions, rng) if len(findings) > 1 else []
        steady(base, given.at(given.arrays), eps)
        report = judge(here, findings, together, seed)
    if raise_on_error and not report.ok:
        raise AssertionError(str(report))
    return report


def _find(here: Point, array: int, limit: int, directions: int, rng: np.random.Generator) -> Finding:
    """Entries and directions of one array; what the directions show beyond the entries chosen is traced to its entry."""
    size = here.given.arrays[array].size
    found = Finding(array, size, tuple(examine(here, array, choose(here.given.arrays[array].shape, limit, rng))))
    found = replace(found, tests=tuple(explore(here.without(array, found.kinks), [array], directions, rng)))
    if found.wrong_entries or found.directions_agree:
        return found
    traced = search(here.without(array, found.kinks), array, PARTS * limit, rng)
    seen = {m.entry.index for m in found.entries}
    new = [index for index in ([traced.wrong] if traced.wrong is not None else traced.kinks) if index not in seen]
    found = replace(found, entries=(*found.entries, *examine(here, array, new)), searched=traced.complete)
    if traced.wrong is not None or not traced.kinks:
        return found
    return replace(found, tests=tuple(explore(here.without(array, found.kinks), [array], directions, rng)))
