"""How much of AI R&D can AI take over, when, and how much faster does R&D then go.

    >>> import autosim
    >>> ds = autosim.run("optimistic", draws=64)
    >>> dict(ds.sizes)["draw"]
    64

The commands of the shell wrap the functions named here. Everything heavy is imported when it is first asked for.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autosim.analyses import blockers, cruxes, evaluations, replicate, sensitivity
    from autosim.api import (
        Pool,
        Scenario,
        compare,
        forecast,
        import_evidence,
        load,
        run,
        scenarios,
        simulate,
        to_dataset,
        validate,
    )
    from autosim.exporting.writing import export
    from autosim.learning import fit, update
    from autosim.scores import backtest, score_outlooks

__version__ = version("autosim")
__all__ = [
    "Pool",
    "Scenario",
    "__version__",
    "backtest",
    "blockers",
    "compare",
    "cruxes",
    "evaluations",
    "export",
    "fit",
    "forecast",
    "import_evidence",
    "load",
    "replicate",
    "run",
    "scenarios",
    "score_outlooks",
    "sensitivity",
    "simulate",
    "to_dataset",
    "update",
    "validate",
]


_ANALYSES = dict.fromkeys(("blockers", "cruxes", "evaluations", "replicate", "sensitivity"), "autosim.analyses")
_SCORES = dict.fromkeys(("backtest", "score_outlooks"), "autosim.scores")
_LEARNING = dict.fromkeys(("fit", "update"), "autosim.learning")
_EXPORTS = {"export": "autosim.exporting.writing"}


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module((_ANALYSES | _SCORES | _LEARNING | _EXPORTS).get(name, "autosim.api")), name)
    raise AttributeError(f"module 'autosim' has no attribute '{name}'")
