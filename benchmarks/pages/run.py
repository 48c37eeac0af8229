"""Pages and single formulas in the manner of those that people write, judged, against the verdicts that they deserve.

    python benchmarks/pages/run.py [NAME...] [--verbose] [--json FILE]

The exit status is 1 where something right is called wrong or something wrong is called right or passed over in silence.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from labels import LEFT, Label, label_of, labelled

from symbp.commands.options import network
from symbp.documents.jobs import Wishes, jobs_of
from symbp.errors import InputError
from symbp.verification.verdict import Verdict

HERE = Path(__file__).parent / "data"

UNREAD = ("unreadable", "undecided")


@dataclass(frozen=True)
class Found:
    """What was said of the equations of one line."""

    line: int
    text: str
    verdict: str
    cause: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """An equation, what it deserves and what it got: one of the names of `COLUMNS`' kinds."""

    page: str
    line: int
    text: str
    deserves: str
    got: str
    cause_right: bool | None = None
    said: str = ""


def found_in(path: Path, of: str | None = None) -> list[Found]:
    """Everything that is said of a file, in order; what is no claim is not among it."""
    wanted = f"{path}:{of.split(':')[0]}" if of else str(path)
    wishes = Wishes(network, of=of.split(":")[1] if of else None)
    try:
        jobs = jobs_of([wanted], [], wishes)
    except InputError as e:
        return [Found(0, str(e), "unreadable")]
    said = []
    for job in jobs:
        try:
            for verdict, _ in job.verdicts():
                if not isinstance(verdict, Verdict):
                    said.append(Found(verdict.line or 0, verdict.text, "", "", f"left alone: {verdict.why}"))
                else:
                    said.append(
                        Found(verdict.line or 0, verdict.claim, verdict.verdict, verdict.cause or "", verdict.reason)
                    )
        except InputError as e:
            said.append(Found(0, str(e), "unreadable"))
    return said


def outcome(page: str, line: int, label: Label, found: list[Found]) -> Outcome:
    """What one equation, with all that was said of it, came to."""
    verdicts = [f.verdict for f in found if f.verdict]
    text = found[0].text if found else ""
    said = "; ".join(f"{f.text}  {f.verdict} {f.cause} {f.reason}" for f in found)
    unread = any(v in UNREAD for v in verdicts)
    wrong = next((f for f in found if f.verdict == "wrong"), None)
    right = "correct" in verdicts
    if label.deserves == "wrong":
        got = "good" if wrong else "unread" if unread else "called right"
        cause = (not label.causes or wrong.cause in label.causes) if wrong else None
        return Outcome(page, line, text, "wrong", got, cause, said)
    got = "called wrong" if wrong else "unread" if unread else "good"
    if label.deserves == "right":
        return Outcome(page, line, text, "right", "passed" if got == "good" and not right else got, None, said)
    return Outcome(page, line, text, "neither", got, None, said)


def outcomes_of_page(page: str, labels: dict[int, list[Label]], found: list[Found]) -> list[Outcome]:
    """Line by line: labels and what was said, one for one where there are as many, else all that was said for each label."""
    by_line: dict[int, list[Found]] = {}
    for f in found:
        by_line.setdefault(f.line, []).append(f)
    made = []
    for line in sorted({*labels, *by_line}):
        own, said = labels.get(line, [LEFT]), by_line.get(line, [])
        if len(own) == 1 and len(said) > 1:
            own = own * len(said) if own[0].deserves == "right" else own
        if len(own) == len(said):
            made += [outcome(page, line, label, [f]) for label, f in zip(own, said, strict=True)]
        elif len(own) == 1 or not said:
            made += [outcome(page, line, label, said) for label in own]
        else:
            made += matched(page, line, own, said)
    return made


def matched(page: str, line: int, labels: list[Label], found: list[Found]) -> list[Outcome]:
    """Labels and verdicts of one line that are not as many: what is no claim may have been passed over; of the claims, in
    order, the numbers have to agree."""
    claims = [label for label in labels if label.deserves in ("right", "wrong")]
    if len(claims) == len(found):
        rest = [outcome(page, line, label, []) for label in labels if label not in claims]
        return rest + [outcome(page, line, label, [f]) for label, f in zip(claims, found, strict=True)]
    return [outcome(page, line, label, found) for label in labels]


