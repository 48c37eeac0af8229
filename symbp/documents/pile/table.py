"""A pile as a table of comma-separated values: a row a file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

from symbp.documents.pile.sheet import Sheet
from symbp.errors import printable
from symbp.verification.verdict import Verdict

COLUMNS = ("file", "status", "claims", "correct", "wrong", "undecided", "unreadable", "definitions", "not_claims", "not_read",
           "judged_by")  # fmt: skip
"""The columns that every table has; behind them stands one for each claim."""
_MOST_CLAIMS, _LONGEST = 1000, 2000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
            "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
"""What a spreadsheet takes for the beginning of a formula."""


def table_text(sheets: Sequence[Sheet]) -> str:
    """The table. Texts that a spreadsheet would take for formulas begin with an apostrophe."""
    most = min(_MOST_CLAIMS, max((len(s.verdicts) for s in sheets), default=0))
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow([*COLUMNS, *(f"claim_{k + 1}" for k in range(most))])
    for s in sheets:
        writer.writerow([_cell(value) for value in (*_row(s), *_claims(s.verdicts, most))])
    return made.getvalue()


def _row(sheet: Sheet) -> list[str | int]:
    """What stands in the columns of a file."""
    found = Counter(v.verdict for v in sheet.verdicts)
    claims = len(sheet.verdicts) - found["definition"]
    unread = [f"{_line(v)}{v.reason}" for v in sheet.verdicts if v.verdict == "unreadable"]
    about = "; ".join(f"{name} {value}" for name, value in (sheet.section.about if sheet.section is not None else ()))
    counts = [found[v] for v in ("correct", "wrong", "undecided", "unreadable", "definition")]
    unread = [*([sheet.reason] if sheet.reason else []), *unread]
    return [sheet.found.name, sheet.status, claims, *counts, sheet.others, "; ".join(unread), about]


def _line(v: Verdict) -> str:
    return f"line {v.line}: " if v.line is not None else ""


def _claims(verdicts: Sequence[Verdict], most: int) -> list[str]:
    """A cell for each claim, empty ones to the end of the row."""
    cells = [verdict_cell(v) for v in verdicts[:most]]
    if len(verdicts) > most:
        cells[-1] = f"and {len(verdicts) - most + 1} more"
    return cells + [""] * (most - len(cells))


def verdict_cell(v: Verdict) -> str:
    """A verdict in a few words: what it is, the cause, the line."""
    cause = f": {v.cause.replace('_', ' ')}" if v.verdict == "wrong" and v.cause not in (None, "other") else ""
    return f"{v.verdict}{cause}" + (f" (line {v.line})" if v.line is not None else "")


def _cell(value: str | int) -> str | int:
    """A value as a cell: texts on one line, within what spreadsheets hold, and never a formula."""
    if isinstance(value, int):
        return value
    text = printable(value)
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"'{text}" if text.startswith(_FORMULA) or value.startswith(_FORMULA) else text
