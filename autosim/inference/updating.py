"""New evidence on top of a fit: its draws are weighed anew, or, where too few would count, a new fit is made."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from autosim.errors import InputError
from autosim.evidence.tables import Evidence, read_beside, texts
from autosim.inference.capability import shape_names
from autosim.inference.fit import EVIDENCE, SAMPLING, START, Fit, fit
from autosim.inference.fitted import Fitted
from autosim.inference.foretold import smoothed
from autosim.inference.leaving_out import LARGEST_PARETO_K
from autosim.inference.reporting import attributes, shapes, with_units
from autosim.inference.shape_weights import shape_weights
from autosim.inference.weighing import Weighed, unweighable, weigh
from autosim.inputs.posterior import SHAPES, shape_column
from autosim.inputs.posterior_files import ESS, SAMPLE
from autosim.inputs.scenario import Scenario
from autosim.inputs.shapes import worth

type Floats = NDArray[np.float64]

LEAST_TUNE = 20
"""Draws that a fit must adapt for."""

_SHAPE = shape_column("")
"""How the names of the shapes' probabilities start."""

FEWEST = 100.0
"""Independent draws that must be left where draws are weighed."""


@dataclass(frozen=True)
class Updated:
    """A posterior that knows the new evidence.

    ``why`` says why it was fitted anew, empty if draws were weighed; ``k`` is the Pareto k of the weights, NaN if none
    were worked out; ``before`` and ``effective`` are how many independent draws the posteriors are worth; ``fit`` is
    the new fit, None if there was none.
    """

    scenario: Scenario
    tree: xr.DataTree
    new: Evidence
    why: str
    k: float
    before: float
    effective: float
    fit: Fit | None

    @property
    def problems(self) -> list[str]:
        """What is wrong with a new fit; empty if nothing is, or if there was none."""
        return [] if self.fit is None else self.fit.problems

    @property
    def values(self) -> dict[str, Floats]:
        """Quantities of the posterior by name, (draw,) each."""
        known = self.tree["posterior"].to_dataset()
        return {str(name): item.to_numpy().ravel() for name, item in known.data_vars.items()}

    def as_json(self) -> dict[str, object]:
        """What was done: new rows by table, k-hat, why there was a new fit, and what draws are worth."""
        return {
            "new_rows": {name: len(table) for name, table in self.new.tables().items()},
            "pareto_k": None if np.isnan(self.k) else round(self.k, 4),
            "refitted": self.why,
            "effective_draws": {"before": round(self.before, 1), "after": round(self.effective, 1)},
        }


def update(
    known: Fitted,
    paths: Sequence[Path],
    *,
    refit: bool = False,
    progress: bool = False,
    announce: Callable[[str], object] = str,
) -> Updated:
    """Condition a fit on more evidence.

    Draws are weighed by the new evidence, the weights smoothed (PSIS), and draws taken anew by weight. Where the
    Pareto k of the weights is above 0.7, or too few draws would be left, or draws cannot be weighed by such evidence,
    all evidence is fitted anew, chains starting where those of the fit were.

    Parameters
    ----------
    known
        The fit.
    paths
        Files of new evidence; rows that it knows already are refused.
    refit
        Fit anew in any case.
    progress
        Whether to show how far a new fit is.
    announce
        Told why there will be a new fit before it begins.

    Raises
    ------
    InputError
        If the new evidence cannot be used: none, known, or younger than the fit may know.
    AutosimError
        If sampling broke down.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao & Gabry (2024), JMLR 25(72).
    """
    old, whole, new = _evidence(known, paths)
    why, k = "--refit was asked for" if refit else unweighable(known, old, new), np.nan
    if not why:
        weighed = weigh(known, old, whole, new)
        k, share = _shares(weighed.log_weight)
        effective = known.ess * worth(share) / share.size
        why = _untrusted(weighed, k, effective)
        if not why:
            tree = _taken(known, whole, weighed, share, effective)
            return Updated(known.scenario, tree, new, "", k, known.ess, effective, None)
    announce(why)
    made = _fitted_anew(known, whole, progress=progress)
    effective = float(made.tree.attrs[ESS])
    return Updated(known.scenario, made.tree, new, why, k, known.ess, effective, made)


