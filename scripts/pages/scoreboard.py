"""Builds docs/scoreboard.md and its pictures: ``.venv/bin/python scripts/pages/scoreboard.py FOLDER [CACHE]``.

FOLDER holds METR's tables ``horizons.csv`` and ``task_results_th11.csv``, which are not part of this project; CACHE is
where fits are kept. The same as ``autosim backtest`` with these tables as evidence and the shipped trials beside them;
surveys and counts of experts say nothing of what is forecast. Same numbers, same files; what has changed since the
first page is listed on it.
"""

import json
import sys
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from page import DOCS, Page, house_style

from autosim.analysis.summary import Json
from autosim.backtesting.coverage import ALL
from autosim.backtesting.in_words import (
    KIND_LABELS,
    LEGEND,
    MEASURE_LABELS,
    SCORE_HEADS,
    cautions,
    kind_heads,
    kind_rows,
    label,
    score_rows,
    verdicts,
)
from autosim.backtesting.making import make
from autosim.backtesting.origins import CUT_OFFS
from autosim.backtesting.running import Settings
from autosim.evidence.importing import import_evidence
from autosim.evidence.tables import Evidence, read_evidence, write_evidence
from autosim.inputs.loading import load
from autosim.inputs.shipped import shipped_folder
from autosim.plots.backtest import calibrated, differences, fans

VERSIONS = {"v1.0": date(2025, 3, 19), "v1.1": date(2026, 1, 29)}
"""Versions of METR's suite, and when METR published horizons measured on it."""

PRIORS = shipped_folder("priors")
TRIALS = PRIORS / "evidence" / "trials.csv"
REGISTRATION = DOCS / "scoreboard.registration.json"
WHY = Path(__file__).with_name("scoreboard-why.md")
"""What the numbers mean, written by hand after they were seen."""


def sets(folder: Path) -> dict[str, Evidence]:
    """METR's tables as evidence, a set for each version of its suite; outcomes are published for v1.1 alone."""
    names = load("baseline").taxonomy
    found = {}
    with TemporaryDirectory() as scratch:
        table = pd.read_csv(folder / "horizons.csv", dtype="str")
        for version, day in VERSIONS.items():
            part, horizons = Path(scratch) / "part.csv", Path(scratch) / f"horizons-{version}.csv"
            table[table["benchmark"].str.endswith(version)].to_csv(part, index=False)
            write_evidence(imported(part, "metr_horizons", version, day), horizons)
            files = [horizons]
            if version == "v1.1":
                outcomes = Path(scratch) / "outcomes.csv"
                results = folder / "task_results_th11.csv"
                write_evidence(imported(results, "metr_task_results", version, day), outcomes)
                files.append(outcomes)
            found[version] = read_evidence([*files, TRIALS], names)
    return found


def imported(path: Path, mapping: str, version: str, day: date) -> Evidence:
    """One of METR's tables as evidence."""
    said = [f"source=METR, Time Horizon {version}", f"published={day}"]
    return import_evidence("csv", path, mapping=str(PRIORS / "import" / f"{mapping}.yaml"), value=said).evidence


def by_kind(found: Json, verdict: str) -> str:
    """Where autosim is better, or worse, by more than a standard error, kind by kind, as a list."""
    told: dict[str, list[str]] = {}
    for one in found["differences"]:
        if one["verdict"] == verdict and one["kind"] != ALL:
            where = f"{KIND_LABELS[one['kind']]} ({MEASURE_LABELS[one['measure']]})"
            told.setdefault(label(one["second"]), []).append(where)
    return "\n".join(f"- **{other}**: {', '.join(places)}" for other, places in told.items()) or "- nowhere"


def origins_row(one: Json) -> tuple[str, ...]:
    """An origin in the table of what was known and what came."""
    known, came = one["known"], one["targets"]
    counts = (known["horizons"], known["outcomes"], known["trials"])
    later = (came.get(kind, 0) for kind in ("p50", "outcome", "trial", "milestone"))
    replaced = len(one["priors"]["substitutions"])
    fit = "converged" if one["fit"]["converged"] else one["fit"]["diagnosis"]
    return (f"{one['data']}, {one['cut_off']}", *map(str, (*counts, *later, replaced)), fit)


def bullets(lines: list[str]) -> str:
    """Lines as a list."""
    return "\n".join(f"- {line}" for line in lines)


def write(page: Page, found: Json, *intro: str) -> None:
    """Write everything but what the numbers mean."""
    page.write(*intro, "## The scores", f"{found['models']} models came later than one cut-off or another.")
    page.table([head.replace("\n", " ").strip() for head in SCORE_HEADS], score_rows(found))
    page.write(LEGEND)
    page.parts.append(bullets(verdicts(found)))
    with house_style():
        page.picture(differences(found), "differences", "autosim's paired differences to each baseline")
        page.write(
            "CRPS over that of persistence, by kind of target (how many, of how many models, trials or milestones):"
        )
        page.table([head.replace("\n", " ") for head in kind_heads(found)], kind_rows(found))
        page.write("## Where autosim wins", "By more than one standard error, it is better than")
        page.parts.append(by_kind(found, "better"))
        page.write("## Where it does not", "By more than one standard error, it is worse than")
        page.parts.append(by_kind(found, "worse"))
        page.write("## What was forecast, and what happened")
        page.picture(fans(found), "fans", "Forecast horizons at three cut-offs, with what was known and what came")
        page.write("## Calibration")
        page.picture(calibrated(found), "calibration", "Histogram of PITs, and coverage of central intervals")
    page.write("## What was known, and what came")
    heads = ("set, cut-off", "horizons known", "outcomes", "trials", "horizons later", "outcomes", "trials")
    page.table((*heads, "milestones", "priors replaced", "what of the fit"), map(origins_row, found["origins"]))
    page.write("What to beware of:")
    page.parts.append(bullets(cautions(found)))


def main(folder: Path, cache: Path | None) -> None:
    """Score, and write the page."""
    evidence, settings = sets(folder), Settings(cache=cache)
    found, _ = make(
        lambda day: load("baseline", as_of=day), evidence, CUT_OFFS, settings, lambda _: nullcontext(), REGISTRATION
    )
    page = Page("scoreboard")
    (page.folder / "backtest.json").write_text(json.dumps(found, allow_nan=False, indent=1) + "\n", encoding="utf-8")
    write(
        page,
        found,
        "# Scoreboard",
        f"""Generated by `scripts/pages/scoreboard.py` from METR's published tables (horizons of suites v1.0 and v1.1,
        and successes per task of v1.1; METR 2025 and 2026) with the trials that come with autosim, seed
        {found["seed"]}. All numbers are results; none is typed by hand. [Backtest](backtest.md) says what is
        known at a cut-off, what is forecast and how it is scored. The whole report is
        [scoreboard/backtest.json](scoreboard/backtest.json).""",
    )
    page.write(f"Registered before scoring: `{found['registration']['sha256']}` (`{REGISTRATION.name}`).")
    page.parts.append(WHY.read_text(encoding="utf-8").strip())
    page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
