"""Options that several commands share, and how they simulate: with a progress bar where somebody watches."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autosim.cli.progress import watching
from autosim.defaults import DRAWS, LARGEST_AUTO, LARGEST_SEED, TOLERANCE
from autosim.errors import InputError, shown
from autosim.inputs.scenario import AnyScenario
from autosim.inputs.schema import as_day

if TYPE_CHECKING:
    from autosim.analysis.given import Condition
    from autosim.simulation.counts import Threshold
    from autosim.simulation.run import Simulation

MOST_DRAWS = 10**9


def setting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--set --structure`` to a command."""
    for option in (
        click.option(
            "--structure",
            "structure",
            multiple=True,
            metavar="NAME=VALUE",
            help="Pin a structural choice, such as trajectory=saturating.",
        ),
        click.option(
            "--set",
            "assignments",
            multiple=True,
            metavar="NAME=VALUE",
            help="Lay a value over the scenario, by dotted name; repeatable.",
        ),
    ):
        function = option(function)
    return function


def simulating(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--draws --seed --set --structure --posterior --force`` to a command."""
    function = assuming(function)
    return click.option(
        "--draws",
        type=click.IntRange(1, MOST_DRAWS),
        default=DRAWS,
        show_default=True,
        help="Draws from the priors.",
    )(function)


def _number_or_auto(context: click.Context, option: click.Parameter, said: str) -> int:
    """Read a number of draws; ``auto`` is 0."""
    if said == "auto":
        return 0
    number: int = click.IntRange(1, MOST_DRAWS)(said, option, context)
    return number


def sampling(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what `simulating` adds, where draws may be ``auto``, and ``--tolerance``."""
    function = assuming(function)
    for option in (
        click.option(
            "--tolerance",
            type=click.FloatRange(0.0, min_open=True),
            metavar="SHARE",
            help="With --draws auto: largest Monte Carlo error of the headline, as a share of it.  "
            f"[default: {TOLERANCE}]",
        ),
        click.option(
            "--draws",
            callback=_number_or_auto,
            metavar="N|auto",
            default=str(DRAWS),
            show_default=True,
            help="Draws from the priors; auto for as many as the median labour speedup five years on needs.",
        ),
    ):
        function = option(function)
    return function


def enough(
    scenarios: Iterable[AnyScenario], draws: int, tolerance: float | None, seed: int, given: Sequence[str]
) -> int:
    """How many draws to take: as said, or with ``auto`` (0) as many as the most demanding scenario needs.

    Raises
    ------
    InputError
        If a tolerance is said without ``auto``, ``auto`` comes with observations, or no number is enough.
    """
    if draws:
        if tolerance is not None:
            raise InputError("--tolerance", "", f"{tolerance:g} with {draws:,} draws", "it with --draws auto")
        return draws
    if given:
        raise InputError("--draws", "", "auto with --given", "a number of draws: what they are worth is told")
    from autosim.analysis.enough import enough_draws

    wanted = TOLERANCE if tolerance is None else tolerance
    found = 0
    for scenario in scenarios:
        with watching(f"{scenario.header.name}: how many draws", LARGEST_AUTO, "draws") as progress:
            found = max(found, enough_draws(scenario, wanted, seed, progress))
    return found


def assuming(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--seed --set --structure --posterior --force`` to a command."""
    function = setting(function)
    for option in (
        click.option("--force", is_flag=True, help="Take a posterior even if its diagnostics failed."),
        click.option(
            "--posterior",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Draw what was learnt from the posterior of a fit.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(0, LARGEST_SEED),
            default=0,
            show_default=True,
            help="The same seed gives the same numbers.",
        ),
    ):
        function = option(function)
    return function


def _day(_: click.Context, option: click.Parameter, said: str | None) -> date | None:
    """Read the day of ``--as-of``."""
    if said is None:
        return None
    day = as_day(said)
    if not isinstance(day, date):
        raise InputError(option.opts[0], "", shown(said), "a date such as 2024-08-27")
    return day


def dating(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--as-of`` to a command."""
    return click.option(
        "--as-of",
        "as_of",
        callback=_day,
        metavar="DATE",
        help="Use nothing that was published later: younger priors give way to what was said before.",
    )(function)


def targeting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--target`` to a command."""
    return click.option(
        "--target",
        metavar="TARGET",
        help="What is asked: NAME@DATE, NAME>=LEVEL (its date) or NAME>=LEVEL@DATE.  "
        "[default: labour_speedup five years after the reference date]",
    )(function)


def marking(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--milestone`` to a command."""
    return click.option(
        "--milestone",
        "milestones",
        multiple=True,
        metavar="NAME>=LEVEL",
        help="Tell when a threshold of yours is reached, such as 'progress_multiplier>=3'; repeatable.",
    )(function)


def conditioning(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--given`` to a command."""
    return click.option(
        "--given",
        "given",
        multiple=True,
        metavar="CONDITION",
        help="Condition on an observation: NAME@DATE=VALUE, NAME@DATE=VALUE+-SD, NAME@DATE>=VALUE or NAME@DATE<=VALUE; "
        "repeatable.",
    )(function)


def splitting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--by`` to a command that simulates."""
    return click.option(
        "--by",
        "by",
        multiple=True,
        metavar="STRUCTURE",
        help="Split results by structure: trajectory, substitution, trajectory+substitution or, in a pool, outlook; "
        "repeatable.",
    )(function)


def grouping(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--by --group`` to a command."""
    for option in (
        click.option(
            "--group",
            "groups",
            multiple=True,
            metavar="NAME=PARAMETER,...",
            help="Put parameters, by dotted name, into a group; repeatable. All others are one group more.",
        ),
        click.option(
            "--by",
            type=click.Choice(("group", "parameter")),
            default="group",
            show_default=True,
            help="Divide assumptions by what they are about, or by parameter of the model.",
        ),
    ):
        function = option(function)
    return function


def structures(
    by: Sequence[str], scenario: AnyScenario, draws: int, conditions: "Sequence[Condition]"
) -> tuple[str, ...]:
    """Read ``--by``, and refuse it before anything is simulated where draws will not be kept one by one.

    Raises
    ------
    InputError
        If a structure is unknown, or there are too many draws.
    """
    from autosim.analysis.splitting import parse_structures, refuse_unkept
    from autosim.simulation.run import MOST_FULL_DRAWS

    found = parse_structures(by, scenario)
    if not conditions:
        refuse_unkept(found, min(draws, MOST_FULL_DRAWS), draws)
    return found


def overrides(assignments: tuple[str, ...], structure: tuple[str, ...]) -> tuple[str, ...]:
    """Put ``--set`` and ``--structure`` together."""
    return (*assignments, *(f"structure.{choice}" for choice in structure))


def refuse_same(option: str, target: Path, others: Iterable[Path]) -> None:
    """Refuse to write over a file that is read, or written already.

    Raises
    ------
    InputError
        If the target is one of the others, by whatever path.
    """
    for other in others:
        if target.resolve() == other.resolve():
            raise InputError(option, "", f"{target}, which is read or written already", "another file")


def watched(
    scenario: AnyScenario,
    draws: int,
    seed: int,
    conditions: "Sequence[Condition]" = (),
    thresholds: "Sequence[Threshold] | None" = None,
    *,
    as_worth: bool = False,
) -> "Simulation":
    """Simulate; show progress on a terminal once it takes longer than a moment."""
    from autosim.analysis.conditioning import choose
    from autosim.simulation.conditioned import simulate_chosen
    from autosim.simulation.counts import THRESHOLDS
    from autosim.simulation.run import simulate

    counted = thresholds or THRESHOLDS
    if conditions:
        with watching(f"{scenario.header.name}: what is given", draws, "draws") as progress:
            chosen = choose(scenario, draws, seed, conditions, progress, as_worth=as_worth)
        with watching(scenario.header.name, len(chosen.distinct), "draws") as progress:
            return simulate_chosen(scenario, seed, chosen, progress, thresholds=counted)
    with watching(scenario.header.name, draws, "draws") as progress:
        return simulate(scenario, draws, seed, progress, thresholds=counted)
