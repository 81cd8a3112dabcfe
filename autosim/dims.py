"""Names of the axes, written once; the same in memory and on disk."""

DRAW = "draw"
DATE = "date"
YEAR = "year"
TASK = "task"
BOTTLENECK = "bottleneck"
MODE = "mode"
ROLE = "role"
EVALUATION = "evaluation"
ADVANCE = "advance"
STATISTIC = "statistic"

MODES = ("manual", "assisted", "verified", "trusted")
"""Ways to do an instance of work, from all human to all AI (model §4)."""

ADVANCES = ("common", "specific")
"""How an evaluation could come to be solved: every bottleneck relieved alike, or only what it tests (model §8)."""
