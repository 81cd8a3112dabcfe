"""What a backtest settles before it scores: its choices as text, and the files that forecasts come from."""

from collections.abc import Sequence

from autosim.backtesting.baselines import baselines
from autosim.backtesting.cache import code_files, scenario_sha256
from autosim.backtesting.coverage import LEVELS
from autosim.backtesting.origins import Start
from autosim.backtesting.registration import Registration
from autosim.backtesting.running import OWN, PRIOR, Settings
from autosim.backtesting.targets import KINDS, LADDER_MIN, MONTHS_APART
from autosim.defaults import TARGET_ACCEPT

_CODE = ("backtesting", "equations", "evidence", "inference", "inputs", "draws.py", "streams.py")
"""Parts of the package that forecasts and scores come from."""


def registration_of(origins: Sequence[Start], settings: Settings, *, strict: bool) -> Registration:
    """What these origins will be forecast and scored by.

    Evidence is no part of it: more outcomes may be scored by what was registered, and the report names the evidence.
    """
    structure = {
        "forecasters": ", ".join((OWN, PRIOR, *(one.name for one in baselines(None)))),
        "targets": ", ".join(KINDS),
        "milestones": f"{', '.join(f'{step:g}' for step in LADDER_MIN)} min, every {MONTHS_APART} months",
        "intervals": ", ".join(f"{level:g}" for level in LEVELS),
        "draws": str(settings.draws),
        "fit": f"{settings.chains} chains of {settings.tune} + {settings.fit_draws} draws, "
        f"target_accept {TARGET_ACCEPT:g}",
        "seed": str(settings.seed),
        "known": "what was published" if strict else "results of models that were out",
    }
    return Registration(structure | _scenarios(origins), code_files(*_CODE) | _inputs(origins))


def _scenarios(origins: Sequence[Start]) -> dict[str, str]:
    """The scenario as of each cut-off: its name, what was laid over it, and the hash of all that numbers depend on."""
    found = {}
    for start in origins:
        header = start.scenario.header
        laid = f" with {', '.join(header.overrides)}" if header.overrides else ""
        found[f"scenario at {start.cut_off}"] = f"{header.slug}{laid}, {scenario_sha256(start.scenario)[:16]}"
    return found


def _inputs(origins: Sequence[Start]) -> dict[str, str]:
    return {file.place: file.sha256 for start in origins for file in start.scenario.header.files}
