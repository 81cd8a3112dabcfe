"""Whatever a file says: one line with file, key, got and expected, or a scenario whose every draw is a number."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import BASE, EVALUATIONS, TASKS, Write

from autosim.errors import InputError
from autosim.inputs.document import MAX_LINE, MAX_LINES, MAX_VALUES
from autosim.inputs.loading import load

HEAD = "name: Mine\nextends: base\n"
PRIORS = f"{HEAD}priors:\n  "


def table(text: str, before: str = "") -> list[Any]:
    """Rows of "name | what is written | key | got | expected"; ⏎ is a line end, indented lines go on, + is HEAD."""
    rows = re.sub(r"\n    ", " ", text.strip("\n")).split("\n")
    cells = [[cell.strip().replace("⏎", "\n") for cell in re.split(r" *\| *", row)] for row in rows]
    assert all(len(row) == 5 for row in cells)
    return [pytest.param(re.sub(r"^\+", HEAD, f"{before}{said}\n"), *rest, id=name) for name, said, *rest in cells]


def refusal(scenario: str | Path, overrides: Sequence[str] = ()) -> str:
    """The message of the refusal, which is one printable line and leaves the folder as it was."""
    before = sorted(Path().rglob("*"))
    with pytest.raises(InputError) as caught:
        load(scenario, overrides)
    message = str(caught.value)
    assert message.isprintable()
    assert re.fullmatch(r"\S.*: got \S.*, expected \S.*", message)
    assert len(message) < 1000
    assert sorted(Path().rglob("*")) == before
    return message


def check_refusal(message: str, place: str, key: str, got: str, expected: str) -> None:
    where, _, rest = message.partition(": got ")
    found, _, wanted = rest.partition(", expected ")
    assert where == (f"{place}: {key}" if key else place)
    assert got in found
    assert expected in wanted


# What a whole file may be: text, key ("" is the file, "line n" a line), got, expected.
DOCUMENTS = {
    "empty": ("", "", "an empty file", "a mapping"),
    "only a comment": ("# nothing\n", "", "an empty file", "a mapping"),
    "null": ("null\n", "", "nothing", "a mapping"),
    "a list": ("- a\n- b\n", "", "a list", "a mapping"),
    "a scalar": ("hello\n", "", "'hello'", "a mapping"),
    "a number": ("3\n", "", "3", "a mapping"),
    "a huge number": ("9" * 5000, "", ".inf", "a mapping"),
    "a huge hexadecimal number": ("0x" + "f" * 5000, "", ".inf", "a mapping"),
    "binary": (bytes(range(256)), "", "bytes that are not text", "UTF-8 text"),
    "UTF-16": ("name: A".encode("utf-16"), "", "bytes that are not text", "UTF-8 text"),
    "a zero byte": ("name: A\0\n", "line 1", "U+0000", "text"),
    "a bell": ("name: A\nend: \a\n", "line 2", "U+0007", "text"),
    "an escaped escape": (HEAD + 'description: "\\e[31m"\n', "description", "U+001B", "without control characters"),
    "text that runs backwards": (HEAD + 'description: "\\u202Eabc"\n', "description", "U+202E", "without control"),
    "half a character": (HEAD + 'description: "\\uD800"\n', "description", "half a character", "text"),
    "more than 5 MB": ("# " + "x" * 5_000_000, "", "5.0 MB", "at most 5 MB"),
    "too many lines": ("\n" * (MAX_LINES + 1), "", "50,001 lines", "at most 50,000"),
    "a line too long": (f"name: {'x' * MAX_LINE}\n", "line 1", "200,007 characters", "at most 200,000 in a line"),
    "too many values": (
        f"a: [{'1,\n' * 2 * (MAX_VALUES // 4)}{'1,' * MAX_VALUES}]",
        "line 25001",
        "50,000 values",
        "smaller",
    ),
    "deep flow": ("a: " + "[" * 50_000, "line 1", "more than 20 levels", "shallower"),
    "deep mappings": ("a: " + "{a: " * 30, "line 1", "more than 20 levels", "shallower"),
    "deep blocks": ("\n".join(" " * i + "a:" for i in range(60)), "line 21", "more than 20 levels", "shallower"),
    "two documents": ("name: A\n---\nname: B\n", "line 2", "a second YAML document", "one document"),
    "an alias": ("a: &x 1\nb: *x\n", "line 1", "anchor or alias", "written out"),
    "an alias bomb": ("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", "line 1", "anchor or alias", "written out"),
    "an unknown alias": ("a: *x\n", "line 1", "anchor or alias", "written out"),
    "a merge": (HEAD + "priors:\n  <<: {horizon: 3}\n", "line 4", "'<<'", "written out"),
    "a tag that builds": (
        "a: !!python/object/apply:os.system ['true']\n",
        "line 1",
        "python/object/apply",
        "without tags",
    ),
    "a plain tag": ("a: 1\nb: !!float 3\n", "line 2", "float", "without tags"),
    "an unknown tag": ("!thing\nname: A\n", "line 1", "'!thing'", "without tags"),
    "a tag without end": ("!" * 5000, "line 1", "!!!…'", "without tags"),
    "an old YAML": ("%YAML 1.1\n---\nname: A\n", "line 2", "directive", "YAML 1.2"),
    "a future YAML": ("%YAML 3.0\n---\nname: A\n", "line 1", "not YAML", "YAML"),
    "a tag directive": ("%TAG ! tag:x,2000:\n---\nname: A\n", "line 2", "directive", "YAML 1.2"),
    "a key twice": (HEAD + "name: B\n", "line 3", "the key 'name' twice", "each key once"),
    "a prior twice": (PRIORS + "horizon: 1\n  horizon: 2\n", "line 5", "the key 'horizon' twice", "each key once"),
    "a key twice in flow": ('{"name": "A", "name": "B"}', "line 1", "the key 'name' twice", "each key once"),
    "a tab": ("name: A\n\textends: base\n", "line 2", "not YAML", "YAML"),
    "an open bracket": ("name: {A\n", "line 2", "not YAML", "YAML"),
    "an open quote": ('name: "A\n', "line 2", "not YAML", "YAML"),
    "a number as key": ("name: A\n1: 2\n", "", "the key 1", "keys that are text"),
    "an empty key": ("name: A\n~: 2\n", "", "an empty key", "keys that are text"),
    "a boolean as key": (PRIORS + "true: 2\n", "priors", "the key true", "keys that are text"),
    "a date as key": (PRIORS + "2024-01-01: 2\n", "priors", "the key 2024-01-01", "keys that are text"),
    "a list as key": (PRIORS + "severity: {[1, 2]: low}\n", "line 4", "a list or a mapping as a key", "text"),
    "a mapping as key": ("? {a: b}\n: 3\n", "line 1", "a list or a mapping as a key", "text"),
    "a list of mappings as key": ("? [{a: b}]\n: 3\n", "line 1", "a list or a mapping as a key", "text"),
    "a number as key of a prior": (PRIORS + "horizon: {dist: normal, 1: 2}\n", "priors.horizon", "the key 1", "text"),
}

ENDLESS = [
    (f"name: {'a' * 81}\nextends: base\n", "name", "aaa…'", "1 to 80"),
    (f"name: A\nextends: {'a' * 5000}.yaml\n", "extends", "aaa…'", "beside this one"),
    (PRIORS + f"? {'x' * 3000}\n  : 3\n", f"priors.{'x' * 292}…", "xxx…'", "a parameter"),
    (PRIORS + f"horizon: {'9' * 400}\n", "priors.horizon", ".inf", "a finite number above 0"),
    (PRIORS + f"work_gap: -{'9' * 5000}\n", "priors.work_gap", "-.inf", "a finite number"),
]

# The file itself; + stands for HEAD.
SCENARIOS = r"""
unknown key | +prior: {} | prior | 'prior' | did you mean 'priors'?
no name | extends: base | name | nothing | a value
name of a number | name: 3⏎extends: base | name | 3 | text
name with a path | name: ../../x⏎extends: base | name | '../../x' | without slashes
name with a backslash | name: a\b⏎extends: base | name | 'a\\b' | without slashes
hidden name | name: .x⏎extends: base | name | '.x' | printable
name of two lines | name: "a\nb"⏎extends: base | name | 'a\nb' | printable
empty name | name: ""⏎extends: base | name | '' | 1 to 80
description of a list | +description: [a] | description | a list | text
nothing extended | name: A | extends | nothing | such as baseline
missing parent | name: A⏎extends: nobody | extends | 'nobody' | a scenario that exists
missing parent, nearly | name: A⏎extends: basline | extends | 'basline' | did you mean 'baseline'?
missing parent file | name: A⏎extends: b.yaml | extends | 'b.yaml', which does not exist | beside
extends a number | name: A⏎extends: 3 | extends | 3 | text
extends nothing | name: A⏎extends: "" | extends | '' | a scenario's name
extends a path upwards | name: A⏎extends: ../base.yaml | extends | '../base.yaml' | own folder
extends a name upwards | name: A⏎extends: ../base | extends | '../base' | letters, digits
extends an absolute path | name: A⏎extends: /x/y.yaml | extends | '/x/y.yaml' | own folder
extends with a zero byte | name: A⏎extends: "a\0.yaml" | extends | U+0000 | text
extends itself | name: A⏎extends: mine | extends | a circle (mine.yaml -> mine.yaml) | ends
end before the reference date | +end: 2020-01-01 | end | 2020-01-01 | after the reference date 2024
end on the reference date | +end: 2024-08-27 | end | 2024-08-27 | after the reference date 2024
end far away | +end: 3036-01-01 | end | 3036-01-01 | at most 100 years
end a year | +end: 2036 | end | 2036 | a date such as
end a word | +end: soon | end | 'soon' | a date such as
end a time | +end: 2036-01-01T10:00:00 | end | 2036-01-01 10:00 | a date such as
end no day of the calendar | +end: 2036-02-30 | end | '2036-02-30' | a date such as
end as text, no day | +end: '2036-13-45' | end | '2036-13-45' | a date such as
end a week | +end: 2036-W01-1 | end | '2036-W01-1' | a date such as
end a boolean | +end: true | end | true | a date such as
reference date a number | +reference_date: 0 | reference_date | 0 | a date such as
reference date after end | +reference_date: 2031-01-01 | end | 2030-01-01 | after
structure a number | +structure: 3 | structure | 3 | a mapping
unknown structure | +structure: {feedbak: true} | structure.feedbak | 'feedbak' | mean 'feedback'?
feedback a number | +structure: {feedback: 1} | structure.feedback | 1 | true or false
feedback of old YAML | +structure: {feedback: yes} | structure.feedback | 'yes' | true or false
unknown trajectory | +structure: {trajectory: exponental} | structure.trajectory | 'exponental' | did you mean
    'exponential'?