def pages(folder: Path) -> list[Outcome]:
    """The pages, whole."""
    plan = {"mlp_by_hand.py": "backward:forward"}
    made = []
    for path in sorted(HERE.iterdir()):
        if path.suffix in (".tex", ".md", ".py"):
            text, labels = labelled(path.read_text("utf-8"))
            (folder / path.name).write_text(text, "utf-8")
            made.append((path.name, labels))
        elif path.stem != "formulas":
            shutil.copy(path, folder / path.name)
    return [o for name, labels in made for o in outcomes_of_page(name, labels, found_in(folder / name, plan.get(name)))]


def formulas(folder: Path) -> list[Outcome]:
    """The formulas, each as a page of its own: with a dollar on either side in Markdown, or a line in a file of claims."""
    data = tomllib.loads((HERE / "formulas.toml").read_text("utf-8"))
    made = []
    for k, one in enumerate(data["formula"]):
        setting, text = data["settings"][one["about"]], one["text"]
        said = {key: value for key, value in setting.items() if isinstance(value, str) and key != "loss"}
        if "arch" in setting:
            said["loss"] = setting["loss"]
        else:
            problem = folder / f"{one['about']}.toml"
            problem.write_text(_problem(setting), "utf-8")
            said = {"arch": problem.name}
        latex = one.get("language", "latex" if "\\" in text or "^" in text else "") == "latex"
        if latex:
            head = ", ".join(f'{key} = "{value}"' for key, value in said.items())
            path, body = folder / f"formula_{k}.md", f"<!-- symbp: {head} -->\n\n$$\n{text}\n$$\n"
        else:
            head = "".join(f'{key} = "{value}"\n' for key, value in said.items())
            path, body = folder / f"formula_{k}.txt", f"{head}{text}\n"
            if "arch" not in setting:
                path, body = problem, _problem(setting) + f"claims = ['{text}']\n"
        path.write_text(body, "utf-8")
        label = label_of(f"{one['deserves']} {'|'.join(one.get('causes', []))}")
        result = outcome("formulas", k + 1, label, found_in(path))
        made.append(Outcome(**{**result.__dict__, "text": text}))
    return made


def _problem(setting: dict[str, object]) -> str:
    """A setting as the file of a problem."""
    tensors = "".join(f"{name} = {json.dumps(axes)}\n" for name, axes in setting["tensors"].items())  # type: ignore[attr-defined]
    rest = "".join(f"{key} = {json.dumps(value)}\n" for key, value in setting.items() if key != "tensors")
    return f"[tensors]\n{tensors}[problem]\n{rest}"


HEAD = (
    ("right", ""), ("called", "wrong"), ("un-", "read"), ("passed", "over"), ("wrong", ""), ("called", "right"), ("un-", "read"),
    ("cause", "right"), ("no", "claim"), ("called", "wrong"), ("un-", "read"),
)  # fmt: skip


def table(outcomes: list[Outcome]) -> list[str]:
    """A line a page: of right, wrong and other equations how many, and what became of them."""
    lines = ["".join([" " * 28, *(f"{words[k]:>8}" for words in HEAD)]) for k in (0, 1)]
    for name in (*dict.fromkeys(o.page for o in outcomes), "in total"):
        own = [o for o in outcomes if name in (o.page, "in total")]
        n, total = Counter((o.deserves, o.got) for o in own), Counter(o.deserves for o in own)
        row = (
            total["right"], n["right", "called wrong"], n["right", "unread"], n["right", "passed"],
            total["wrong"], n["wrong", "called right"], n["wrong", "unread"], sum(bool(o.cause_right) for o in own),
            total["neither"], n["neither", "called wrong"], n["neither", "unread"],
        )  # fmt: skip
        lines.append("".join([f"{name:<28}", *(f"{count:>8}" for count in row)]))
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="pages, by their file names; formulas")
    parser.add_argument("--verbose", action="store_true", help="print every equation that did not get what it deserves")
    parser.add_argument("--json", metavar="FILE")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        outcomes = pages(folder) + formulas(folder)
    outcomes = [o for o in outcomes if not asked.names or o.page in asked.names]
    for o in outcomes:
        if asked.verbose and (o.got != "good" or o.cause_right is False):
            print(f"{o.page}:{o.line}: {o.deserves}, {o.got}: {o.said or o.text}")
    print("\n".join(table(outcomes)))
    unread = sum(o.got in ("unread", "passed") for o in outcomes)
    bad = [o for o in outcomes if o.got in ("called wrong", "called right")]
    print(
        f"{len(outcomes)} equations, {len(bad)} misjudged, {unread / max(len(outcomes), 1):.1%} unread or passed over"
    )
    if asked.json:
        Path(asked.json).write_text(json.dumps([o.__dict__ for o in outcomes], indent=1), "utf-8")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
