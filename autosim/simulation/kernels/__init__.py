"""Compiled twins of the plain equations, for the loops that take all the time.

Each kernel does for a chunk of draws what named functions of `autosim.equations` do for arrays, and is tested against
them. Success and choice are worked in single precision, right to some 1e-6; what is summed over time in double.
"""

from autosim.simulation.kernels.counting import count
from autosim.simulation.kernels.elementary import exp2, exp2_and_rest, in_single, softplus
from autosim.simulation.kernels.path import Course, Limits, march
from autosim.simulation.kernels.suites import advances, pass_rates, resample, success_lengths
from autosim.simulation.kernels.work import Work, binding, labour, summarise

__all__ = [
    "Course",
    "Limits",
    "Work",
    "advances",
    "binding",
    "count",
    "exp2",
    "exp2_and_rest",
    "in_single",
    "labour",
    "march",
    "pass_rates",
    "resample",
    "softplus",
    "success_lengths",
    "summarise",
]