unknown trajectory with a weight | +structure: {trajectory: {linear: 1}} | structure.trajectory | 'linear' | one of
    exponential, superexponential, saturating
trajectory weights | +structure: {trajectory: {exponential: 0.5}} | structure.trajectory | sum to 0.5 | sum to 1
negative trajectory weight | +structure: {trajectory: {exponential: 1.5, saturating: -0.5}} |
    structure.trajectory.saturating | -0.5 | at least 0
no trajectory | +structure: {trajectory: {}} | structure.trajectory | sum to 0 | sum to 1
trajectory a list | +structure: {trajectory: [a]} | structure.trajectory | a list | text or a mapping
trajectory weight a boolean | +structure: {trajectory: {exponential: true}} | structure.trajectory.exponential |
    true | a number
priors a list | +priors: [1] | priors | a list | a mapping
tasks a mapping | +tasks: {a: b} | tasks | a mapping | text
tasks missing | +tasks: my.yaml | tasks | 'my.yaml', which does not exist | beside
tasks elsewhere | +tasks: /etc/passwd | tasks | '/etc/passwd' | own folder
tasks upwards | +tasks: a/../../b.yaml | tasks | 'a/../../b.yaml' | own folder
evaluations a number | +evaluations: 3 | evaluations | 3 | text or a mapping
evaluations missing | +evaluations: my.yaml | evaluations | 'my.yaml', which does not | beside
"""

# What follows `priors:`.
NUMBERS = r"""
distribution above its domain | adoption: {dist: gamma, mean: 0.5, sd: 0.1} | priors.adoption | goes on without bound |
    a number in [0, 1]; add 'upper: 1'
