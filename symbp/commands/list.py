"""``symbp list``: what the catalogue holds."""

from __future__ import annotations

import click

from symbp.catalogue.kinds import BlockKind
from symbp.commands.completion import CONVENTION, one_of

KINDS = (
    "activations", "layers", "losses", "optimizers", "schedules", "conventions", "figures", "formats", "targets",
)  # fmt: skip


@click.command(name="list")
@click.argument("what", required=False, type=one_of(*KINDS), metavar=f"[{'|'.join(KINDS)}]")
@click.option(
    "--toml",
    "convention",
    type=CONVENTION,
    metavar="NAME",
    help="Print a convention's file, to start one of your own from.",
)
def command(what: str | None, convention: str | None) -> None:
    """List the catalogue, or one part of it, one entry a line: name, forward map, settings, source."""
    from symbp.errors import InputError, unknown

    if convention is not None:
        from symbp.notation.shipped import text_of_shipped

        if what != "conventions":
            raise InputError("--toml prints the file of a convention", allowed="symbp list conventions --toml NAME")
        click.echo(text_of_shipped(convention), nl=False)
        return

    if what is not None and what not in KINDS:
        raise unknown("list", what, KINDS)
    blocks = []
    for kind in [what] if what else KINDS:
        rows = _rows(kind)
        widths = [max((len(r[k]) for r in rows), default=0) for k in range(2)]
        lines = [f"{a:{widths[0]}}  {b:{widths[1]}}  {c}".rstrip() for a, b, c in rows]
        blocks.append("\n".join(lines if what else [kind, *(f"  {line}" for line in lines)]))
    click.echo("\n\n".join(blocks))


def _rows(kind: str) -> list[tuple[str, str, str]]:
    """The entries of one part of the catalogue: name, what it computes, settings and source."""
    from symbp.catalogue import ACTIVATIONS, BLOCKS, LAYERS, LOSSES, OPTIMIZERS, SCHEDULES

    if kind == "activations":
        scalar = [(a.name, a.definition, _more(a.settings, a.source)) for a in ACTIVATIONS.values()]
        return scalar + [row for k in LAYERS.values() if k.activation for row in _layer(k)]
    if kind == "layers":
        its = [row for k in LAYERS.values() if not k.activation for row in _layer(k)]
        return its + [(b.name, _parts(b), _more(_settings(b), b.source)) for b in BLOCKS.values()]
    if kind == "losses":
        return [(x.name, x.forward, _more(x.settings, x.source)) for x in LOSSES.values()]
    if kind == "optimizers":
        return [(o.name, "; ".join(o.update), _more(o.settings, o.source)) for o in OPTIMIZERS.values()]
    if kind == "schedules":
        return [(s.name, f"lr_t = {s.rate}", _more(s.settings, s.source)) for s in SCHEDULES.values()]
    if kind == "conventions":
        from symbp.notation import NOTATIONS
        from symbp.shown import derive

        gradient = derive("3-4:sigmoid-2")["dJ/dW2"]
        return [
            (n.name, gradient.latex(n.name), f"{n.title.replace('$', '')}  [{n.source}]") for n in NOTATIONS.values()
        ]
    if kind == "formats":
        from symbp.notes.page import FORMATS

        pages = [(name, " ".join(f.endings), f.what) for name, f in FORMATS.items()]
        return [*pages, ("json", ".json", "the derivation as data"), ("pdf", ".pdf", "a page or slides, compiled")]
    if kind == "figures":
        from symbp.lectures import curves
        from symbp.notes.figures.table import FIGURES

        says = {
            **{name: its.says for name, its in FIGURES.items()},
            **{name: its.says for name, its in curves.FIGURES.items()},
        }
        return [(name, said, "") for name, said in says.items()]
    return [("numpy", "one module that imports NumPy and the standard library only", "")]


def _settings(kind: BlockKind) -> dict[str, object]:
    """The settings of a block as a file writes them."""
    its = {n: str(v).lower() if isinstance(v, bool) else v for n, v in kind.settings.items()}
    return {**dict.fromkeys(kind.needs, ""), **its}


def _parts(kind: BlockKind) -> str:
    """The layers that a block stands for, with the numbers of what they read where that is not the one before."""
    return ", ".join(f"{p.kind}({', '.join(map(str, p.inputs))})" if p.inputs else p.kind for p in kind.layers)


def _layer(kind: object) -> list[tuple[str, str, str]]:
    """A row for each line of a layer's forward map; settings and source beside the first."""
    from symbp.catalogue import LayerKind

    assert isinstance(kind, LayerKind)
    lines = kind.forward
    if kind.joins:
        left, _, right = lines[-1].partition(" = ")
        several = f" {kind.joins} ".join(right.replace("[", f"{k}[") for k in (1, 2))
        lines = (*lines[:-1], f"{left} = {several} {kind.joins} ...")
    lines = (*lines, *(f"after a step: {line}" for line in kind.update))
    lines = (*lines, *(f"inference: {line}" for line in kind.inference))
    switches = {
        **dict.fromkeys(kind.optional, "true"),
        **dict.fromkeys(kind.variants.keys() - kind.sizes.keys(), "false"),
    }
    wholes = {name: usual if usual.isdigit() or usual in kind.sizes else "" for name, (_, usual) in kind.wholes.items()}
    settings = {**{s: "" for s in kind.sizes}, **wholes, **kind.settings, **kind.choices, **switches}
    more = [_more(settings, kind.source), *[""] * (len(lines) - 1)]
    return [(kind.name if k == 0 else "", line, its) for k, (line, its) in enumerate(zip(lines, more, strict=True))]


def _more(settings: object, source: str) -> str:
    assert isinstance(settings, dict)
    words = [f"{name}={value}" if value != "" else name for name, value in settings.items()]
    return "  ".join(part for part in (" ".join(words), f"[{source}]" if source else "") if part)
