"""METR's runs (eval-analysis-public, ``runs.jsonl`` in its schemas of 2025 and 2026) as evaluation outcomes."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from autosim.errors import InputError, one_of, shown
from autosim.evidence.importing import Format, Imported, Option, Report, day, number_of
from autosim.evidence.reading import check_file, read_text_table
from autosim.evidence.tables import make_evidence
from autosim.inputs.document import read_document
from autosim.inputs.scenario import Taxonomy
from autosim.inputs.schema import Day, check
from autosim.inputs.shipped import shipped_folder
from autosim.inputs.specification import number

MAX_BYTES = 2_000_000_000
MAX_LINE = 1_000_000
OLD_RE_BENCH = "ai_rd_"
SCAFFOLD = " (Inspect)"
DIGITS = 4
"""To which severities are rounded; they are judgement, and labels are means over few people."""

type Number = float | int


class ModelEntry(BaseModel):
    """One of ``models:``."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    release_date: Day
    frontier: bool


class SeverityEntry(BaseModel):
    """One of ``severity:``: start + sum of factor × label."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    start: Number
    labels: dict[str, Number]


class Settings(BaseModel):
    """The file of ``--settings``."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    models: dict[str, ModelEntry]
    suites: dict[str, str]
    severity: dict[str, SeverityEntry]


class Run(NamedTuple):
    """One attempt; ``limit`` [min] is NaN where there was none."""

    run_id: str
    model: str
    suite: str
    instance: str
    human_minutes: float
    success: int
    limit: float
    weight: float


def read(
    paths: Sequence[Path],
    taxonomy: Taxonomy,
    *,
    published: str,
    source: str | None,
    min_time_limit: str | None,
    labels: str | None,
    settings: str | None,
) -> Imported:
    """Read runs and count successes per model and task.

    An attempt's weight is METR's ``invsqrt_task_weight`` (1/√runs of the family), scaled per model so that its attempts
    weigh 1 on average; 1 where the runs have none.

    Raises
    ------
    InputError
        For the first thing that is wrong: file, line and field, got, expected; or if nothing is left.
    """
    file = Path(settings) if settings else shipped_folder("priors") / "import" / "metr.yaml"
    known = check(Settings, read_document(file, settings or "metr.yaml")[0], settings or "metr.yaml")
    shortest = number_of("--min-time-limit", min_time_limit, 0) if min_time_limit is not None else 0.0
    row = {
        "published": str(day("--published", published)),
        "source": source or f"METR, {', '.join(p.name for p in paths)}",
    }
    dropped: Counter[str] = Counter()
    runs = pd.DataFrame(_kept(paths, known, shortest, dropped), columns=list(Run._fields))
    read_in_all = len(runs) + sum(dropped.values())
    if runs.empty:
        raise InputError(", ".join(map(str, paths)), "", f"no run to keep out of {read_in_all:,}", "runs by AI models")
    _one_length(runs)
    table = _outcomes(runs, known).assign(**row)
    severities, note = _severities(labels, known, list(dict.fromkeys(table["instance"])), taxonomy)
    for name, by_instance in severities.items():
        table[f"severity.{name}"] = table["instance"].map(by_instance)
    evidence = make_evidence({"outcomes": table}, ", ".join(map(str, paths)), taxonomy)
    heading = f"{read_in_all:,} runs from {', '.join(map(str, paths))}"
    return Imported(evidence, Report((heading,), dropped, (*_notes(runs, shortest), *note)))


def _kept(paths: Sequence[Path], known: Settings, shortest: float, dropped: Counter[str]) -> Iterator[Run]:
    """Runs of AI models, each once; the others are counted."""
    seen: set[str] = set()
    for path in paths:
        for place, line, record in _records(path):
            if str(record.get("alias")).lower() == "human":
                dropped["runs by people"] += 1
                continue
            run = _run(record, place, f"line {line}", known)
            if run.run_id in seen:
                dropped["a run_id that came before"] += 1
            elif run.limit < shortest:
                dropped[f"a time limit under {shortest:g} min"] += 1
            else:
                yield run
            if run.run_id:
                seen.add(run.run_id)


def _records(path: Path) -> Iterator[tuple[str, int, dict[str, Any]]]:
    place = str(path)
    check_file(path, place, "METR's runs as .jsonl", MAX_BYTES)
    with path.open("rb") as lines:
        count = 0
        while raw := lines.readline(MAX_LINE + 1):
            count += 1
            if len(raw) > MAX_LINE:
                raise InputError(place, f"line {count}", f"more than {MAX_LINE:,} bytes", "one run a line")
            if not raw.strip():
                continue
            try:
                record = json.loads(raw)
            except (ValueError, RecursionError):
                raise InputError(
                    place, f"line {count}", shown(raw.decode("utf-8", "replace").strip()), "JSON"
                ) from None
            if not isinstance(record, dict):
                raise InputError(place, f"line {count}", shown(record), "a run, as an object of JSON")
            yield place, count, record


