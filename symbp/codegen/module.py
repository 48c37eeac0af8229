"""A network -> the source of a standalone NumPy module: what the templates are given, every expression printed."""

from __future__ import annotations

import math
import shlex
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from symbp.codegen import cody, tables
from symbp.codegen.block import Block
from symbp.codegen.forms import with_dependencies
from symbp.codegen.layout import WIDTH, as_typed, command_lines, imports, safe, wrapped, written
from symbp.codegen.maps.module import map_source
from symbp.codegen.parts import Parts, lower_schedule, parts, terms_at_labels
from symbp.codegen.step.body import Part
from symbp.codegen.step.trainer import StepCode, training_step
from symbp.codegen.step.weighted import with_weights, without_weights
from symbp.codegen.step.writing import fitted
from symbp.errors import InputError
from symbp.network import Network
from symbp.network.derivation import Derivation, derive
from symbp.network.forward import ForwardMap, HasForwardMap, State
from symbp.network.layers import Optimizer, Training
from symbp.network.settings import below_one
from symbp.notation.templates import environment
from symbp.version import __version__

DTYPES = ("float32", "float64")


def generate(
    net: HasForwardMap | str,
    dtype: str = "float32",
    command: str | None = None,
    *,
    told: Callable[[str], object] | None = None,
) -> str:
    """The source of a module that trains the network; of a map that is not trained, one that has its results and gradients.

    It imports NumPy and the standard library only.

    Parameters
    ----------
    net : the network, or whatever else has its forward map, or its short string
    dtype : what parameters are made of by default, ``float32`` or ``float64``; any floating type can be asked for. A map
        computes in the type of its arguments, and in this one where they are integers
    command : the command that makes the module again, for its header
    told : is given what :func:`explain` says

    Raises
    ------
    ValueError : for another dtype, or where a layer has no array form
    InputError : where a function of a map is uninterpreted, or has no form in NumPy
    """
    if dtype not in DTYPES:
        raise ValueError(f"dtype {dtype!r}: it is one of {', '.join(DTYPES)}")
    given = _read(net)
    if given.training is None:
        return map_source(given, dtype, command)
    d, step = _derived(given)
    forward, made = d.map, parts(d, () if d.map.plain else [name for name, *_ in step.labels])
    training = _training(forward)
    optimizer = training.optimizer
    if told is not None:
        told(_explained(step))
    helpers = {h for b in (*made.blocks, lower_schedule(optimizer)) for h in b.helpers} | {*step.helpers}
    context = {
        **_header(forward, training, dtype, command),
        **(_functions(d, training, made) if forward.plain else tables.functions(d, made)),
        **_steps(optimizer),
        **_trainer(step),
        "dtype": dtype,
        "parameters": [(p.tensor.name, forward.shape(p.tensor)) for p in forward.parameters],
        "state": [(s.tensor.name, forward.shape(s.tensor)) for s in forward.state],
        "state_ones": [s.tensor.name for s in forward.state if s.start == 1],
        "kept": bool(forward.updates),
        "fewest": forward.fewest,
        "standardizes": bool(_given(forward)),
        "glorot": [(p.tensor.name, _fans(forward.shape(p.tensor))) for p in forward.parameters if p.start == "glorot"],
        "ones": [p.tensor.name for p in forward.parameters if p.start == "ones"],
        "helpers": with_dependencies(helpers),
        "cody": cody,
    }
    templates = environment("numpy")
    body = templates.get_template("module.py.jinja" if forward.plain else "graph.py.jinja").render(context)
    head = templates.get_template("header.py.jinja").render(
        {**context, "imports": imports(body), "abstract": "Callable, Mapping"}
    )
    return head + body


def explain(net: HasForwardMap | str) -> str:
    """What each pass did to the training step of a network's module: a line for each, in the order of the passes."""
    return _explained(_derived(_read(net))[1])


def _read(net: HasForwardMap | str) -> ForwardMap:
    return (Network.parse(net) if isinstance(net, str) else net).forward_map


def _derived(forward: ForwardMap) -> tuple[Derivation, StepCode]:
    """The derivation of a network, and its training step: one sweep, with a weight for each example, which is then 1."""
    _training(forward)
    weighted, w = with_weights(forward)
    d = derive(weighted, batch=True)
    return without_weights(d, w), training_step(d, w.name, _labelled(forward))


def _explained(step: StepCode) -> str:
    said = step.said
    wide = max(len(name) for name, _ in said)
    return "".join(
        line + "\n"
        for name, words in said
        for line in textwrap.wrap(f"{name:{wide}}  {words}", WIDTH - 4, subsequent_indent=" " * (wide + 2))
    )


def _training(forward: ForwardMap) -> Training:
    if forward.training is None:
        raise InputError(f"nothing is trained in {forward.source.described}", allowed="a network")
    return forward.training


