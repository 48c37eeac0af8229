"""Arithmetic in F_p(i), the field of p**2 elements, for a prime p that is 3 modulo 4; a number is the pair (real, imaginary)."""

from __future__ import annotations

Pair = tuple[int, int]


def is_square(a: int, p: int) -> bool:
    """Whether a is a square modulo p; 0 is one (Euler's criterion)."""
    return pow(a, (p - 1) // 2, p) != p - 1


def product(a: Pair, b: Pair, p: int) -> Pair:
    """a*b."""
    if a[1] == 0 == b[1]:
        return (a[0] * b[0] % p, 0)
    return ((a[0] * b[0] - a[1] * b[1]) % p, (a[0] * b[1] + a[1] * b[0]) % p)


def inverse(a: Pair, p: int) -> Pair:
    """1/a; ValueError where a is 0."""
    scale = pow(a[0] * a[0] + a[1] * a[1], -1, p)
    return (a[0] * scale % p, -a[1] * scale % p)


def power(a: Pair, n: int, p: int) -> Pair:
    """a**n for any integer n."""
    if a[1] == 0:
        return (pow(a[0], n, p), 0)
    if n < 0:
        a, n = inverse(a, p), -n
    result: Pair = (1, 0)
    while n:
        if n & 1:
            result = product(result, a, p)
        a, n = product(a, a, p), n >> 1
    return result


def square_root(a: Pair, p: int) -> Pair | None:
    """A number whose square is `a`, None where there is none.

    The root of a residue modulo p is the one that is a residue itself, so that the root of a product of residues is the
    product of their roots.
    """
    real, imaginary = a
    if imaginary == 0:
        if is_square(real, p):
            return (pow(real, (p + 1) // 4, p), 0)
        return (0, pow(-real % p, (p + 1) // 4, p))
    norm = (real * real + imaginary * imaginary) % p
    if not is_square(norm, p):
        return None
    length = pow(norm, (p + 1) // 4, p)
    half = (real + length) * pow(2, -1, p) % p
    if not is_square(half, p):
        half = (real - length) * pow(2, -1, p) % p
    x = pow(half, (p + 1) // 4, p)
    return (x, imaginary * pow(2 * x, -1, p) % p)
