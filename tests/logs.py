"""Logs of Inspect as it writes them, made by hand: small, and as wrong as a test wants them."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 14):
    import zipfile
else:
    from backports.zstd import zipfile

import autosim
from autosim.evidence.importing import Imported

type Record = dict[str, Any]

ZSTD, DEFLATE, STORED = zipfile.ZIP_ZSTANDARD, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED
SUITE = {"suite": "metr_hcast", "release_date": "2026-11-01"}


def run(task: str = "kernel", **other: Any) -> Record:
    """What a log says of its run."""
    said = {"task": task, "task_id": f"id-{task}", "run_id": "r", "model": "mockllm/weak"}
    return said | {"created": "2026-11-23T07:07:39+00:00", "task_args": {}, "config": {"epochs": 2}} | other


def sample(name: str | int, epoch: int = 1, value: Any = "C", **other: Any) -> Record:
    """A sample with one score."""
    said = {"id": name, "epoch": epoch, "uuid": f"{name}-{epoch}", "completed": True, "metadata": {"human_minutes": 30}}
    return said | {"scores": {"includes": {"value": value}}} | other


def head(made: Record, status: str = "success") -> Record:
    return {"version": 2, "status": status, "eval": made}


def archive(path: Path, members: Mapping[str, Any] | Iterable[tuple[str, Any]], compression: int = ZSTD) -> Path:
    """A zip of JSON; bytes are written as they are."""
    pairs = members.items() if isinstance(members, Mapping) else members
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in pairs:
            file.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return path


def eval_log(
    path: Path, samples: Iterable[Record], made: Record | None = None, status: str = "success", compression: int = ZSTD
) -> Path:
    """A finished .eval: header, summaries, and samples with everything in them."""
    listed = list(samples)
    members = {
        "_journal/start.json": {"version": 2, "eval": made or run()},
        **{f"samples/{one['id']}_epoch_{one['epoch']}.json": one for one in listed},
        "_journal/summaries/1.json": [_summary(one) for one in listed],
        "summaries.json": [_summary(one) for one in listed],
        "header.json": head(made or run(), status),
    }
    return archive(path, members, compression)


def _summary(one: Record) -> Record:
    return {key: value for key, value in one.items() if key != "events"}


def json_log(path: Path, samples: Iterable[Record], made: Record | None = None) -> Path:
    path.write_text(json.dumps({**head(made or run()), "samples": list(samples)}), encoding="utf-8")
    return path


def imported(*paths: Path, **options: Any) -> Imported:
    return autosim.import_evidence("inspect", *paths, **(SUITE | options))


def counts(found: Imported) -> dict[str, tuple[int, int]]:
    """Successes and attempts by instance."""
    table = found.evidence.outcomes
    both = zip(table["successes"].tolist(), table["attempts"].tolist(), strict=True)
    return dict(zip(table["instance"], both, strict=True))
