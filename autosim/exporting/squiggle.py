"""Squiggle source: a sample set for each number, such that what belongs together stays together."""

import json
import re

import numpy as np

from autosim.errors import InputError
from autosim.exporting.runs import Run, Variable
from autosim.exporting.tables import said_of
from autosim.words import month

SAMPLES = 1000
"""Draws that are taken: as many samples as Squiggle works with by default. It takes sample sets of that length as they
are, sample i of one with sample i of the other; shorter ones it draws from anew, each by itself."""

_HEAD = """\
// autosim: {scenario}, version {version}, seed {seed}; {samples:,} of {draws:,} draws.
// Sample i of each set is the same draw, so that dependence is kept as long as Squiggle works with {samples:,} samples.
// {run}
"""
_NAME = re.compile(r"[^A-Za-z0-9]+")


def squiggle(run: Run) -> str:
    """Squiggle source with an exported sample set for each variable and date, such as ``labour_speedup_2029_08``.

    Parameters
    ----------
    run
        Of at least 1,000 and at most 10,000 draws, of which 1,000 are taken, evenly spaced.

    Raises
    ------
    InputError
        If draws were not kept or are too few, or two names are one in Squiggle.
    """
    kept = run.of_draws()
    draws = int(kept.attributes["draws"])
    if draws < SAMPLES:
        raise InputError(kept.place, "", f"{draws:,} draws", f"at least {SAMPLES:,}, as many as Squiggle has samples")
    taken = (np.arange(SAMPLES) * draws) // SAMPLES
    told = {name: kept.attributes[name] for name in ("scenario", "version", "seed")}
    parts = [_HEAD.format(**told, samples=SAMPLES, draws=draws, run=said_of(kept))]
    names: set[str] = set()
    for one in kept.variables:
        for at, day in enumerate([""] if one.constant else kept.dates):
            name = _named(one.name, day)
            if name in names:
                raise InputError(kept.place, one.name, f"a second {name}", "names that differ in letters and digits")
            names.add(name)
            parts.append(_sample_set(name, one, day, one.values[taken, at]))
    return "\n".join(parts)


def _named(name: str, day: str) -> str:
    """A name that Squiggle takes: it begins with a small letter, and has no points."""
    spelt = _NAME.sub("_", f"{name} {day[:7]}").strip("_")
    return spelt[0].lower() + spelt[1:]


def _sample_set(name: str, one: Variable, day: str, samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> str:
    label = f"{one.meaning}, {month(day)}" if day else one.meaning
    listed = ", ".join(str(value) for value in samples)
    name_said, unit_said = (json.dumps(text, ensure_ascii=False) for text in (label, f"unit: {one.units}"))
    return f"@name({name_said})\n@doc({unit_said})\nexport {name} = SampleSet.fromList([{listed}])\n"
