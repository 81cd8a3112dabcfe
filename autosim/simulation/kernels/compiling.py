"""How the kernels are compiled, and when anew."""

import hashlib
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Singles = NDArray[np.float32]
type Integers = NDArray[np.int64]

_numba: Any = importlib.import_module("numba")
_FUSED, _REORDERED = frozenset({"contract"}), frozenset({"contract", "reassoc", "arcp", "nsz"})
_ALWAYS = {"nogil": True, "error_model": "numpy"}


def source_stamp() -> str:
    """What all files of this package hold, in short."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


_STAMP = source_stamp()


def compiled[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel to machine code that runs without the interpreter's lock, once per machine.

    What is compiled is kept on disk, with all that it calls. Numba would compile it anew only when the function's own
    file has changed; here it is when any file of this package has.
    """
    dispatcher = _numba.njit(cache=True, fastmath=set(_REORDERED), **_ALWAYS)(function)
    dispatcher._cache._cache_file._source_stamp = _STAMP  # no public way
    return cast(Callable[P, R], dispatcher)


def part[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile a part of kernels into each kernel that calls it.

    A part that kernels shared would be whichever kernel's version was loaded first, and those differ in the last bits.
    """
    return cast(Callable[P, R], _numba.njit(forceinline=True, fastmath=set(_REORDERED), **_ALWAYS)(function))


def part_in_order[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile a part whose sums must not be reordered."""
    return cast(Callable[P, R], _numba.njit(forceinline=True, fastmath=set(_FUSED), **_ALWAYS)(function))