def _given(forward: ForwardMap) -> list[State]:
    """The state that is given, and that training leaves as it is: statistics of the data."""
    return [s for s in forward.state if s.next is None]


def _fans(shape: tuple[int, ...]) -> int:
    """How many numbers go into and out of a weight (out, in, ...)."""
    out, *into = shape
    return out + math.prod(into)


def _header(forward: ForwardMap, training: Training, dtype: str, command: str | None) -> dict[str, Any]:
    source, goal = forward.source, training.objective
    described = " - ".join([tables.described(forward), *(x.kind for x in forward.layers)])
    again = command or _command(forward, training, dtype)
    if again != safe(again):  # a file name that cannot stand here as it is: better no command than another one
        again = "symbp generate FILE"
    about = [
        ("architecture", source.text or described),
        (
            "loss",
            f"{tables.losses(goal)}, {'mean' if goal.reduction == 'mean' else 'sum'} over the examples of a batch",
        ),
        *((name, f"weight {value}") for name, value in goal.regularization.items()),
        *([("standardize", " and ".join({s.tensor.name[0]: "" for s in given}))] if (given := _given(forward)) else []),
        ("optimizer", training.optimizer.kind.name),
    ]
    title = f"{safe(source.name)}: a neural network" if source.name else "A neural network"
    return {
        "title": f"{title}, its gradients and its trainer",
        "reading": _reading(forward) if forward.plain else tables.reading(forward),
        "version": __version__,
        "about": [line for name, value in about for line in wrapped(f"{name}: {value}", "")],
        "command": (lines := command_lines(again)),
        "ambiguous": False,
        "long": any(len(line) > WIDTH for line in lines),
    }


def _reading(forward: ForwardMap) -> list[str]:
    """How the arrays of the module are read."""
    shapes = (forward.shape(forward.program.tensors[n]) for n in ("x", "yhat"))
    rows = [", ".join(map(str, ("N", *sizes))) for sizes in shapes]
    return [
        f"Arrays hold one example a row: x is ({rows[0]}), the prediction y_hat is ({rows[1]}). Above each block of code "
        "stands the",
        "equation that it implements; n counts examples, and d<name> is the derivative of the objective J.",
    ]


def _command(forward: ForwardMap, training: Training, dtype: str) -> str:
    """The command that generates the module of a network made in Python, where there is one."""
    text, goal, optimizer = forward.source.text, training.objective, training.optimizer
    if not text or goal.terms or {**goal.loss.settings, **goal.settings} != {**goal.loss.settings}:
        return "symbp.generate(network)"
    arch = text.removesuffix(" --no-bias")
    words = [shlex.quote(arch), "--loss", goal.loss.name]
    if optimizer.kind.name != "sgd":
        words += ["--optimizer", optimizer.kind.name]
    words += _options(optimizer.settings, optimizer.kind.settings)
    if optimizer.schedule.name != "constant":
        words += ["--schedule", optimizer.schedule.name]
    words += _options(optimizer.schedule_settings, optimizer.schedule.settings)
    words += _options(goal.regularization, {})
    if goal.reduction != "mean":
        words += ["--reduction", goal.reduction]
    words += ["--standardize"] if forward.units else ["--standardize-inputs"] if _given(forward) else []
    return " ".join(["symbp generate", *words, *(["--no-bias"] if text != arch else []), "--dtype", dtype])


def _options(settings: Mapping[str, Any], defaults: Mapping[str, Any]) -> list[str]:
    """Settings that are not the defaults, as options of a command."""
    changed = [(name, value) for name, value in settings.items() if value != defaults.get(name)]
    return [word for name, value in changed for word in (f"--{name.replace('_', '-')}", as_typed(value))]


