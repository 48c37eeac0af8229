"""Data that come as arrays: .npz archives, and pairs of .npy files that are mapped into memory, not read."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from symbp.codegen.training.data.array import Array
from symbp.codegen.training.data.dataset import DataSet
from symbp.errors import InputError, Place, counted, nearest, shown

KEYS = "x and y (or x_train and y_train), and optionally x_val and y_val, or x_test and y_test"
_SMALL = 2**26  # bytes that an array may unpack to, however well it was packed
_DENSEST = 200  # times that data shrink when packed; deflate reaches 1000 where every byte is the same
_MAPPED = 2**28  # bytes from which a .npy file stays on disk
_DAMAGED = (
    ValueError,
    OverflowError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
)


def too_large(what: str, size: int, largest: float) -> None:
    """Raise InputError where `size`, in bytes, is above `largest`."""
    if size > largest:
        raise InputError(f"{what} is {size / 2**30:.1f} GiB", allowed=f"{largest / 2**30:.1f} GiB or less")


def read_npz(file: Path, largest: float, takes: tuple[int, ...] | None = None) -> DataSet:
    """The arrays x and y of an archive, and the held-out part where it has one.

    What the headers of the arrays say is looked at before anything is unpacked: with `takes`, the shape of one example, an x
    of other examples is refused at once.
    """
    with _opened(file, largest) as (archive, keys):
        pairs = _pairs(keys)
        for x, y in pairs:
            _promised(archive, x, y, takes)
        xs = [_real(x, _member(archive, x)) for x, _ in pairs]
        ys, classes = _targets({y: _member(archive, y) for _, y in pairs})
    x_held, y_held = (xs[1], ys[1]) if len(pairs) == 2 else (None, None)
    return DataSet(file.stem, xs[0], ys[0], x_held, y_held, classes, str(file))


def read_npz_x(file: Path, largest: float, takes: tuple[int, ...]) -> Array:
    """The array x (N, ...) of an archive alone, N examples of the shape `takes`; what stands beside it is not unpacked."""
    with _opened(file, largest) as (archive, keys):
        x = {key.lower(): key for key in keys}.get("x")
        if x is None:
            raise InputError(f"there is no array 'x'; the file holds {', '.join(map(shown, keys)) or 'nothing'}")
        _fitting(x, _promise(archive, x), takes)
        return _real(x, _member(archive, x))


def read_arrays(file: Path, largest: float) -> dict[str, Array]:
    """Every array of an archive by its name, as floats."""
    with _opened(file, largest) as (archive, keys):
        for key in keys:
            _promise(archive, key, empty=True)
        return {key: _real(key, _member(archive, key)) for key in keys}


@contextmanager
def _opened(file: Path, largest: float) -> Iterator[tuple[zipfile.ZipFile, list[str]]]:
    """An archive and the names of its arrays; what cannot be read of it is an InputError."""
    if not zipfile.is_zipfile(file):
        raise InputError("this is not an .npz file, or it is cut short", allowed="a file written by numpy.savez")
    try:
        with zipfile.ZipFile(file) as archive:
            too_large("what it holds", sum(info.file_size for info in archive.infolist()), largest)
            yield archive, [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
    except InputError:
        raise
    except _DAMAGED as error:
        raise InputError(f"the .npz file is damaged: {error}") from None


def read_pair(x_file: Path, y_file: Path) -> DataSet:
    """x and y, each the array of an .npy file; a large one stays on disk, and is read as it is used."""
    x = read_npy_x(x_file)
    ys, classes = _targets({"y": _mapped(y_file)})
    return DataSet(x_file.stem, x, ys[0], classes=classes, file=str(x_file))


def read_npy_x(file: Path) -> Array:
    """x, the array of an .npy file, as floats; a large one of floats stays on disk."""
    x = _mapped(file)
    return x if x.dtype.kind == "f" and x.dtype.itemsize >= 4 else _real("x", x)


def _mapped(file: Path) -> Array:
    """The array of an .npy file, mapped into memory where it is large."""
    place = Place(str(file))
    try:
        large = file.stat().st_size >= _MAPPED
        array = np.load(file, mmap_mode="r" if large else None, allow_pickle=False)
    except FileNotFoundError:
        near = nearest(file.name, [f.name for f in file.parent.iterdir()] if file.parent.is_dir() else [])
        raise InputError("no such file", place=place, nearest=near) from None
    except MemoryError:
        raise InputError("what its header says does not fit into memory", place=place) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", place=place) from None
    except (ValueError, OverflowError, EOFError, SyntaxError) as error:
        what = "holds pickled objects, which are never read" if "pickle" in str(error) else "is damaged"
        raise InputError(f"this {what}", place=place, allowed="an array of numbers") from None
    if not isinstance(array, np.ndarray):
        raise InputError("this is not one array", place=place, allowed="a file written by numpy.save")
    return array


def _pairs(keys: list[str]) -> list[tuple[str, str]]:
    """The names of x and y (or X and Y) in an archive: to train on, and where there are such to validate on."""
    own = {key.lower(): key for key in keys}
    train = "_train" if "x" not in own and "x_train" in own else ""
    held = [part for part in ("_val", "_validation", "_test") if f"x{part}" in own or f"y{part}" in own]
    wanted = [(f"x{part}", f"y{part}") for part in (train, *held[:1])]
    pairs = [(own.get(x, x), own.get(y, y)) for x, y in wanted]
    for name in (name for pair in pairs for name in pair if name not in keys):
        # nearest() lowers what it looks for, not what it looks in, and X is what is near to x
        close = {key.lower(): key for key in keys}
        raise InputError(
            f"there is no array '{name}'; the file holds {', '.join(map(shown, keys)) or 'nothing'}",
            allowed=KEYS,
            nearest=close.get(nearest(name, close), ""),
        )
    return pairs


def _promised(archive: zipfile.ZipFile, x: str, y: str, takes: tuple[int, ...] | None) -> None:
    """What the headers say of a pair, before it is unpacked: examples of the right shape, as many of x as of y."""
    there, targets = _promise(archive, x), _promise(archive, y)
    if not there or not targets:
        return
    if there[0] != targets[0]:
        raise InputError(f"{x} has {counted(there[0], 'example')} and {y} has {targets[0]}", allowed="equal numbers")
    if takes is not None:
        _fitting(x, there, takes)


def _promise(archive: zipfile.ZipFile, name: str, empty: bool = False) -> tuple[int, ...] | None:
    """The shape that an array's header says, None where it is damaged, which is said when the array is read.

    InputError: it would unpack to more than data do, or it has no examples where it may not be `empty`.
    """
    info = archive.getinfo(f"{name}.npy")
    if info.file_size > max(_SMALL, _DENSEST * info.compress_size):
        raise InputError(
            f"array '{name}' unpacks to {info.file_size / 2**30:.1f} GiB, {info.file_size // info.compress_size} times "
            f"its size in the file",
            allowed=f"at most {_DENSEST} times: data do not shrink so far",
        )
    shape = _shape(archive, name)
    if shape and not shape[0] and not empty:
        raise InputError(f"{name} has shape {shape}: no examples", allowed="one example or more")
    return shape


def _fitting(name: str, shape: tuple[int, ...] | None, takes: tuple[int, ...]) -> None:
    """InputError where an array of this shape does not hold examples of the shape `takes`."""
    if shape and math.prod(shape[1:]) != math.prod(takes):
        raise InputError(f"{name} has shape {shape}, and the network takes {(shape[0], *takes)}")


def _shape(archive: zipfile.ZipFile, name: str) -> tuple[int, ...] | None:
    """The shape that an array's header says, None where there is no header to be read."""
    with archive.open(f"{name}.npy") as entry:
        try:
            version = np.lib.format.read_magic(entry)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = read(entry)
        except _DAMAGED:
            return None
    return None if dtype.hasobject else shape