uniform above its domain | adoption: {dist: uniform, lower: 0, upper: 2} | priors.adoption | which reaches 2 | in [0, 1]
values above their domain | adoption: {dist: categorical, values: [1, 2], probabilities: [0.5, 0.5]} | priors.adoption |
    2 | in [0, 1]
distribution that rounds to an open end | agent_compute_cap: {dist: beta, a: 3, b: 0.01} | priors.agent_compute_cap |
    which is often 1 | a number in (0, 1)
distribution of a member outside | slope: {novelty: {dist: normal, mean: 1, sd: 1}} | priors.slope.novelty |
    goes on without bound | add 'lower: 0'
unknown parameter | work_gapp: 3 | priors.work_gapp | 'work_gapp' | did you mean 'work_gap'?
parameter like none | zzz: 3 | priors.zzz | 'zzz' | a parameter, such as horizon
dotted parameter | severity.debugging: 3 | priors.severity.debugging | 'severity.deb | a parameter
parameter of two lines | "a\nb": 3 | priors.a b | 'a\nb' | a parameter
NaN | horizon: .nan | priors.horizon | .nan | a finite number above 0 or a distribution
infinity | horizon: .inf | priors.horizon | .inf | a finite number above 0
minus infinity | work_gap: -.inf | priors.work_gap | -.inf | a finite number
overflow | horizon: 1e999 | priors.horizon | .inf | a finite number above 0
a boolean | horizon: true | priors.horizon | true | a number above 0 or a distribution
a date | horizon: 2024-01-01 | priors.horizon | the date 2024-01-01 | a number above 0
a time | horizon: 2024-01-01 10:00:00 | priors.horizon | the date 2024-01-01 | a number above 0
text | horizon: nine | priors.horizon | 'nine' | a number above 0
a number in quotes | horizon: '9' | priors.horizon | '9' | a number above 0
minutes and seconds | horizon: 1:30 | priors.horizon | '1:30' | a number above 0
nothing | horizon: | priors.horizon | nothing | a number above 0
a list | horizon: [1, 2] | priors.horizon | a list | a number above 0
a level elsewhere | relief: low | priors.relief | 'low' | a number above -1 or a distribution
an index too many | horizon: {reliability: 3} | priors.horizon.dist | nothing | a distribution
unknown bottleneck | relief: {novlty: 0} | priors.relief.novlty | 'novlty' | mean 'novelty'?
unknown task | task_length: {debuging: 9} | priors.task_length.debuging | 'debuging' | 'debugging'?
unknown task or evaluation | severity: {cudda: {novelty: low}} | priors.severity.cudda | 'cudda' | a task or
    evaluation; did you mean 'cuda'?
unknown bottleneck of a task | severity: {debugging: {novelti: low}} | priors.severity.debugging.novelti | 'novelti'
    | a bottleneck; did you mean 'novelty'?
unknown level | severity: {debugging: {novelty: hihg}} | priors.severity.debugging.novelty | 'hihg' | a level; did
    you mean 'high'?
source a number | source: 3 | priors.source | 3 | text
source of one a list | horizon: {dist: point, value: 3, source: [a]} | priors.horizon.source | a list | text
published a word | horizon: {dist: point, value: 3, published: lately} | priors.horizon.published | 'lately' | a
    date such as
unit a number | horizon: {dist: point, value: 3, unit: 3} | priors.horizon.unit | 3 | text
"""

# Of `horizon`, which must be above 0; the key is what follows `priors.horizon`.
DISTRIBUTIONS = r"""
unknown | {dist: lognorml, q05: 1, q95: 2} | .dist | 'lognorml' | did you mean 'lognormal'?
unknown family | {dist: cauchy} | .dist | 'cauchy' | one of normal, lognormal, beta
missing | {q05: 1, q95: 2} | .dist | nothing | a distribution
a list | {dist: [normal]} | .dist | a list | a distribution
a number | {dist: 3} | .dist | 3 | a distribution
unknown parameter | {dist: normal, meen: 1, sd: 2} | .meen | 'meen' | did you mean 'mean'?
quantile of one digit | {dist: normal, q5: 1, q95: 2} | .q5 | 'q5' | two digits such as q05
quantile of three digits | {dist: normal, q025: 1, q975: 2} | .q025 | 'q025' | two digits such as q05
quantiles out of order | {dist: normal, q05: 3, q95: 2} |  | out of order (q05 3, q95 2) | a larger value
equal quantiles | {dist: normal, q05: 3, q95: 3} |  | out of order (q05 3, q95 3) | a larger value
quantile below the family | {dist: lognormal, q05: -3, q95: 2} |  | q05 -3, q95 2 | possible for a lognormal
quantile above the family | {dist: beta, q05: 0.5, q95: 1.2} |  | q05 0.5, q95 1.2 | possible for a beta
one quantile | {dist: normal, q05: 3} |  | q05 | two quantiles
three quantiles | {dist: normal, q05: 1, q50: 2, q95: 3} |  | q05, q50, q95 | two quantiles
two quantiles of a halfnormal | {dist: halfnormal, q05: 1, q95: 2} |  | q05, q95 | one quantile
negative quantile of a halfnormal | {dist: halfnormal, q50: -1} |  | q50 -1 | above 0
quantile and parameter | {dist: normal, q05: 3, sd: 4} |  | q05, sd | no other parameter
quantile 0 | {dist: normal, q00: 3, q95: 4} |  | q00 3 | between q01 and q99
quantiles of a triangular | {dist: triangular, q05: 1, q95: 2} |  | q05, q95 | lower, mode and upper
quantiles and bounds of a uniform | {dist: uniform, q05: 1, q95: 2, lower: 0} |  | lower | two quantiles
quantile outside bounds | {dist: normal, q05: 1, q95: 3, lower: 2} |  | outside [2, inf] | between lower and
quantiles out of reach | {dist: normal, q05: 1, q95: 2, lower: 0.999999, upper: 2.000001} |  | q05 1, q95 2 | a
    normal can meet within its bounds