def _functions(d: Derivation, training: Training, made: Parts) -> dict[str, Any]:
    names, forward = made.backward.variables, d.map
    kind, classes = training.objective.loss, _takes_labels(forward)
    low, high, _ = kind.domain
    output = forward.shape(forward.program.tensors["yhat"])
    parameters = [p.tensor.name for p in forward.parameters]
    held = {*parameters, *(s.tensor.name for s in forward.state)}

    def unpacked(block: Block, known: Iterable[str] = ()) -> list[tuple[str, str, str]]:
        """What a function takes out of its arguments: variable, where it lies, key."""
        outside = [n for n in block.inputs if n not in ("x", "y", "yhat", *known)]
        return [(names[n], "params" if n in held else "cache", n) for n in outside]

    noise = {m.tensor.name: m for m in forward.noise if m.tensor.name in made.forward.inputs}
    done = {*made.backward.names, *made.backward.inputs}
    return {
        "input": forward.shape(forward.program.tensors["x"]),
        "output": output,
        "classes": classes,
        "binary": kind.domain == (0, 1, True) and not classes and not kind.facts,
        "places": classes and terms_at_labels(d),
        "labelled": classes or kind.boundary is not None,
        "boundary": kind.boundary,
        "class_count": output[-1] if classes else 2,
        "one_confusion": classes or (kind.boundary is not None and output == (1,)),
        "mean": training.objective.reduction == "mean",
        "simplex": bool(kind.facts),
        "counts": low == 0 and high > 1,
        "signs": bool(kind.targets.values),
        "needs_x": "x" in {*made.backward.inputs, *made.inputs_gradient.inputs},
        "forward": [written(a) for a in made.forward.assignments],
        "forward_reads": unpacked(made.forward, noise),
        "noise": [(names[n], _batch_shape(forward, m.tensor.axes), float(m.rate)) for n, m in noise.items()],
        "cache": [(n, names[n]) for n in made.cache],
        "yhat": names["yhat"],
        "objective": [written(a) for a in made.objective.assignments],
        "objective_reads": [*_cached(made.objective, names), *unpacked(made.objective)],
        "loss": [written(a) for a in made.loss.assignments],
        "J": names["J"],
        **tables.inference(made, lambda block: unpacked(block, noise), ["x"]),
        **_units(made),
        "backward": [written(a) for a in made.backward.assignments],
        "backward_reads": [*_cached(made.backward, names), *unpacked(made.backward)],
        "uses_y": "y" in made.backward.inputs,
        "inputs_gradient": [written(a) for a in made.inputs_gradient.assignments],
        "inputs_reads": [*_cached(made.inputs_gradient, names, done), *unpacked(made.inputs_gradient, done)],
        "gradients": [(n, names[d.backward.adjoint[n]]) for n in parameters],
        "dx": names[d.backward.adjoint["x"]],
    }  # fmt: skip


def _units(made: Parts) -> dict[str, Any]:
    """Targets standardised, and the prediction back in their units: the code of both, and what it takes from params."""
    if made.targets is None or made.units is None:
        return {"units": None}
    code = {}
    for name, block, result in (("targets", made.targets, "v"), ("units", made.units, "y_hat")):
        reads = [(block.variables[n], "params", n) for n in block.inputs if n not in ("y", "yhat")]
        code[name] = {
            "reads": reads,
            "code": [written(a) for a in block.assignments],
            "result": block.variables[result],
        }
    return {"standardized": code["targets"], "units": code["units"]}


def _batch_shape(forward: ForwardMap, axes: Iterable[Any]) -> str:
    """The shape of a tensor over the batch, as code."""
    sizes = forward.sizes
    return ", ".join(str(sizes[a]) if a in sizes else "x.shape[0]" for a in axes)


def _cached(block: Block, names: Mapping[str, str], known: Iterable[str] = ()) -> list[tuple[str, str, str]]:
    return [(names[n], "cache", n) for n in ("x", "yhat") if n in block.inputs and n not in known]


def _takes_labels(forward: ForwardMap) -> bool:
    """Whether targets may be integer labels."""
    if not forward.plain:
        return False
    labels = forward.training is not None and forward.training.objective.loss.labels
    vectors = len(forward.shape(forward.program.tensors["yhat"])) == 1
    return vectors and (labels or forward.layers[-1].kind in ("softmax", "log_softmax"))


def _labelled(forward: ForwardMap) -> tuple[str, ...]:
    """The targets that may be integer labels."""
    if forward.plain:
        return ("y",) if _takes_labels(forward) else ()
    return tables.labelled(forward)


def _steps(optimizer: Optimizer) -> dict[str, Any]:
    schedule = lower_schedule(optimizer)
    return {
        "optimizer": optimizer.kind.name,
        "settings": [(n, _literal(optimizer.settings[n])) for n in optimizer.kind.settings],
        "decays": [n for n in optimizer.kind.settings if below_one(optimizer.kind.name, n)],
        "states": optimizer.kind.states,
        "schedule": optimizer.schedule.name,
        "schedule_code": [written(a) for a in schedule.assignments],
        "schedule_settings": [(n, _literal(v)) for n, v in optimizer.schedule_settings.items()],
        "lr_t": schedule.variables["lr_t"],
    }


def _trainer(step: StepCode) -> dict[str, Any]:
    """What the template of the trainer is given: the step, its parts with their equations wrapped."""

    def shown(p: Part) -> dict[str, Any]:
        comment = [line for e in p.equations for line in textwrap.wrap(e, 100, subsequent_indent="    ")]
        return {"comment": comment, "lines": fitted(p.lines, WIDTH - 8)}

    return {
        "step": step,
        "rule": [line for e in step.rule for line in textwrap.wrap(e, 100, subsequent_indent="    ")],
        "before_loss": [shown(p) for p in step.before],
        "after_loss": [shown(p) for p in step.after],
    }


def _literal(value: Any) -> str:
    return repr(float(value))
