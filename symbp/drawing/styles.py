"""What the styles of marks look like, the same in every format: a colour, a width and a pattern of dashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symbp.drawing.marks import Style

FONT, SMALL = 10.0, 8.0
"""The sizes of text, in points."""

COLOURS: Mapping[str, tuple[str, str]] = {
    "ink": ("#000000", "#e8eaed"),
    "faint": ("#7b828c", "#8f96a1"),
    "pale": ("#cfd3d9", "#454b55"),
    "forward": ("#174ea6", "#8ab4f8"),
    "backward": ("#be3214", "#ff9a7a"),
    "blue": ("#1f5fa8", "#7fb2ee"),
    "orange": ("#b8500f", "#f0a268"),
    "green": ("#0b7053", "#5cc9a4"),
    "purple": ("#7d3a9c", "#c99be0"),
    "olive": ("#6b5d00", "#cdbb50"),
    "pink": ("#a8235f", "#f08ab5"),
    "grey": ("#4b5159", "#b7bdc6"),
}
"""The colours by name: on white, and on a dark page."""


@dataclass(frozen=True)
class Look:
    """The colour by its name, the width of a line and its dashes (lengths of dash and gap), in points."""

    colour: str
    width: float = 0.6
    dashes: tuple[float, ...] = ()


STYLES: Mapping[Style, Look] = {
    "plain": Look("ink"),
    "light": Look("faint", 0.4),
    "strong": Look("ink", 1.3),
    "dashed": Look("ink", 0.6, (3, 2)),
    "forward": Look("forward", 1.5),
    "backward": Look("backward", 1.1, (4, 2)),
    "grid": Look("pale", 0.35),
    "curve1": Look("blue", 1.2),
    "curve2": Look("orange", 1.2, (5, 2)),
    "curve3": Look("green", 1.2, (1.2, 1.8)),
    "curve4": Look("purple", 1.2, (6, 2, 1.2, 2)),
    "curve5": Look("olive", 1.8),
    "curve6": Look("pink", 1.8, (3, 1.5)),
    "curve7": Look("grey", 1.8, (8, 2)),
}
"""How each style is drawn: no two have the same line without their colours."""