def _run(record: dict[str, Any], place: str, line: str, known: Settings) -> Run:
    family, task = _text(record, "task_family", place, line), _text(record, "task_id", place, line)
    alias = _text(record, "alias", place, line).removesuffix(SCAFFOLD)
    if alias not in known.models:
        near = one_of(alias, known.models, "a model with a release date in --settings")
        raise InputError(place, f"{line}, alias", shown(alias), near)
    told = record.get("task_source") or ("RE-Bench" if family.startswith(OLD_RE_BENCH) else "HCAST")
    if told not in known.suites:
        raise InputError(place, f"{line}, task_source", shown(told), one_of(str(told), known.suites, "a suite"))
    success = _number(record, "score_binarized", place, line)
    if success not in {0.0, 1.0}:
        raise InputError(place, f"{line}, score_binarized", shown(success), "0 or 1")
    limit = record.get("time_limit")
    return Run(
        str(record.get("run_id") or ""),
        alias,
        known.suites[told],
        task,
        _number(record, "human_minutes", place, line),
        int(success),
        _number(record, "time_limit", place, line) / 60 if limit else float("nan"),
        _number(record, "invsqrt_task_weight", place, line) if "invsqrt_task_weight" in record else 1.0,
    )


def _text(record: dict[str, Any], name: str, place: str, line: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InputError(place, f"{line}, {name}", shown(value), "text")
    return value


def _number(record: dict[str, Any], name: str, place: str, line: str) -> float:
    return number(record.get(name), place, f"{line}, {name}")


def _one_length(runs: pd.DataFrame) -> None:
    """Refuse a task of two lengths: runs of two releases, whose human minutes differ."""
    lengths = runs.groupby(["suite", "instance"])["human_minutes"].agg(["min", "max"])
    differ = lengths[lengths["min"] != lengths["max"]]
    if len(differ):
        got = f"both {differ['min'].iloc[0]:g} and {differ['max'].iloc[0]:g} for {differ.index[0][1]}"
        raise InputError("human_minutes", "", got, "one length per task; import one release of METR's runs at a time")


def _outcomes(runs: pd.DataFrame, known: Settings) -> pd.DataFrame:
    """Successes of attempts per model and task, oldest model first."""
    grouped = runs.groupby(["model", "suite", "instance", "human_minutes"], sort=True)
    table = grouped.agg(successes=("success", "sum"), attempts=("success", "size"), weight=("weight", "mean"))
    table = table.reset_index()
    told = table["weight"] * table["attempts"]
    by_model = table["model"]
    table["weight"] *= table["attempts"].groupby(by_model).transform("sum") / told.groupby(by_model).transform("sum")
    table["release_date"] = [known.models[name].release_date for name in by_model]
    table["frontier"] = [known.models[name].frontier for name in by_model]
    return table.sort_values(["release_date", "model", "suite", "instance"]).reset_index(drop=True)


def _severities(
    labels: str | None, known: Settings, instances: list[str], taxonomy: Taxonomy
) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Severity of each bottleneck by instance, from realism labels, and what to say of them."""
    if labels is None:
        return {}, ["no realism labels: every task keeps its suite's severities (--labels FILE)"]
    for name in known.severity:
        if name not in taxonomy.bottlenecks:
            near = one_of(name, taxonomy.bottlenecks, "a bottleneck of the scenario")
            raise InputError("--settings", f"severity.{name}", shown(name), near)
    table = read_text_table(Path(labels), labels)
    found: dict[str, dict[str, float]] = {}
    for name, entry in known.severity.items():
        total = np.full(len(table), float(entry.start))
        for label, factor in entry.labels.items():
            total += factor * _label(table, label, labels)
        found[name] = dict(zip(_label_ids(table, labels), np.clip(total, 0.0, 1.0).round(DIGITS), strict=True))
    ids = set(_label_ids(table, labels))
    with_labels = sum(instance in ids for instance in instances)
    return found, [f"severities from realism labels for {with_labels:,} of {len(instances):,} tasks"]


def _label_ids(table: pd.DataFrame, place: str) -> list[str]:
    if "task_id" not in table.columns:
        raise InputError(place, "task_id", "no such column", "a row of labels per task_id")
    ids = list(table["task_id"])
    if len(set(ids)) < len(ids):
        twice = Counter(ids).most_common(1)[0][0]
        raise InputError(place, "task_id", f"{twice} twice", "each task once")
    return ids


def _label(table: pd.DataFrame, label: str, place: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if label not in table.columns:
        raise InputError(place, label, "no such column", one_of(label, list(table.columns), "a label of --settings"))
    values = pd.to_numeric(table[label], errors="coerce").to_numpy(dtype=float)
    bad = ~((values >= 0.0) & (values <= 1.0))
    if bad.any():
        row = int(bad.argmax())
        raise InputError(place, f"row {row + 1}, {label}", shown(table[label].iloc[row]), "a number from 0 to 1")
    return values


def _notes(runs: pd.DataFrame, shortest: float) -> Iterator[str]:
    yield f"kept {len(runs):,} runs; models: {runs['model'].nunique():,}, tasks: {runs['instance'].nunique():,}"
    cut = int((runs["limit"] < runs["human_minutes"]).sum())
    if cut and not shortest:
        yield f"{cut:,} of them were stopped before a person would be done; --min-time-limit can leave such runs out"
    failed = runs.groupby("model")["success"].sum()
    none = [str(name) for name in failed.index[failed == 0]]
    if none:
        yield f"never succeeded: {', '.join(none)}"


FORMAT = Format(
    "metr",
    "METR's runs (runs.jsonl, schemas of 2025 and 2026) as evaluation outcomes.",
    (
        Option("--published", "Day on which the runs became public.", "DATE", required=True),
        Option("--source", "Where they come from; METR and the file's name unless told."),
        Option("--min-time-limit", "Drop runs that were stopped sooner than this.", "MINUTES"),
        Option("--labels", "Table of METR's realism labels by task_id, for severities per task.", "FILE"),
        Option(
            "--settings",
            "Release dates, suites and the mapping of labels; priors/import/metr.yaml unless told.",
            "FILE",
        ),
    ),
    read,
)