def _member(archive: zipfile.ZipFile, name: str) -> Array:
    try:
        with archive.open(f"{name}.npy") as entry:
            array: Array = np.lib.format.read_array(entry, allow_pickle=False)
            # zipfile compares the checksum when it comes to the end, so the end has to be read
            if entry.read(1):
                raise InputError(f"array '{name}' is damaged: more bytes than its shape says")
            return array
    except InputError:
        raise
    except (ValueError, OverflowError) as error:
        if "pickle" not in str(error):
            raise InputError(f"array '{name}' is damaged: {error}") from None
        raise InputError(f"array '{name}' holds pickled objects, which are never read", allowed="numbers") from None


def _real(name: str, array: Array) -> Array:
    """Numbers as float: float32 and float64 stay, the others become the nearer of the two."""
    if array.dtype.kind not in "biuf":
        raise InputError(f"array '{name}' has dtype {array.dtype}", allowed="real numbers")
    dtype = np.float32 if array.dtype.kind == "f" and array.dtype.itemsize <= 4 else np.float64
    return array.astype(dtype, copy=False)


def _targets(arrays: dict[str, Array]) -> tuple[list[Array], tuple[str, ...] | None]:
    """The y arrays, labels (N,) int64 or targets (N, *shape) float, and the classes where the labels are text."""
    if any(array.dtype.kind not in "US" for array in arrays.values()):
        return [_numeric_target(name, array) for name, array in arrays.items()], None
    texts = []
    for name, array in arrays.items():
        if array.ndim == 0 or array.size != len(array):
            raise InputError(
                f"array '{name}' of text has shape {array.shape}", allowed="a label for each example, (N,)"
            )
        try:
            texts.append(array.astype(np.str_).reshape(-1))
        except UnicodeDecodeError:
            raise InputError(f"array '{name}' holds bytes that are not ASCII text") from None
    known = np.unique(np.concatenate(texts))
    return [np.searchsorted(known, text) for text in texts], tuple(map(str, known))


def _numeric_target(name: str, array: Array) -> Array:
    if array.ndim == 1 and array.dtype.kind in "biu":
        return array.astype(np.int64)
    numbers = _real(name, array)
    return numbers[:, np.newaxis] if array.ndim == 1 else numbers
