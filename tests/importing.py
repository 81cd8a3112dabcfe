"""Records to import: METR's runs as both schemas have them, and where real data lie."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import autosim
from autosim.errors import InputError
from autosim.evidence.importing import Imported

DATA = Path(__file__).parents[2] / "shared" / "data"
RUNS, RUNS_2026 = DATA / "metr" / "runs_2025-01-28.jsonl", DATA / "metr" / "runs_schema_2026_example.jsonl"
LABELS, RESULTS = DATA / "metr" / "messiness_by_task.csv", DATA / "metr" / "task_results_th11.csv"
RCT = DATA / "metr_rct" / "data_complete.csv"


def present(path: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not path.exists(), reason=f"third-party data: {path.name} is not here")


OLD: dict[str, Any] = {
    "run_id": "mp4_1",
    "task_id": "debug/one",
    "task_family": "debug",
    "alias": "o1",
    "score": 1.0,
    "score_binarized": 1,
    "time_limit": 36000,
    "human_minutes": 45.0,
    "invsqrt_task_weight": 0.5,
}
NEW: dict[str, Any] = {
    "run_id": "warehouse_1",
    "task_id": "swaa/one",
    "task_family": "swaa",
    "alias": "GPT-4o (Inspect)",
    "score_cont": 1.0,
    "score_binarized": 0,
    "task_source": "SWAA",
    "time_limit": None,
    "human_minutes": 0.1,
    "invsqrt_task_weight": 0.25,
}


def jsonl(*runs: dict[str, Any], name: str = "runs.jsonl") -> str:
    numbered = ({"run_id": f"r{i}"} | run for i, run in enumerate(runs))
    Path(name).write_text("\n".join(json.dumps(run) for run in numbered) + "\n")
    return name


def without(run: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in run.items() if name not in names}


def metr(*paths: str | Path, **options: Any) -> Imported:
    return autosim.import_evidence("metr", *paths, **({"published": "2026-02-01"} | options))


def refusal(format: str, *paths: str | Path, **options: Any) -> str:  # noqa: A002 - as in the function called
    with pytest.raises(InputError) as caught:
        autosim.import_evidence(format, *paths, **options)
    message = str(caught.value)
    assert message.isprintable()
    assert re.fullmatch(r"\S.*: got \S.*, expected \S.*", message)
    return message
