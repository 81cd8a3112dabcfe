"""Small tables of evidence of every kind."""

import re
from pathlib import Path

import pandas as pd
import pytest

from autosim.errors import InputError
from autosim.evidence.schema import KINDS
from autosim.evidence.tables import Evidence, read_evidence
from autosim.inputs.scenario import Taxonomy

OUTCOMES = """\
model,release_date,frontier,suite,instance,human_minutes,successes,attempts,source,published
o3,2025-04-16,true,metr_hcast,debug/one,45,3,8,our evaluation,2026-11-20
o3,2025-04-16,true,metr_hcast,debug/two,90,0,8,our evaluation,2026-11-20
"""
HORIZONS = """\
model,release_date,frontier,suite,p50_horizon_min,p50_lower,p50_upper,p80_horizon_min,p80_lower,p80_upper,source,published
o3,2025-04-16,true,metr_hcast,120,70,200,30,15,60,METR,2026-01-29
o1,2024-12-05,true,metr_hcast,39,22,67,,,,METR,2026-01-29
"""
TIME_USE = """\
person,role,task,minutes,date,source,published
A,individual_contributor,debugging,300,2026-03-01,a diary,2026-04-01
A,individual_contributor,formal_writing,0,2026-03-01,a diary,2026-04-01
"""
TRIALS = """\
trial,population,date,share.debugging,share.formal_writing,time_ratio,standard_error,believed_ratio,source,published
ours,20 people,2026-03-01,0.7,0.3,0.9,0.1,,our trial,2026-04-01
"""
COUNTS = """\
statement,count,of,source,published
experiments_solved,5,8,Owen 2024,2024-08-27
"""
TABLES = {"outcomes": OUTCOMES, "horizons": HORIZONS, "time_use": TIME_USE, "trials": TRIALS, "counts": COUNTS}


def save(text: str | bytes, name: str = "mine.csv") -> Path:
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return Path(name)


def refusal(taxonomy: Taxonomy, *paths: Path) -> str:
    """The refusal's message: one printable line."""
    with pytest.raises(InputError) as caught:
        read_evidence(paths, taxonomy)
    message = str(caught.value)
    assert message.isprintable()
    assert re.fullmatch(r"\S.*: got \S.*, expected \S.*", message)
    return message


def assert_same(one: Evidence, other: Evidence) -> None:
    for name in KINDS:
        pd.testing.assert_frame_equal(one.tables()[name], other.tables()[name], check_exact=True)
