"""A page of HTML read for what a reader with a screen reader, a keyboard or no network would meet; and a browser that opens it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
_OF_THE_BROWSER = re.compile(r"chrome|devtools|https?://[\w.-]+\.(?:google|googleapis|gvt1|gstatic)\.com[/:]")
"""What a browser asks for of its own accord, at its maker's."""
_EMPTY = {"meta", "link", "br", "img", "hr", "input"}


@dataclass
class Read(HTMLParser):
    """The elements of a page with their attributes, and its text without scripts and styles."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    script: str = ""
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if "script" in self._open:
            self.script += data
        elif "style" not in self._open:
            self.words.append(data)

    @property
    def text(self) -> str:
        """What the page says."""
        return "".join(self.words)

    def of(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of a kind."""
        return [a for t, a in self.elements if t == tag]


def read(page: str) -> Read:
    """A page, whose elements are all closed in order."""
    reader = Read()
    reader.feed(page)
    reader.close()
    assert not reader._open, reader._open
    return reader


@dataclass(frozen=True)
class Opened:
    """What a browser made of a page: its elements afterwards, what it said on its console, and what it asked for."""

    dom: str
    console: list[str]
    requests: list[str]


def opened(path: Path, folder: Path) -> Opened:
    """A page opened from disk by a browser without a window."""
    log = folder / "net.json"
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr",
         f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}", "--virtual-time-budget=2000", "--dump-dom", path.as_uri()],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    console = re.findall(r"CONSOLE.*", done.stderr)
    asked = re.findall(r'"url":"([^"]+)"', log.read_text(encoding="utf-8", errors="replace"))
    urls = {str(json.loads(f'"{u}"')) for u in asked}
    return Opened(done.stdout, console, sorted(u for u in urls if not _OF_THE_BROWSER.match(u)))
