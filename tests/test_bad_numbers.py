"""Distributions that cannot be, and values outside the domains of their parameters, are refused in one line."""

import pytest
from conftest import Write
from refusing import PRIORS, check_refusal, refusal, table

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


@pytest.mark.parametrize(("content", "key", "got", "expected"), table(DISTRIBUTIONS, f"{PRIORS}horizon: "))
def test_a_bad_distribution_is_refused_in_one_line(
    write: Write, content: str, key: str, got: str, expected: str
) -> None:
    check_refusal(refusal(write(content)), "mine.yaml", f"priors.horizon{key}", got, expected)


@pytest.mark.parametrize(("name", "value", "expected"), [(name, *row) for name, row in DOMAINS.items()])
def test_a_value_outside_its_domain_is_refused(write: Write, name: str, value: str, expected: str) -> None:
    message = refusal(write(f"{PRIORS}{name}: {value}\n"))
    check_refusal(message, "mine.yaml", f"priors.{name}", value, expected)
