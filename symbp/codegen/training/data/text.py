"""The text of a table: packed or not, in the encoding that its first bytes say."""

from __future__ import annotations

import codecs
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO, cast

from symbp.errors import InputError

_MARKED = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # first: UTF-16's mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Encodings by their byte order marks, which spreadsheets write."""
PLAIN = "utf-8-sig"
"""UTF-8, with its mark or without."""


@contextmanager
def opened(file: Path) -> Iterator[TextIO]:
    """The text of a file, unpacked where its name ends in .gz; a byte order mark says the encoding and is dropped.

    Raises
    ------
    InputError : zero bytes, which no text has
    """
    with unpacked(file) as stream:
        first = cast(io.BufferedReader, stream).peek(4)
        encoding = next((name for mark, name in _MARKED if first.startswith(mark)), PLAIN)
        if encoding == PLAIN and b"\0" in first:
            raise InputError(
                "this is no text: it holds zero bytes", allowed="UTF-8, or UTF-16 with its byte order mark"
            )
        with io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
            yield text


@contextmanager
def unpacked(file: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked where its name ends in .gz."""
    with file.open("rb") as raw:
        yield cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if file.suffix.lower() == ".gz" else raw


def undecodable(file: Path) -> int | None:
    """The first line that is not UTF-8, where there is one."""
    with unpacked(file) as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return None