quantiles too far apart | {dist: gamma, q05: 1e-300, q95: 1e300} |  | 1e+300 | possible for a gamma
a quantile that is NaN | {dist: normal, q05: .nan, q95: 2} | .q05 | .nan | a finite number
a parameter that is a boolean | {dist: normal, mean: true, sd: 1} | .mean | true | a number
a parameter that is a date | {dist: normal, mean: 2024-01-01, sd: 1} | .mean | the date | a number
an infinite parameter | {dist: normal, mean: .inf, sd: 1} | .mean | .inf | a finite number
an infinite bound | {dist: normal, mean: 3, sd: 1, upper: .inf} | .upper | .inf | a finite number
no parameters | {dist: normal} |  | no parameters | mean, sd, or two quantiles such as q05 and q95
half the parameters | {dist: gamma, shape: 1} |  | shape | shape, rate or mean, sd
too many parameters | {dist: beta, a: 1, b: 2, mean: 0.5} |  | a, b, mean | a, b or mean, concentration
sd of 0 | {dist: normal, mean: 1, sd: 0} |  | mean 1, sd 0 | sd above 0
impossible mean of a beta | {dist: beta, mean: 1.5, concentration: 3} |  | mean 1.5 | mean in (0, 1)
impossible sd of a beta | {dist: beta, mean: 0.5, sd: 0.6} |  | sd 0.6 | sd small enough
vanishing sd of a beta | {dist: beta, mean: 0.5, sd: 1e-200} |  | sd 1e-200 | possible for a beta
overflowing moments | {dist: gamma, mean: 1e300, sd: 1e-300} |  | mean 1e+300 | possible for a gamma
negative lower of a loguniform | {dist: loguniform, lower: -1, upper: 2} |  | lower -1 | 0 below lower
uniform upside down | {dist: uniform, lower: 4, upper: 2} |  | lower 4, upper 2 | lower below upper
mode outside | {dist: triangular, lower: 1, mode: 5, upper: 2} |  | mode 5 | mode between them
bounds upside down | {dist: normal, mean: 3, sd: 1, lower: 4, upper: 2} |  | lower 4 and upper 2 | below upper
bounds without mass | {dist: normal, mean: 0, sd: 1, lower: 50} |  | leave nothing of normal | has mass
support below the domain | {dist: normal, mean: 10, sd: 1} |  | goes on without bound | add 'lower: 0'
uniform below the domain | {dist: uniform, lower: -1, upper: 3} |  | which reaches -1 | above 0
a point outside | {dist: point, value: 0} |  | 0 | a number above 0
a point without value | {dist: point} | .value | nothing | a number
a point with quantiles | {dist: point, value: 3, q05: 3} | .q05 | 'q05' | one of value
values that overflow | {dist: lognormal, mu: 1, sigma: 1e5} |  | which reaches .inf | finite numbers
values that vanish | {dist: gamma, shape: 1e-5, rate: 1} |  | which is often 0 | a number above 0
categorical without values | {dist: categorical} | .values | nothing | a list of numbers
categorical of nothing | {dist: categorical, values: [], probabilities: []} | .values | an empty list | a list
categorical of two lengths | {dist: categorical, values: [1, 2], probabilities: [1]} |  | 2 values and 1 | each
categorical of text | {dist: categorical, values: [a], probabilities: [1]} | .values.0 | 'a' | a number
categorical twice | {dist: categorical, values: [1, 1], probabilities: [0, 1]} | .values | twice | distinct
categorical sum | {dist: categorical, values: [1, 2], probabilities: [0.5, 0.6]} | .probabilities | sum to 1.1 | sum
    to 1
categorical outside | {dist: categorical, values: [0, 2], probabilities: [0.5, 0.5]} |  | 0 | above 0
mixture of nothing | {dist: mixture} | .components | nothing | a list of distributions
mixture of an empty list | {dist: mixture, components: []} | .components | an empty list | a list of
mixture of a number | {dist: mixture, components: [3]} | .components.0 | 3 | a distribution with a weight
mixture without weight | {dist: mixture, components: [{dist: point, value: 3}]} | .components.0.weight | nothing | a
    weight
mixture sum | {dist: mixture, components: [{weight: 0.5, dist: point, value: 3}]} | .components | sum to 0.5 | sum
    to 1
mixture with a negative weight | {dist: mixture, components: [{weight: 1.5, dist: point, value: 3}, {weight: -0.5,
    dist: point, value: 3}]} | .components.1 | -0.5 | at least 0
mixture of mixtures | {dist: mixture, components: [{weight: 1, dist: mixture, components: [{weight: 1, dist: point,
    value: 3}]}]} | .components.0.dist | 'mixture' | a continuous distribution or a point
mixture of cut mixtures | {dist: mixture, components: [{weight: 1, dist: mixture, upper: 9, components: [{weight: 1,
    dist: uniform, lower: 1, upper: 2}]}]} | .components.0.dist | 'mixture' | a continuous distribution or a point
mixture of unknowns | {dist: mixture, components: [{weight: 1, dist: gama}]} | .components.0.dist | 'gama' | did you
    mean 'gamma'?
mixture with a point outside | {dist: mixture, components: [{weight: 0.5, dist: point, value: 0}, {weight: 0.5,
    dist: halfnormal, sd: 1}]} |  | 0 | a number above 0
dirichlet of one number | {dist: dirichlet, alpha: {a: 1}} | .dist | 'dirichlet' | of one number
"""

# What follows `priors:`.
SHARES = r"""
one mapping | time_share: {debugging: 0.9} | priors.time_share | shares that sum to 1.4 | shares that sum to 1
one role | time_share: {manager: {debugging: 0.9}} | priors.time_share.manager | shares that sum to 1.8 | shares
    that sum to 1
