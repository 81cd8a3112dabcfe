"""Builds docs/gallery.md and its pictures: ``.venv/bin/python scripts/gallery.py``. Same numbers, same files."""

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import autosim
from autosim.analysis.summary import Json, summarise
from autosim.plots.figures import draw_comparison, draw_priors, draw_run

DOCS = Path(__file__).parents[1] / "docs"
DRAWS = 1000
SCENARIO = "optimistic"
OUTLOOKS = ("pessimistic", "somewhat_optimistic", "optimistic", "extremely_optimistic")
PRIORS = "baseline"
SPLIT = "trajectory"

PAGE = f"""# Gallery

Every figure that autosim draws, and how to read it. `scripts/gallery.py` makes this page and its pictures, with
{DRAWS:,} draws and seed 0. Each figure says in its caption what to see, from its own numbers; commands write each as
PNG and SVG.

Colours differ in lightness, areas also in hatching and points in shape, so that figures can be printed in grey and
read by the colour-blind. What is drawn over all draws is a median with bands, or a mean where parts make up a whole.

## A run

`autosim run {SCENARIO}` writes these into `runs/{SCENARIO}/figures/`.

### Speedups

How much faster it all goes: an hour of researchers' work (`S_L`), one project's calendar (`S_P`), software progress
(`M`). The line is the median of the draws, the dark band holds half of them and the light one 90 %. The three panels
share one scale, logarithmic where values spread far, so that the loss from hours to calendar to progress can be seen:
experiments still take their time, and progress takes compute as well as labour. The dashed line is a ceiling, what
perfect AI would reach: for `S_L` because delegation takes attention, for `S_P` because experiments are waited for. Each
draw has its own ceiling, so bands may pass the median one. Dots mark milestones, at the date by which half of the draws
have reached them; the triangle, when half of today's hours are saved.

![Speedups over time](gallery/run-speedups.png)

### Hours by mode

Who does the work. Today's hours, divided into those worked by hand, with an assistant's help on pieces, by AI with a
human inspecting, and by AI on trust. The darker, the less a human does. Watch whether assistance, the light band, is a
passage or an end: that is what separates the pessimists, who expect a co-pilot, from the others.

![Hours by mode over time](gallery/run-hours_by_mode.png)

### Hours by mode, task by task

The same for each kind of work; beside its name stands the share that AI does alone in the last year. Tasks differ in
length and in how hard each bottleneck bears on them.

![Hours by mode over time, one panel a task](gallery/run-hours_by_mode_per_task.png)

### What stands in the way

For each task (row), the bottlenecks (columns) to which its failures are due, in the first, the middle and the last
year. A row sums to 100 %: it says what blocks, not how much is blocked. That is what the bars beside it say, the share
of the task's hours that AI does. Look for columns that darken: what remains, as others are relieved, is the bottleneck
that is relieved most slowly.

![Heatmap of tasks and bottlenecks at three dates](gallery/run-what_binds.png)

### The gap between evaluations and work

Each panel is one evaluation, and time runs along its curve. If a pass rate said what share of work is automated, the
curve would follow the diagonal. The shaded distance is how far the evaluation runs ahead of work (above) or behind it
(below); its largest value, and when, stands in the panel. Panels are ordered from furthest ahead to furthest behind.
The first ones are passed long before that means anything for hours.

![Pass rate against hours automated, one panel an evaluation](gallery/run-evaluation_gap.png)

### Milestones

Left, when each milestone is first reached. Columns count draws by half year, all on one scale. The line below them runs
from the date by which a tenth of all draws have got there to that of nine tenths, with a dot at half. An arrow says
that the later date lies beyond the end; no line, that fewer than a tenth get there. Right, whether it is reached at
all: in time, not in time, or out of reach by structure (hatched), where perfect AI would not get there either, because
delegation itself takes attention.

![Dates and probabilities of milestones](gallery/run-milestones.png)

### Evaluations solved

Table 4 of Owen 2024, computed: if an AI of the reference date solved this evaluation, what share of hours would be
saved? The circle answers for an AI that is better at everything alike, the diamond for one that got better only at
what the evaluation tests. Thick lines hold half of the draws, thin ones 90 %. The distance between circle and diamond
is what the evaluation does not tell of real work: its construct validity. The columns on the right add in how many
draws no such advance solves it, since an evaluation can hang on a bottleneck that it hardly tests.

![Hours saved if an evaluation were solved](gallery/run-evaluations_solved.png)

### Between structures

How much of the uncertainty comes from choices that data so far cannot settle. A point is the share of an output's
variance over draws that lies between the alternatives: what would go if it were known which one holds. Bands are two
Monte Carlo standard errors either way. A line at 0 says that it makes no difference to this output which alternative
holds, whatever it makes to others. Both together is at least as much as either; it is more than their sum where one
matters more under some alternatives of the other.

![Share of variance between structures over time](gallery/run-structure.png)

### One structure's alternatives

`autosim run {SCENARIO} --by {SPLIT}` adds this one. Lines are medians of the draws that follow an alternative, bars
hold 80 % of them, and the legend says how many they are. Where bars are long and lines close together, it matters
little which alternative holds.

![Speedups, hours saved and horizon by shape of the trajectory](gallery/run-by_trajectory.png)

## A comparison

`autosim compare {" ".join(OUTLOOKS)}` draws the same random numbers for every scenario and writes these into
`runs/comparison/figures/`.

### Speedups, side by side

One column a scenario. A row has one scale, so that heights can be compared along it.

![Speedups of four outlooks](gallery/compared-speedups.png)

### Hours by mode, side by side

Read from left to right, assistance gives way to delegation. The pessimists, for whom checking costs most, check least.

![Hours by mode in four outlooks](gallery/compared-hours_by_mode.png)

### Milestones, side by side

Under each milestone, one line a scenario; read as above. More capable AI would not change the hatched parts of the
bars.

![Milestones of four outlooks](gallery/compared-milestones.png)

## Priors

`autosim priors {PRIORS} --plot` draws every prior with its unit and source, on about twelve pages in
`runs/{PRIORS}-priors/figures/`. Three of them follow. Numbers that stand alone each have a scale of their own, and
their distribution is written out:

![Priors of capability](gallery/priors-capability_1.svg)

What people's choices hang on:

![Priors of delegation](gallery/priors-delegation.svg)

How fully each bottleneck bears on each task, on one scale:

![Priors of severities](gallery/priors-task_severity.svg)
"""


def build(docs: Path) -> None:
    """Make the page and its pictures in a folder of documents, in place of those that were there."""
    simulation = autosim.simulate(SCENARIO, DRAWS)
    with TemporaryDirectory() as made:
        drawn = {name: Path(made) / name for name in ("run", "compared", "priors")}
        for folder in drawn.values():
            folder.mkdir()
        draw_run(simulation, summarise(simulation, [SPLIT]), drawn["run"])
        draw_comparison([_summary(name) for name in OUTLOOKS], drawn["compared"])
        draw_priors(autosim.load(PRIORS), drawn["priors"])
        pictures = docs / "gallery"
        shutil.rmtree(pictures, ignore_errors=True)
        pictures.mkdir()
        for kind, name in re.findall(r"\(gallery/(\w+)-(.*?)\)", PAGE):
            shutil.copyfile(drawn[kind] / name, pictures / f"{kind}-{name}")
    (docs / "gallery.md").write_text(PAGE, encoding="utf-8")


def _summary(name: str) -> Json:
    return summarise(autosim.simulate(name, DRAWS))


if __name__ == "__main__":
    build(DOCS)
    print(f"Written: {DOCS / 'gallery.md'}")
