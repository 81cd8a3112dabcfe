"""Logs of Inspect AI (UK AI Security Institute), ``.eval`` and ``.json``, as evaluation outcomes."""

from collections.abc import Sequence
from pathlib import Path

from autosim.errors import InputError, one_of, shown
from autosim.evidence.importing import Format, Imported, Option, Report, day
from autosim.evidence.inspect_logs.attempts import DROP, FAILURE, Choice, attempts
from autosim.evidence.inspect_logs.logs import log_files, read_head
from autosim.evidence.inspect_logs.rows import Known, notes, outcomes, read_settings, read_side_table
from autosim.evidence.inspect_logs.scoring import rule
from autosim.evidence.tables import make_evidence
from autosim.inputs.scenario import Taxonomy


def read(
    paths: Sequence[Path],
    taxonomy: Taxonomy,
    *,
    scorer: Sequence[str],
    threshold: str | None,
    errors: str | None,
    stages: bool,
    samples: str | None,
    settings: str | None,
    suite: str | None,
    release_date: str | None,
    frontier: bool,
    published: str | None,
    source: str | None,
) -> Imported:
    """Read logs, a run at a time, and count successes per model and sample over epochs.

    Raises
    ------
    InputError
        For the first thing that is wrong: file and sample, got, expected; or if nothing is left.
    """
    if errors is not None and errors not in (FAILURE, DROP):
        raise InputError("--errors", "", shown(errors), one_of(errors, (FAILURE, DROP), "one"))
    known = Known(
        read_settings(settings),
        None if release_date is None else day("--release-date", release_date),
        frontier,
        suite,
        read_side_table(samples, taxonomy),
    )
    choice = Choice(rule(scorer, threshold), errors, stages)
    heads = [read_head(path) for path in log_files(paths)]
    found = attempts(heads, choice)
    place = ", ".join(map(str, paths))
    if not found.tallies:
        got = f"no attempt to keep out of {found.samples:,} samples"
        if found.dropped:
            got += f" ({', '.join(f'{count:,} {reason}' for reason, count in found.dropped.items())})"
        raise InputError(place, "", got, "samples with scores")
    public = None if published is None else day("--published", published)
    table = outcomes(found, known, heads, source, public)
    evidence = make_evidence({"outcomes": table}, place, taxonomy)
    heading = f"{found.samples:,} samples of {len(heads):,} log{'' if len(heads) == 1 else 's'} from {place}"
    return Imported(evidence, Report((heading,), found.dropped, tuple(notes(found, known, heads))))


FORMAT = Format(
    "inspect",
    "Logs of Inspect AI, .eval and .json, or folders of them, as evaluation outcomes.",
    (
        Option("--scorer", "Whose score counts, NAME, or NAME.PART of a score with parts; the only one unless told. "
               "Repeatable: the first that a sample has.", many=True),
        Option("--threshold", "Score from which on it is a success; unless told, scores must be 0 or 1.", "NUMBER"),
        Option("--errors", "What becomes of samples that ended in an error; unless told, they are refused.",
               "failure|drop"),
        Option("--stages", "Keep intermediate scores, too, as instances of their own.", flag=True),
        Option("--samples", "Table with what samples do not say of themselves: human_minutes, suite, severity.* by "
               "sample and task.", "FILE"),
        Option("--settings", "Models' names, release dates and whether they were at the frontier, and suites of tasks; "
               "priors/import/inspect.yaml unless told.", "FILE"),
        Option("--suite", "Evaluation that tasks belong to, unless something else is said of them; the task's own name "
               "unless told."),
        Option("--release-date", "Release date of models that --settings does not know.", "DATE"),
        Option("--frontier", "Those models were at the frontier.", flag=True),
        Option("--published", "Day on which results became public; the day of the last run unless told.", "DATE"),
        Option("--source", "Where they come from; Inspect and the task unless told."),
    ),
    read,
)  # fmt: skip