def _evidence(known: Fitted, paths: Sequence[Path]) -> tuple[Evidence, Evidence, Evidence]:
    """What was fitted, all, and the new rows."""
    whole, new = read_beside(known.evidence, known.place, paths, known.scenario.taxonomy)
    if not new.rows:
        raise InputError("--evidence", "", "no rows", "at least one new row of evidence")
    as_of = known.scenario.as_of
    if as_of is not None and new.before(as_of.day).rows < new.rows:
        got = f"rows that were published after {as_of.day}, as of which the fit is"
        raise InputError("--evidence", "published", got, "rows of that day or before; or a new fit")
    old = {name: table.iloc[: len(table) - len(new.tables()[name])] for name, table in whole.tables().items()}
    return Evidence(**old), whole, new


def _shares(log_weight: Floats) -> tuple[float, Floats]:
    """Pareto k and smoothed weights [1], (draw,); NaN where the weights are no numbers."""
    if not np.isfinite(log_weight).all():
        return np.nan, np.zeros(log_weight.size)
    weight, ks = smoothed(log_weight[None])
    share = np.exp(weight[0] - weight[0].max())
    return float(ks[0]), share / share.sum()


def _untrusted(weighed: Weighed, k: float, effective: float) -> str:
    """Why weights are not to be trusted; empty if they are."""
    if weighed.lost:
        return f"{', '.join(weighed.lost)}: farther from the trend than levels are sought"
    if np.isnan(k):
        return "in some draws the new evidence is impossible"
    if k > LARGEST_PARETO_K:
        return f"k-hat is {k:.2f}, above {LARGEST_PARETO_K}: few draws of the fit say what the new evidence says"
    if effective < FEWEST:
        return f"draws would be worth {effective:.0f}, fewer than {FEWEST:.0f}"
    return ""


def _taken(known: Fitted, whole: Evidence, weighed: Weighed, share: Floats, effective: float) -> xr.DataTree:
    """Draws taken by weight, by systematic resampling (Kitagawa 1996), as a posterior file has them."""
    scenario, size = known.scenario, share.size
    rows = np.searchsorted(np.cumsum(share) / share.sum(), (np.arange(size) + 0.5) / size)
    columns = {name: (SAMPLE, column[None, rows]) for name, column in weighed.columns.items()
               if not name.startswith(_SHAPE)}  # fmt: skip
    if weighed.ready.models or weighed.ready.trial_days:
        columns |= shapes(weighed.log_shape[:, rows].T[None], scenario, known.seed)
    coords = {SAMPLE[0]: [0], SAMPLE[1]: np.arange(size)}
    posterior = with_units(xr.Dataset(columns, coords=coords))
    dims = ("trajectory", *SAMPLE, "model")
    trend = xr.DataArray(weighed.trends[:, None, rows], dims=dims, coords={"trajectory": list(shape_names(scenario))})
    weights = shape_weights(weighed.ready, scenario, posterior, trend if weighed.ready.models else None)
    start = xr.Dataset({name: ([f"{name}_{axis}" for axis in range(value.ndim)], value)
                        for name, value in known.start.items()})  # fmt: skip
    groups = {"posterior": posterior, EVIDENCE: xr.Dataset(texts(whole)), START: start}
    tree = xr.DataTree.from_dict(groups)
    found = [known.diagnosis] if known.diagnosis else []
    tree.attrs = attributes(scenario, whole, known.seed, found, effective) | {
        SAMPLING: json.dumps(dict(known.sampling))
    }
    if weights:
        tree.attrs[SHAPES] = weights.attribute()
    return tree


def _fitted_anew(known: Fitted, whole: Evidence, *, progress: bool) -> Fit:
    """A new fit whose chains start where those of the last one were, and adapt half as long."""
    said = known.sampling
    numbers = int(said["draws"]), max(int(said["tune"]) // 2, LEAST_TUNE), int(said["chains"]), known.seed
    target = float(said["target_accept"])
    made = fit(known.scenario, whole, *numbers, target_accept=target, progress=progress, start=known.start)
    made.tree.attrs[SAMPLING] = json.dumps(dict(said))
    return made
