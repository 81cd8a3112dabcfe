"""Anything at all in a file or an assignment: a scenario whose every number is one, or one clear line, and soon."""

import json
import math
import time
from datetime import date
from typing import Any

import numpy as np
import pytest
from conftest import Write
from hypothesis import given
from hypothesis import strategies as st
from reading import ASSIGNMENTS, FILES, SET, Reader, check_draws, check_simulation

from autosim.errors import InputError
from autosim.inputs.document import parse
from autosim.inputs.families import FAMILIES
from autosim.inputs.loading import load
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.shipped import shipped_folder

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.sampled_from([10**400, -(10**30), 0, 1, -1])
    | st.floats()
    | st.floats(0.0, 1.0)
    | st.dates(date(1, 1, 1), date(9999, 12, 31))
    | st.text(max_size=12)
    | st.sampled_from(
        [
            "low",
            "base",
            "mine",
            "../x",
            "normal",
            "beta",
            "novelty",
            "debugging",
            "exponential",
            "2024-08-27",
            "a\0.yaml",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=6)
            | st.sampled_from(["dist", "mean", "sd", "q05", "q95", "lower", "upper", "debugging", "source", "novelty"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=5,
)


def flow(value: Any) -> str:
    """A value in flow YAML."""
    match value:
        case bool():
            return str(value).lower()
        case float() if not math.isfinite(value):
            return str(value).replace("inf", ".inf").replace("nan", ".nan")
        case dict():
            return "{" + ", ".join(f"{json.dumps(str(key))}: {flow(entry)}" for key, entry in value.items()) + "}"
        case list():
            return "[" + ", ".join(flow(item) for item in value) + "]"
        case date():
            return value.isoformat()
        case _:
            return json.dumps(value)


def mutated(document: Any, chance: np.random.Generator, replacement: Any) -> Any:
    """A copy of a document with one node replaced, left out or renamed."""
    if not isinstance(document, dict | list) or not document or chance.random() < 0.1:
        return replacement
    if isinstance(document, list):
        position = int(chance.integers(len(document)))
        return [mutated(item, chance, replacement) if i == position else item for i, item in enumerate(document)]
    name = sorted(document)[chance.integers(len(document))]
    match int(chance.integers(8)):
        case 0:
            return {key: entry for key, entry in document.items() if key != name}
        case 1:
            return {("x" if key == name else key): entry for key, entry in document.items()}
        case _:
            return {
                key: mutated(entry, chance, replacement) if key == name else entry for key, entry in document.items()
            }


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return Reader(tmp_path_factory.mktemp("anything"))


def read(reader: Reader, part: str, content: str) -> bool:
    """Whether it is refused; what is not must draw finite numbers inside their domains."""
    said = reader.read(part, content.encode("utf-8", "surrogatepass"))
    if isinstance(said, str):
        return True
    check_draws(said, 40)
    return False


def test_what_the_rest_starts_from_is_read(reader: Reader) -> None:
    for part, text in FILES.items():
        assert not read(reader, part, text)
    for assignment in ASSIGNMENTS:
        assert not read(reader, SET, assignment)


@given(part=st.sampled_from([*FILES, "mine.yaml"]), seed=st.integers(0, 2**32), replacement=ANYTHING)
def test_anything_in_one_place_of_a_file(reader: Reader, part: str, seed: int, replacement: Any) -> None:
    read(reader, part, flow(mutated(parse(FILES[part], part), np.random.default_rng(seed), replacement)))


TOKENS = [
    *(
        "name",
        "extends",
        "base",
        "priors",
        "horizon",
        "dist",
        "normal",
        "mean",
        "a",
        "b",
        "novelty",
        "tasks",
        "x" * 300,
    ),
    *(
        ": ",
        ":",
        "- ",
        "? ",
        ", ",
        "{",
        "}",
        "[",
        "]",
        "\n",
        "\n",
        "\n  ",
        "\n    ",
        "\t",
        "\r\n",
        "\r",
        " ",
        "  # x\n",
    ),
    *(
        "'",
        '"',
        "''",
        "\\",
        "\\n",
        "\\x41",
        "\\u202e",
        "\\ud83d\\ude00",
        "|",
        ">",
        "|-2",
        ">+",
        "%YAML 1.1\n",
        "%TAG ! x\n",
    ),
    *("---", "...", "&a", "*a", "<<", "<<: *a", "=", "!", "!!", "!!python/object/apply:os.system", "!!binary", "!!set"),
    *("~", "null", "true", "False", "yes", "no", "on", ".nan", ".inf", "-.inf", "+.INF", "NaN", "1e999", "-1e-999"),
    *("0", "-0", "007", "0o17", "0x1F", "0b11", "1_000", "1__0", "12:30:45", "190:20:30.15", "9" * 500, "1." * 50),
    *(
        "2024-08-27",
        "2024-13-45",
        "0000-00-00",
        "9999-12-31",
        "2024-08-27T10:00:00Z",
        "2024-8-7 1:2:3 +99:99",
        "2024-02-30",
    ),
    *(
        "\ufeff",
        "\x00",
        "\x07",
        "\x1b[31m",
        "\x7f",
        "\x85",
        "\u2028",
        "\u202e",
        "\ufffe",
        "\ud800",
        "\U0001d7d9",
        "é",
        "０",
        "名",
    ),
]


@given(
    part=st.sampled_from([*FILES, SET]),
    content=st.lists(st.sampled_from(TOKENS), max_size=25).map("".join) | st.text(max_size=60),
)
def test_a_file_of_tokens(reader: Reader, part: str, content: str) -> None:
    read(reader, part, content)


@given(part=st.sampled_from(list(FILES)), content=st.binary(max_size=80))
def test_a_file_of_bytes(reader: Reader, part: str, content: bytes) -> None:
    assert isinstance(reader.read(part, content), str)


@given(part=st.sampled_from(list(FILES)), data=st.data())
def test_a_file_with_slips_of_the_pen(reader: Reader, part: str, data: st.DataObject) -> None:
    text = FILES[part]
    for _ in range(data.draw(st.integers(1, 3))):
        start, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 40))
        slip = data.draw(st.sampled_from(TOKENS) | st.just(text[start : start + 2 * length]))
        text = text[:start] + slip + text[start + length :]
    read(reader, part, text)