roles | role_share: {manager: 0.3} | priors.role_share | shares that sum to 1.05 | shares that sum to 1
unknown task | time_share: {debuging: 1} | priors.time_share.debuging | 'debuging' | 'debugging'?
unknown task of a role | time_share: {manager: {debuging: 1}} | priors.time_share.manager.debuging | 'debuging' | a
    task; did you mean 'debugging'?
unknown role | time_share: {manger: {}} | priors.time_share.manger | 'manger' | mean 'manager'?
roles beside tasks | time_share: {manager: {}, debugging: 1} | priors.time_share | beside | each role
negative | time_share: {debugging: -1} | priors.time_share.debugging | -1 | a share in [0, 1]
a boolean | time_share: {debugging: true} | priors.time_share.debugging | true | a share in [0, 1]
a distribution | time_share: {debugging: {dist: beta}} | priors.time_share.debugging | a mapping | a share
a number | time_share: 1 | priors.time_share | 1 | a mapping from names to shares
a number for a role | time_share: {manager: 1} | priors.time_share.manager | 1 | a mapping
another distribution | role_share: {dist: beta} | priors.role_share.dist | 'beta' | dirichlet
no parameters | role_share: {dist: dirichlet} | priors.role_share | no parameters | alpha, or mean
half an alpha | role_share: {dist: dirichlet, alpha: {manager: 1}} | priors.role_share.alpha.contributor | nothing |
    a number
alpha of 0 | role_share: {dist: dirichlet, alpha: {manager: 1, contributor: 0}} |
    priors.role_share.alpha.contributor | 0 | a number above 0
tiny alpha | role_share: {dist: dirichlet, alpha: {manager: 1e-320, contributor: 1e-320}} | priors.role_share.alpha
    | a sum of 1.9 | at least 0.001
endless alpha | role_share: {dist: dirichlet, alpha: {manager: 1e308, contributor: 1e308}} | priors.role_share.alpha
    | a sum of inf | at most 1e+09
means | role_share: {dist: dirichlet, mean: {manager: 1, contributor: 0.3}, concentration: 3} |
    priors.role_share.mean | shares that sum to 1.3 | shares that sum to 1
no concentration | role_share: {dist: dirichlet, mean: {manager: 0.7, contributor: 0.3}} | priors.role_share | mean
    | mean and concentration
concentration of 0 | role_share: {dist: dirichlet, mean: {manager: 0.7, contributor: 0.3}, concentration: 0} |
    priors.role_share.concentration | 0 | at least 0.001
"""

# What follows `correlations:`.
CORRELATIONS = r"""
a mapping | {between: [horizon, work_gap], rho: 0.5} | correlations | a mapping | a list
a number | [3] | correlations.0 | 3 | a mapping
no rho | [{between: [horizon, work_gap]}] | correlations.0.rho | nothing | a value
rho of 1 | [{between: [horizon, work_gap], rho: 1}] | correlations.0.rho | 1 | in (-1, 1)
rho a word | [{between: [horizon, work_gap], rho: high}] | correlations.0.rho | 'high' | a number
rho a boolean | [{between: [horizon, work_gap], rho: true}] | correlations.0.rho | true | a number
rho NaN | [{between: [horizon, work_gap], rho: .nan}] | correlations.0.rho | .nan | a finite number
unknown key | [{between: [horizon, work_gap], rho: 0, r: 0}] | correlations.0.r | 'r' | a key
with itself | [{between: [horizon, horizon], rho: 0}] | correlations.0.between | horizon, horizon | two different
    quantities
of three | [{between: [horizon, work_gap, adoption], rho: 0}] | correlations.0.between | horizon, work_gap, adoption
    | two different quantities
of a repeated pair | [{between: [horizon, work_gap, horizon], rho: 0}] | correlations.0.between | horizon, work_gap,
    horizon | two different quantities
of one, not in a list | [{between: horizon, rho: 0}] | correlations.0.between | 'horizon' | a list
of an unknown | [{between: [horizonn, work_gap], rho: 0.5}] | correlations.0.between | 'horizonn' | did you mean
    'horizon'?
of a group | [{between: [horizon, severity], rho: 0.5}] | correlations.0.between | 'severity' | a quantity that has
    one prior
that contradict | [{between: [horizon, work_gap], rho: 0.9}, {between: [horizon, adoption], rho: 0.9}, {between:
    [adoption, work_gap], rho: -0.9}] | correlations.1.rho | 0.9 between horizon and adoption, which contradicts
    those before it | correlations that can all hold
"""

# The file itself; + stands for HEAD.
ENTRIES = r"""
evaluation a number | +evaluations: {cuda: 3} | evaluations.cuda | 3 | median, spread
unknown key | +evaluations: {cuda: {medan: 3}} | evaluations.cuda.medan | 'medan' | 'median'?
unknown bottleneck | +evaluations: {cuda: {severity: {novelti: low}}} | evaluations.cuda.severity.novelti |
    'novelti' | did you mean 'novelty'?
outside | +evaluations: {cuda: {median: 0}} | evaluations.cuda.median | 0 | a number above 0
new without severity | +evaluations: {mine: {median: 3, spread: 1}} | evaluations.mine.severity.reliability |
    nothing | a number or a distribution
new without a bottleneck | +evaluations: {mine: {median: 3, spread: 1, severity: {reliability: low}}} |
    evaluations.mine.severity.novelty | nothing | a number or a distribution
new without median | +evaluations: {mine: {spread: 1, severity: low}} | evaluations.mine.median | nothing | a number
    or a distribution
odd name | +evaluations: {a/b: {}} | evaluations.a/b | 'a/b' | letters, digits and _
reserved name | +evaluations: {source: {}} | evaluations.source | 'source' | not reserved
name of a task | +evaluations: {debugging: {}} | evaluations.debugging | which is a task | no task
all severities 0 | +evaluations: {cuda: {severity: {reliability: 0, novelty: 0.0}}} | evaluations.cuda.severity | 0
    for every bottleneck | tests something
