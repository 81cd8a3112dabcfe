"""The Python interface to what evidence teaches: `fit` and `update`."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from autosim.api import load
from autosim.defaults import TARGET_ACCEPT
from autosim.inputs.scenario import AnyScenario

if TYPE_CHECKING:
    from autosim.evidence.tables import Evidence
    from autosim.inference.fit import Fit
    from autosim.inference.updating import Updated

__all__ = ["fit", "update"]


def fit(
    scenario: str | Path | AnyScenario,
    evidence: "Evidence | Sequence[str | Path] | None" = None,
    out: str | Path | None = None,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    seed: int = 0,
    target_accept: float = TARGET_ACCEPT,
    *,
    as_of: date | None = None,
) -> "Fit":
    """Condition a scenario on evidence.

    Parameters
    ----------
    scenario
        As in `run`, but no pool.
    evidence
        Checked evidence, or files of it; what comes with autosim if nothing is said.
    out
        File for the posterior: .nc, .parquet or .csv.
    draws, tune, chains
        Draws kept and spent on adaptation per chain.
    seed
        The same seed gives the same bits.
    target_accept
        Acceptance that steps are adapted to, nearer to 1 for finer steps, which cure divergences.
    as_of
        Use no evidence and no priors that were published later; give it to `load` if you load the scenario yourself.

    Returns
    -------
    The posterior (``tree``), what was learnt of each quantity (``table``) and what is wrong with the sampling
    (``problems``, empty if nothing is).

    Raises
    ------
    autosim.errors.AutosimError
        If scenario or evidence cannot be used, or the sampling broke down.
    """
    from autosim.evidence.tables import Evidence, read_evidence, shipped_evidence
    from autosim.inference.files import write_posterior
    from autosim.inference.fit import fit as condition

    known = load(scenario, as_of=as_of) if isinstance(scenario, str | Path) else scenario
    if as_of is not None and known is scenario:
        raise ValueError(
            "as_of: got a scenario that is already loaded, expected its name or path; or load it with as_of"
        )
    if evidence is None:
        tables = shipped_evidence(known.taxonomy)
    elif isinstance(evidence, Evidence):
        tables = evidence
    else:
        tables = read_evidence([Path(path) for path in evidence], known.taxonomy)
    made = condition(known, tables, draws, tune, chains, seed, target_accept=target_accept)
    if out is not None:
        write_posterior(made.tree, Path(out))
    return made


def update(
    posterior: str | Path,
    evidence: Sequence[str | Path],
    out: str | Path | None = None,
    *,
    scenario: str | None = None,
    refit: bool = False,
    force: bool = False,
) -> "Updated":
    """Condition a posterior of `fit` on more evidence: its draws are weighed, or, where that would not do, fitted anew.

    Parameters
    ----------
    posterior
        File of `fit` or `update`, .nc.
    evidence
        Files of rows that it does not know.
    out
        File for the new posterior: .nc, which can be updated again, .parquet or .csv.
    scenario
        The scenario that was fitted, if its file is elsewhere by now.
    refit, force
        Fit anew in any case; take a posterior even if its diagnostics failed.

    Returns
    -------
    The posterior (``tree``), Pareto's ``k`` of the weights, ``why`` it was fitted anew, empty if it was not, and how
    many independent draws it is worth, ``before`` and now (``effective``).

    Raises
    ------
    autosim.errors.AutosimError
        If posterior or evidence cannot be used, or the sampling broke down.
    """
    from autosim.inference.files import write_posterior
    from autosim.inference.fitted import read_fitted
    from autosim.inference.updating import update as condition

    made = condition(
        read_fitted(Path(posterior), scenario, force=force), [Path(path) for path in evidence], refit=refit
    )
    if out is not None:
        write_posterior(made.tree, Path(out))
    return made