@given(start=st.integers(0, 40_000), length=st.integers(0, 30), slip=st.sampled_from(TOKENS), which=st.integers(0, 99))
def test_a_shipped_file_with_a_slip_of_the_pen(reader: Reader, start: int, length: int, slip: str, which: int) -> None:
    shipped = sorted(shipped_folder("scenarios").glob("*.yaml"))
    text = shipped[which % len(shipped)].read_text(encoding="utf-8")
    start %= len(text)
    said = reader.read("mine.yaml", (text[:start] + slip + text[start + length :]).encode("utf-8", "surrogatepass"))
    assert isinstance(said, str) or said.taxonomy.tasks


@given(
    st.sampled_from([*PARAMETERS, "structure", "evaluations", "end", "reference_date", "x", "priors", ""]),
    st.lists(
        st.sampled_from(["debugging", "novelty", "cuda", "manager", "feedback", "median", "", "x"])
        | st.text(max_size=3),
        max_size=3,
    ),
    ANYTHING.map(flow) | st.text(max_size=20),
)
def test_an_assignment_of_anything(reader: Reader, head: str, rest: list[str], value: str) -> None:
    read(reader, SET, f"{'.'.join([head, *rest])}={value}")


@pytest.mark.parametrize("name", ["\udcd7", "\U0001f3fb\u0301\t", "\x9f", " ", "x"])
def test_an_endless_name_is_cut_as_it_is_shown(reader: Reader, name: str) -> None:
    """What cannot be printed is several characters long once it is spelt out."""
    said = reader.read(SET, f"severity.{name * 900}=high".encode("utf-8", "surrogateescape"))
    assert isinstance(said, str)


ENDS = [
    "name: Mine\r\nextends: base\r\n",
    "\ufeffname: Mine\nextends: base\n",
    "name: Mine\rextends: base",
    "{name: Mine, extends: base}",
]


@pytest.mark.parametrize("text", ENDS)
def test_line_ends_and_byte_order_marks_are_no_matter(reader: Reader, text: str) -> None:
    assert not read(reader, "mine.yaml", text)


NUMBERS = (
    st.floats(0, 100)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, 1, -1, 5e-324, 1e-300, 1e300, 1.7e308, 1e-9, 1 - 1e-9, 0.5, 2, 10**18])
)
QUANTILES = st.dictionaries(
    st.sampled_from(["q01", "q05", "q10", "q50", "q90", "q95", "q99"]), NUMBERS, min_size=1, max_size=2
)


def stated(family: str) -> st.SearchStrategy[dict[str, Any]]:
    """Numbers for a family by one of the ways of stating it, with bounds or without."""
    ways = [FAMILIES[family].parameters, *FAMILIES[family].moments]
    named = st.sampled_from(ways).flatmap(lambda way: st.fixed_dictionaries(dict.fromkeys(way, NUMBERS)))
    bounds = st.dictionaries(st.sampled_from(["lower", "upper"]), NUMBERS, max_size=2)
    return st.builds(lambda numbers, cut: {"dist": family, **cut, **numbers}, named | QUANTILES, bounds)


DISTRIBUTIONS = st.sampled_from(list(FAMILIES)).flatmap(stated)


@given(name=st.sampled_from([name for name, p in PARAMETERS.items() if not p.axes]), said=DISTRIBUTIONS)
def test_any_numbers_for_any_family(reader: Reader, name: str, said: dict[str, Any]) -> None:
    read(reader, SET, f"{name}={flow(said)}")