all severities 0 by one | +priors:⏎  severity: {cuda: 0} | evaluations.cuda.severity | 0 for every | tests
all severities 0 by points | +priors:⏎  severity: {cuda: {dist: categorical, values: [0], probabilities: [1]}} |
    evaluations.cuda.severity | 0 for every | tests
"""

# What follows the name.
POOLS = r"""
unknown member | pool: {nobody: 2} | pool.nobody | 'nobody' | a scenario that exists
nearly a member | pool: {pesimistic: 2} | pool.pesimistic | 'pesimistic' | mean 'pessimistic'?
path | pool: {../x: 2} | pool.../x | '../x' | letters, digits
negative weight | pool: {base: -2} | pool.base | -2 | a weight above 0
weight of 0 | pool: {base: 0} | pool.base | 0 | a weight above 0
weight a boolean | pool: {base: true} | pool.base | true | a weight above 0
weight infinite | pool: {base: .inf} | pool.base | .inf | a weight above 0, finite
of nothing | pool: {} | pool | nothing | scenarios and their weights
a list | pool: [base] | pool | a list | a mapping
beside priors | pool: {base: 1}⏎priors: {} | priors | an entry beside pool | a pool alone
beside extends | extends: base⏎pool: {base: 1} | extends | an entry beside pool | a pool alone
itself | pool: {mine: 1} | pool | a circle | members that do not pool this scenario
end before the reference date | pool: {base: 1}⏎end: 2020-01-01 | end | 2020-01-01 | after
"""

# Outside the domains of model.md: parameter, value, expected.
DOMAINS = {
    "choice_noise": ("0.0099", "at least 0.01"),
    "doubling_shrink": ("0", "in (0, 1)"),
    "agent_compute_cap": ("1", "in (0, 1)"),
    "horizon": ("0", "above 0"),
    "ceiling_doublings": ("0", "above 0"),
    "slowdown": ("0", "above 0"),
    "software_growth": ("0", "above 0"),
    "ideas_harder": ("0", "above 0"),
    "input_substitution": ("0", "above 0"),
    "returns_to_input": ("-1", "above 0"),
    "difficulty_spread": ("0", "above 0"),
    "slope": ("0", "above 0"),
    "relief": ("-1", "above -1"),
    "task_length": ("0", "above 0"),
    "length_spread": ("0", "above 0"),
    "median": ("-5", "above 0"),
    "spread": ("0", "above 0"),
    "severity": ("1.01", "in [0, 1]"),
    "adoption": ("-0.01", "in [0, 1]"),
    "compute_wait": ("1.01", "in [0, 1]"),
    "labour_share": ("1.01", "in [0, 1]"),
    "task_substitution": ("-0.01", "at least 0"),
    "specification": ("-0.01", "at least 0"),
    "familiarity": ("-0.01", "at least 0"),
    "verification": ("-0.01", "at least 0"),
    "rework": ("-0.01", "at least 0"),
    "undetected_loss": ("-0.01", "at least 0"),
    "agent_price": ("-0.01", "at least 0"),
    "assist_gain": ("-0.01", "at least 0"),
    "assist_overhead": ("-0.01", "at least 0"),
    "agent_compute": ("-0.01", "at least 0"),
    "optimism_decay": ("-0.01", "at least 0"),
    "piece_doublings": ("-0.01", "at least 0"),
}


@pytest.mark.parametrize(
    ("content", "key", "got", "expected"),
    [
        *(pytest.param(*row, id=name) for name, row in DOCUMENTS.items()),
        *ENDLESS,
        *table(SCENARIOS),
        *table(NUMBERS, PRIORS),
        *table(SHARES, PRIORS),
        *table(CORRELATIONS, f"{HEAD}correlations: "),
        *table(ENTRIES),
        *table(POOLS, "name: P\n"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(
    write: Write, content: str | bytes, key: str, got: str, expected: str
) -> None:
    check_refusal(refusal(write(content)), "mine.yaml", key, got, expected)


@pytest.mark.parametrize(("content", "key", "got", "expected"), table(DISTRIBUTIONS, f"{PRIORS}horizon: "))
def test_a_bad_distribution_is_refused_in_one_line(
    write: Write, content: str, key: str, got: str, expected: str
) -> None:
    check_refusal(refusal(write(content)), "mine.yaml", f"priors.horizon{key}", got, expected)


@pytest.mark.parametrize(("name", "value", "expected"), [(name, *row) for name, row in DOMAINS.items()])
def test_a_value_outside_its_domain_is_refused(write: Write, name: str, value: str, expected: str) -> None:
    message = refusal(write(f"{PRIORS}{name}: {value}\n"))
    check_refusal(message, "mine.yaml", f"priors.{name}", value, expected)


# What `--set` refuses.
ASSIGNMENTS = r"""
unknown name | horizn=3 |  | the unknown name 'horizn' | did you mean 'horizon'?
unknown dotted name | severty.debugging.novelty=0.3 |  | 'severty.debugging.novelty' | mean 'severity'?
name of a file | priors.horizon=3 |  | 'priors.horizon' | did you mean 'horizon'?
unknown structure | structure.feedbak=true | structure.feedbak | 'feedbak' | did you mean 'feedback'?
structure alone | structure=true |  | true | a dotted name such as structure.feedback
unknown evaluation | evaluations.cudda.median=3 | evaluations.cudda | 'cudda' | did you mean 'cuda'?
evaluations alone | evaluations=3 |  | 3 | a dotted name such as evaluations
unknown task | severity.debuging.novelty=0.3 | priors.severity.debuging | 'debuging' | mean 'debugging'?
unknown bottleneck | slope.novelti=1 | priors.slope.novelti | 'novelti' | did you mean 'novelty'?
an index too many | horizon.novelty=1 | priors.horizon.dist | nothing | a distribution
no value | horizon |  | 'horizon' | NAME=VALUE
an empty value | horizon= | priors.horizon | nothing | a number above 0
no name | =3 |  | the unknown name '' | a parameter
a word | horizon=nine | priors.horizon | 'nine' | a number above 0
an open bracket | horizon={dist: normal | line 1 | not YAML | YAML
a tag | horizon=!!float 3 | line 1 | tag | without tags
outside | adoption=1.5 | priors.adoption | 1.5 | a number in [0, 1]
not a date | end=soon | end | 'soon' | a date such as
an index of a date | end.x=2030-01-01 | end | 'end.x' | end and a date
end before the reference date | end=2020-01-01 | end | 2020-01-01 | after the reference date
not a boolean | structure.feedback=1 | structure.feedback | 1 | true or false
shares | time_share.manager.debugging=0.9 | priors.time_share.manager | shares that sum to 1.8 | shares that sum to 1
an evaluation of nothing | severity.cuda=0 | evaluations.cuda.severity | 0 for every bottleneck | tests
"""


@pytest.mark.parametrize(("assignment", "key", "got", "expected"), table(ASSIGNMENTS))
def test_a_bad_assignment_is_refused(write: Write, assignment: str, key: str, got: str, expected: str) -> None:
    assignment = assignment.strip()
    check_refusal(refusal(write(HEAD), [assignment]), f"--set {assignment}", key, got, expected)


def test_an_endless_assignment_is_shortened(write: Write) -> None:
    assert len(refusal(write(HEAD), ["x" * 100_000 + "=3"])) < 400


def test_dates_are_blamed_on_the_file_and_not_on_another_assignment(write: Write) -> None:
    message = refusal(write(HEAD + "end: 2020-01-01\n"), ["horizon=3"])
    check_refusal(message, "mine.yaml", "end", "2020-01-01", "after the reference date")


# A file that a scenario names: how tasks.yaml or evaluations.yaml is changed, key, got, expected.
TASK_FILES = {
    "unknown key": ("roles:", "role:", "role", "'role'", "did you mean 'roles'?"),
    "unknown kind": ("kind: work", "kind: wrok", "tasks.debugging.kind", "'wrok'", "planning, interpreting or work"),
    "no kind": ("kind: work", "", "tasks.debugging.kind", "nothing", "a value"),
    "unknown key of a task": ("kind: work", "kindd: work", "tasks.debugging.kindd", "'kindd'", "mean 'kind'?"),
    "unknown key of a role": (
        "description: does",
        "descr: does",
        "roles.contributor.descr",
        "'descr'",
        "'description'?",
    ),
    "a bottleneck left out": (
        "{reliability: high, novelty: low}",
        "{reliability: high}",
        "tasks.debugging.severity.novelty",
        "nothing",
        "a number or a distribution",
    ),
    "unknown bottleneck": (
        "{reliability: high, novelty: low}",
        "{reliability: high, novelti: low}",
        "tasks.debugging.severity.novelti",
        "'novelti'",
        "did you mean 'novelty'?",
    ),
    "no length": ("task_length: 120", "", "tasks.debugging.task_length", "nothing", "a value"),
    "negative length": ("task_length: 120", "task_length: -1", "tasks.debugging.task_length", "-1", "above 0"),
    "odd name": ("  debugging:", "  de bug:", "tasks.de bug", "'de bug'", "letters, digits and _"),
    "reserved name": ("  novelty: {}", "  source: {}", "bottlenecks.source", "'source'", "not reserved"),
    "name of a role": ("  manager: {}", "  debugging: {}", "tasks.debugging", "'debugging' twice", "no role"),
    "mean left out": (
        "analysis: 0.3, debugging: 0.1",
        "debugging: 0.4",
        "time_share.manager.mean.analysis",
        "nothing",
        "a number",
    ),
    "shares": (
        "debugging: 0.1",
        "debugging: 0.2",
        "time_share.manager.mean",
        "shares that sum to 1.1",
        "shares that sum to 1",
    ),
    "a role a number": ("  manager: {}", "  manager: 3", "roles.manager", "3", "a mapping"),
}


@pytest.mark.parametrize(("old", "new", "key", "got", "expected"), TASK_FILES.values(), ids=TASK_FILES)
def test_a_bad_tasks_file_is_refused(write: Write, old: str, new: str, key: str, got: str, expected: str) -> None:
    assert TASKS.count(old) == 1
    write(TASKS.replace(old, new), "tasks.yaml")
    check_refusal(refusal(write(HEAD)), "tasks.yaml", key, got, expected)


EVALUATION_FILES = {
    "unknown key": ("anchor:", "ancor:", "ancor", "'ancor'", "did you mean 'anchor'?"),
    "unknown anchor": ("anchor: suite", "anchor: suit", "anchor", "'suit'", "did you mean 'suite'?"),
    "an evaluation a number": ("suite: {median: 30", "x: 3\n  suite: {median: 30", "evaluations.x", "3", "a mapping"),
    "name of a task": ("  cuda:", "  analysis:", "evaluations.analysis", "which is a task", "no task"),
    "unknown level": ("severity: high", "severity: hi", "evaluations.cuda.severity", "'hi'", "did you mean 'high'?"),
}


@pytest.mark.parametrize(("old", "new", "key", "got", "expected"), EVALUATION_FILES.values(), ids=EVALUATION_FILES)
def test_a_bad_evaluations_file_is_refused(write: Write, old: str, new: str, key: str, got: str, expected: str) -> None:
    assert EVALUATIONS.count(old) == 1
    write(EVALUATIONS.replace(old, new), "evaluations.yaml")
    check_refusal(refusal(write(HEAD)), "evaluations.yaml", key, got, expected)


@pytest.mark.parametrize("name", ["horizon", "slope", "relief", "training_compute_growth"])
def test_a_parameter_without_prior_is_named(write: Write, name: str) -> None:
    line = next(line for line in BASE.splitlines() if line.startswith(f"  {name}:"))
    write(BASE.replace(line + "\n", ""), "base.yaml")
    key = f"priors.{name}.reliability" if name in {"slope", "relief"} else f"priors.{name}"
    check_refusal(refusal(write(HEAD)), "mine.yaml", key, "nothing", "a number or a distribution")


@pytest.mark.parametrize("name", ["trajectory", "feedback"])
def test_a_structure_that_nobody_chose_is_named(write: Write, name: str) -> None:
    line = next(line for line in BASE.splitlines() if line.startswith(f"  {name}:"))
    write(BASE.replace(line + "\n", ""), "base.yaml")
    check_refusal(refusal(write(HEAD)), "mine.yaml", f"structure.{name}", "nothing", "here or in what it extends")


@pytest.mark.parametrize("name", ["reference_date", "end"])
def test_a_date_that_nobody_gave_is_named(write: Write, name: str) -> None:
    line = next(line for line in BASE.splitlines() if line.startswith(f"{name}:"))
    write(BASE.replace(line + "\n", ""), "base.yaml")
    check_refusal(refusal(write(HEAD)), "mine.yaml", name, "nothing", "a date such as")


def test_an_error_in_a_parent_names_the_parent(write: Write) -> None:
    write("name: A\nextends: base\npriors: {horizn: 3}\n", "parent.yaml")
    message = refusal(write("name: Mine\nextends: parent\n"))
    check_refusal(message, "parent.yaml", "priors.horizn", "'horizn'", "did you mean 'horizon'?")


def test_a_cycle_is_drawn(write: Write) -> None:
    write("name: A\nextends: b.yaml\n", "a.yaml")
    write("name: B\nextends: mine\n", "b.yaml")
    message = refusal(write("name: Mine\nextends: a\n"))
    check_refusal(message, "b.yaml", "extends", "mine.yaml -> a.yaml -> b.yaml -> mine.yaml", "a chain that ends")


def test_an_endless_chain_is_refused(write: Write) -> None:
    for position in range(30):
        write(f"name: A\nextends: s{position + 1}\n", f"s{position}.yaml")
    assert "more than 20 scenarios in a chain" in refusal("s0.yaml")


def test_pools_in_a_circle_are_refused(write: Write) -> None:
    write("name: Other\npool: {mine: 1}\n", "other.yaml")
    assert "a circle" in refusal(write("name: Mine\npool: {other: 1}\n"))


def test_a_scenario_cannot_extend_a_pool(write: Write) -> None:
    write("name: All\npool: {base: 1}\n", "all.yaml")
    message = refusal(write("name: Mine\nextends: all\n"))
    check_refusal(message, "mine.yaml", "extends", "'all', which is a pool", "a scenario that is not a pool")


def test_pools_of_pools_do_not_explode(write: Write) -> None:
    write("name: Leaf\npool: {base: 1}\n", "p0.yaml")
    for position in range(30):
        write(f"name: P\npool: {{p{position}: 1, p{position}.yaml: 1}}\n", f"p{position + 1}.yaml")
    assert "more than 20 scenarios" in refusal("p30.yaml")


def test_members_of_a_pool_must_agree(write: Write) -> None:
    write("name: Later\nextends: base\nend: 2031-01-01\n", "later.yaml")
    pool = "name: P\npool: {base: 1, later: 1}\n"
    check_refusal(refusal(write(pool)), "mine.yaml", "pool.later", "other dates than base", "the same dates")
    write(HEAD + "evaluations: {more: {median: 3, spread: 1, severity: low}}\n", "richer.yaml")
    message = refusal(write("name: P\npool: {base: 1, richer: 1}\n"))
    check_refusal(message, "mine.yaml", "pool.richer", "other tasks, roles, bottlenecks and evaluations", "the same")


# Scenarios that are no file, or that no path should name.
PATHS = {
    "missing": ("other.yaml", "no such file"),
    "folder": ("folder.yaml", "a folder"),
    "pipe": ("pipe.yaml", "something that is not a file"),
    "link to nothing": ("dangling.yaml", "no such file"),
    "link to itself": ("loop.yaml", "no such file"),
    "zero byte": ("a\0b.yaml", "no such file"),
    "endless": ("a" * 5000 + ".yaml", "no such file"),
    "half a character": ("\udcff.yaml", "no such file"),
    "below a file": ("base.yaml/mine.yaml", "no such file"),
    "nothing but dots": ("...yaml", "'..'"),
    "unknown name": ("nobody", "'nobody'"),
    "near a name": ("optimstic", "did you mean 'optimistic'?"),
    "empty": ("", "''"),
    "upwards": ("../mine", "'../mine'"),
    "other suffix": ("mine.txt", "a .yaml file or a shipped scenario"),
}


@pytest.mark.parametrize(("path", "said"), PATHS.values(), ids=PATHS)
def test_what_is_no_scenario_is_refused(write: Write, small_world: Path, path: str, said: str) -> None:
    (small_world / "folder.yaml").mkdir()
    os.mkfifo(small_world / "pipe.yaml")
    (small_world / "dangling.yaml").symlink_to("nowhere.yaml")
    (small_world / "loop.yaml").symlink_to("loop.yaml")
    write(HEAD, "...yaml")
    assert said in refusal(path)


def test_a_pipe_or_a_folder_cannot_be_extended(write: Write, small_world: Path) -> None:
    os.mkfifo(small_world / "pipe.yaml")
    (small_world / "folder.yaml").mkdir()
    assert "not a file" in refusal(write("name: Mine\nextends: pipe.yaml\n"))
    assert "a folder" in refusal(write("name: Mine\nextends: folder.yaml\n"))
    assert "a folder" in refusal(write(HEAD + "tasks: .\n"))


def test_a_link_cannot_lead_out_of_the_folder(write: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "tasks.yaml"
    outside.write_text(TASKS)
    Path("linked.yaml").symlink_to(outside)
    message = refusal(write(HEAD + "tasks: linked.yaml\n"))
    check_refusal(message, "mine.yaml", "tasks", "'linked.yaml'", "inside the file's own folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused(write: Write) -> None:
    Path(write(HEAD)).chmod(0)
    assert "a file that cannot be read" in refusal("mine.yaml")


def test_a_file_that_fails_while_it_is_read_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    write(HEAD)
    monkeypatch.setattr(Path, "open", fail)
    check_refusal(refusal("mine.yaml"), "mine.yaml", "", "cannot be read (Input/output error)", "a YAML file")
