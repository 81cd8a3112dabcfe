#!/usr/bin/env python
"""Fit the baseline to the evidence that comes with autosim, and write what was learnt into README.md.

.venv/bin/python scripts/learnt.py

It stands between the marks <!-- learnt --> and <!-- /learnt -->. A fit that is not sound changes nothing.
"""

import re
import sys
from pathlib import Path

import autosim
from autosim.inference.diagnostics import NOT_LEARNT, Row
from autosim.inference.fit import Fit
from autosim.words import number, percent

README = Path(__file__).resolve().parents[1] / "README.md"
SHAPE_HEADS = (
    "| shape of the trajectory | prior | Bayes | elpd difference | weight in forecasts |\n|---|---|---|---|---|\n"
)
HEADS = "| quantity | prior median | sd | posterior median | sd | sd ratio |\n|---|---|---|---|---|---|\n"


def line(row: Row) -> str:
    """One row of the table, as `autosim fit` prints it."""
    values = (row.prior_median, row.prior_sd, row.median, row.sd)
    cells = ["–" if value != value else number(value, 3) for value in values]  # noqa: PLR0124 - NaN: it has no prior
    ratio = "–" if row.ratio != row.ratio else f"{row.ratio:.2f}"
    return f"| `{row.name}` | {' | '.join(cells)} | {ratio}{', not learnt' if row.ratio > NOT_LEARNT else ''} |\n"


def shapes(made: Fit) -> str:
    """Weights of the trajectory's shapes, as `autosim fit` prints them."""
    if made.shapes is None:
        sys.exit("the fit says nothing of the trajectory's shapes")
    rows = "".join(
        f"| {name} | {percent(one.prior)} | {percent(one.bayes)} | {one.compared} | {percent(one.weight)} |\n"
        for name, one in made.shapes.shapes.items()
    )
    return f"{SHAPE_HEADS}{rows}\n{' '.join(made.shapes.lines())}"


def main() -> None:
    """Fit, and rewrite the part of the README."""
    made = autosim.fit("baseline")
    if not made.converged:
        sys.exit("; ".join(made.problems[:5]))
    table = [row for row in made.table if not row.name.startswith("trajectory_weight.")]
    learnt = [row for row in table if row.ratio <= NOT_LEARNT]
    known = sum(row.ratio == row.ratio for row in table)
    text = (
        f"<!-- learnt -->\nOf {known} parameters, {len(learnt)} were learnt, by the ratio of posterior to prior sd "
        f"(above {NOT_LEARNT}: *not learnt*):\n\n{HEADS}{''.join(map(line, learnt))}\n"
        f"{shapes(made)}\n\n"
        f"<details><summary>The whole table: every parameter, then what belongs to the evidence alone</summary>\n\n"
        f"{HEADS}{''.join(map(line, table))}\n</details>\n<!-- /learnt -->"
    )
    old = README.read_text(encoding="utf-8")
    README.write_text(re.sub(r"<!-- learnt -->.*<!-- /learnt -->", lambda _: text, old, flags=re.DOTALL), "utf-8")


if __name__ == "__main__":
    main()
