"""Whatever a file says: one line with file, key, got and expected, or a scenario whose every draw is a number."""

import pytest
from conftest import Write
from refusing import HEAD, PRIORS, check_refusal, refusal, table

from autosim.inputs.document import MAX_LINE, MAX_LINES, MAX_VALUES

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