@given(
    name=st.sampled_from([name for name, p in PARAMETERS.items() if name not in {"role_share", "time_share"}]),
    said=DISTRIBUTIONS | NUMBERS,
    horizon=st.sampled_from(["2024-10-01", "2026-01-01", "2060-01-01"]),
)
def test_whatever_is_read_is_simulated_or_refused(
    reader: Reader, name: str, said: dict[str, Any] | float, horizon: str
) -> None:
    text = f"{{name: Mine, extends: base, end: {horizon}, priors: {{{name}: {flow(said)}}}}}"
    loaded = reader.read("mine.yaml", text.encode())
    if not isinstance(loaded, str):
        check_simulation(loaded, 3)


@pytest.mark.parametrize("spread", ["1e-9", "1e307", "5e-324"])
def test_difficulties_that_no_grid_can_hold_are_refused(reader: Reader, spread: str) -> None:
    tasks = f"task_length: {{planning: 1, debugging: 1e6}}, difficulty_spread: {spread}, length_spread: {spread}"
    loaded = reader.read("mine.yaml", f"{{name: Mine, extends: base, priors: {{{tasks}}}}}".encode())
    assert not isinstance(loaded, str)
    assert not check_simulation(loaded, 2)


def test_the_small_scenario_is_simulated(reader: Reader) -> None:
    loaded = reader.read("mine.yaml", FILES["mine.yaml"].encode())
    assert not isinstance(loaded, str)
    assert check_simulation(loaded, 3)


JUNK = {
    "one word": "a",
    "words": "word ",
    "short lines": "- a\n",
    "long lines": "some words that fill up a line of decent length: " + "x" * 150 + "\n",
    "blanks": " ",
    "line ends": "\n",
    "comments": "# a comment that nobody reads, as long as lines of comments usually are\n",
    "flow": "{a: [1, 2, x], ",
    "list": "1, ",
    "quotes": '"\\x41 ',
    "keys": "? ",
    "tags": "!",
    "digits": "9",
    "carriage returns": "\r",
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
def test_megabytes_of_junk_are_refused_soon(write: Write, junk: str) -> None:
    write((junk * (4_900_000 // len(junk))).encode())
    start = time.process_time()
    with pytest.raises(InputError):
        load("mine.yaml")
    assert time.process_time() - start < 15.0


def many(names: int, of: str) -> str:
    """A tasks file with as many tasks, roles or bottlenecks."""
    numbers = {"bottlenecks": 2, "roles": 2, "tasks": 2} | {of: names}
    tasks, roles = ([f"{of[0]}{i}" for i in range(numbers[of])] for of in ("tasks", "roles"))
    return json.dumps(
        {
            "bottlenecks": {f"b{i}": {} for i in range(numbers["bottlenecks"])},
            "roles": {name: {} for name in roles},
            "role_share": dict.fromkeys(roles, 1 / len(roles)),
            "time_share": dict.fromkeys(tasks, 1 / len(tasks)),
            "tasks": {name: {"kind": "work", "task_length": 9, "length_spread": 1, "severity": 0.5} for name in tasks},
        },
        indent=0,
    )


@pytest.mark.parametrize("of", ["bottlenecks", "roles", "tasks"])
def test_what_would_multiply_is_limited(reader: Reader, of: str) -> None:
    assert "at most 100" not in str(reader.read("tasks.yaml", many(100, of).encode()))
    said = reader.read("tasks.yaml", many(101, of).encode())
    assert isinstance(said, str)
    assert said.endswith(f"{of}: got 101, expected at least one and at most 100")


def test_evaluations_are_limited(reader: Reader) -> None:
    more = {f"e{i}": {"median": 1, "spread": 1, "severity": "low"} for i in range(99)}
    text = f"name: Mine\nextends: base\nevaluations: {json.dumps(more, indent=1)}\n"
    said = reader.read("mine.yaml", text.encode())
    assert isinstance(said, str)
    assert said.endswith("evaluations.e98: got more than 100 evaluations, expected fewer")


def test_correlations_are_limited(reader: Reader) -> None:
    pairs = [{"between": ["horizon", f"x{i}"], "rho": 0.1} for i in range(501)]
    said = reader.read(
        "mine.yaml", f"name: Mine\nextends: base\ncorrelations: {json.dumps(pairs, indent=1)}\n".encode()
    )
    assert isinstance(said, str)
    assert said.endswith("correlations.499: got more than 500 correlations, expected fewer")


def test_components_are_limited(reader: Reader) -> None:
    parts = [{"weight": 1 / 101, "dist": "point", "value": i} for i in range(101)]
    said = reader.read(SET, f"rework={json.dumps({'dist': 'mixture', 'components': parts})}".encode())
    assert isinstance(said, str)
    assert said.endswith("rework.components: got 101 of them, expected at most 100")
