"""Powers of 2, softplus and success in single precision: what the time goes into.

A NaN stays one: nothing assumes that numbers are finite. Loops run over slices, since otherwise Numba allows for
negative indices and does not use a processor's vectors.
"""

import numpy as np

from autosim.equations.quadrature import Grids
from autosim.simulation.kernels.compiling import Floats, Integers, Singles, part, part_in_order

single = np.float32
ZERO, ONE, LOG2_E = single(0.0), single(1.0), single(1.4426950408889634)
_LOWEST = single(-126.0)  # 2^-126 is the smallest normal number
_ROUNDER = single(12582912.0 + 127.0)  # 1.5 · 2^23 and the exponents' bias: adding it rounds to a whole number
# (2^r - 1)/r on [-1/2, 1/2] within 8e-9 and log1p(e)/e on [0, 1] within 3e-8, highest power first
_EXP2 = (0.00015461447765, 0.00133908668067, 0.009618056938, 0.05550356957, 0.240226507187, 0.69314718246)
_LOG1P = (0.00525345792994, -0.02958850748837, 0.07836166769266, -0.1367477029562, 0.19111430644989)
_LOG1P_REST = (-0.24844369292259, 0.3331927061080, -0.49999502301217, 1.0)
_EXP2_SINGLE, _LOG1P_SINGLE = tuple(map(single, _EXP2)), tuple(map(single, _LOG1P + _LOG1P_REST))

type Scratch = tuple[Singles, Singles, Singles]


@part_in_order
def _split(x: np.float32) -> tuple[np.float32, np.float32]:
    """2^x as 2^n and the rest, n a whole number."""
    x = max(x, _LOWEST)
    n = x + _ROUNDER
    r = x - (n - _ROUNDER)
    p = _EXP2_SINGLE[0]
    for c in _EXP2_SINGLE[1:]:
        p = p * r + c
    scale = np.int32(single(n).view(np.int32) << 23).view(np.float32)
    return scale, scale * (p * r)


@part_in_order
def exp2(x: np.float32) -> np.float32:
    """2^x for x below 127; below -126 it stays there."""
    scale, rest = _split(x)
    return scale + rest


@part_in_order
def exp2_and_rest(x: np.float32) -> tuple[np.float32, np.float32]:
    """2^x as in `exp2`, and 1 - 2^x, which keeps its digits where 2^x is close to 1."""
    scale, rest = _split(x)
    return scale + rest, (ONE - scale) - rest


@part_in_order
def softplus(x: np.float32) -> np.float32:
    """Twin of `equations.arrays.softplus`."""
    e = exp2(-abs(x) * LOG2_E)
    p = _LOG1P_SINGLE[0]
    for c in _LOG1P_SINGLE[1:]:
        p = p * e + c
    return max(x, ZERO) + p * e


def in_single(grids: Grids) -> tuple[Singles, Integers, Integers, Integers, Integers, Integers, Singles]:
    """Grids with nodes and weights in single precision, as kernels take them."""
    return (grids.nodes.astype(np.float32), *grids[1:-1], grids.weights.astype(np.float32))


@part
def scratch(bottlenecks: int, nodes: int) -> Scratch:
    """Room for a table of softplus (bottleneck, node), p and 1 - p."""
    rows = np.empty((bottlenecks + 2, nodes), np.float32)
    return rows[:bottlenecks], rows[bottlenecks], rows[bottlenecks + 1]


@part
def tabulate(x: Singles, horizons: Floats, slope: Floats, table: Singles) -> None:
    """Each bottleneck's softplus(slope (x - horizon)), (bottleneck, x)."""
    for b in range(slope.size):
        row, k, h = table[b, : x.size], single(slope[b]), single(horizons[b])
        for j in range(x.size):
            row[j] = softplus(k * (x[j] - h))


@part
def _rate(severity: Floats, b: int) -> np.float32:
    """What a bottleneck's softplus counts for in log2 of failure; nothing if there is none."""
    return single(severity[b]) * LOG2_E if b < severity.size else ZERO


@part
def attempt(table: Singles, severity: Floats, begin: int, end: int, success: Singles, failure: Singles) -> None:
    """Twin of `equations.success.log_failure_weight` and exp(-it): p and 1 - p, each with all its digits.

    Bottlenecks are added up two or three at a stroke: with more at once, compilers give up vectors.
    """
    p, q, last = success[begin:end], failure[begin:end], severity.size - 1
    p[:] = ZERO
    for b in range(0, severity.size - 2, 3):
        row_0, row_1, row_2 = table[b, begin:end], table[b + 1, begin:end], table[b + 2, begin:end]
        r_0, r_1, r_2 = _rate(severity, b), _rate(severity, b + 1), _rate(severity, b + 2)
        for j in range(p.size):
            p[j] += r_0 * row_0[j] + r_1 * row_1[j] + r_2 * row_2[j]
    rest = severity.size - severity.size % 3
    row_0, row_1 = table[min(rest, last), begin:end], table[min(rest + 1, last), begin:end]
    r_0, r_1 = _rate(severity, rest), _rate(severity, rest + 1)
    for j in range(p.size):
        p[j], q[j] = exp2_and_rest(-(p[j] + r_0 * row_0[j] + r_1 * row_1[j]))


@part_in_order
def weigh(nodes: Floats, x: float, weights: Floats) -> None:
    """Weights of the polynomial through ``nodes`` at ``x`` (Lagrange); exactly 0 and 1 where x is a node."""
    for i in range(nodes.size):
        here = there = 1.0
        for j in range(nodes.size):
            if j != i:
                here *= x - nodes[j]
                there *= nodes[i] - nodes[j]
        weights[i] = here / there
