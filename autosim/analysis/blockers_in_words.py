"""What stands in the way of a milestone, in sentences: the same in print and in figures."""

from typing import Any

from autosim.analysis.blockers import FEW
from autosim.analysis.obstacles import BOTTLENECKS, DESCRIPTIONS, LIMITS, TASKS, label
from autosim.words import month, number, percent

type Json = dict[str, Any]

PARTS = {
    "labour": "labour",
    "experiments": "experiments",
    "agents": "agents' compute",
    "feedback": "feedback",
}
"""Terms of log2 M, in the order in which they are shown."""

PART_DESCRIPTIONS = {
    "labour": "what the hours that AI saves would give if research needed labour alone",
    "experiments": "what is lost because experiments need compute too",
    "agents": "what the compute that agents take, or do not get, costs",
    "feedback": "what AI adds by having sped up its own development",
}


def ranked(found: Json, kind: str) -> list[tuple[str, Json]]:
    """Obstacles of a kind, those first that would be enough alone in most worlds."""
    some = found["obstacles"][kind].items()
    return sorted(some, key=lambda one: (-one[1]["sufficient"]["count"], -one[1]["median"]))


def best_alone(found: Json) -> tuple[str, str, Json] | None:
    """Kind, name and numbers of the single obstacle that would be enough alone in most worlds; None if none would."""
    firsts = [(kind, *ranked(found, kind)[0]) for kind in (BOTTLENECKS, TASKS, LIMITS) if found["obstacles"][kind]]
    best = max(firsts, key=lambda one: one[2]["sufficient"]["count"])
    return best if best[2]["sufficient"]["count"] else None


def what_without(kind: str, name: str) -> str:
    """What the world would be like without an obstacle.

    Examples
    --------
    >>> what_without("bottlenecks", "novelty"), what_without("tasks", "debugging")
    ('AI never fails for novelty', 'AI never fails at debugging')
    """
    if kind == BOTTLENECKS:
        return f"AI never fails for {label(kind, name)}"
    if kind == TASKS:
        return f"AI never fails at {label(kind, name)}"
    return DESCRIPTIONS[name]


def answer(found: Json) -> list[str]:
    """Answer in sentences, the first of which stands alone."""
    milestone, blocked = found["milestone"], found["blocked"]
    what, when = milestone["label"], month(milestone["date"])
    if not blocked["count"]:
        every = f"every one of {blocked['of']:,} draws" if blocked["of"] > 1 else "the one draw"
        return [f"Nothing stands in the way: {every} gets to {what} by {when}."]
    worlds = "world" if blocked["count"] == 1 else "worlds"
    said = [
        f"In {percent(blocked['share'])} of draws ({blocked['count']:,} of {blocked['of']:,} {worlds}) {what} is not "
        f"reached by {when}.",
        *_alone(found),
        *_several(found),
    ]
    if blocked["count"] < FEW:
        few = f"So few {worlds} say" if blocked["count"] > 1 else "One world says"
        said.append(f"{few} little: mind the intervals, or take more --draws.")
    return said


def _alone(found: Json) -> list[str]:
    best = best_alone(found)
    if best is None:
        return ["In none of these would taking away a single obstacle be enough."]
    kind, name, numbers = best
    share = numbers["sufficient"]
    interval = f"{percent(share['low'])} to {percent(share['high'])}"
    first = (
        f"Taking away {label(kind, name)} alone ({what_without(kind, name)}) would be enough in "
        f"{percent(share['share'])} of these (95 %: {interval}); no other is enough in more."
    )
    return [first, f"Some single obstacle would be enough in {percent(found['one_alone']['share'])}."]


def _several(found: Json) -> list[str]:
    several, out = found["several"], found["out_of_reach"]
    said = [f"In {percent(several['share'])} only several at once would be."] if several["count"] else []
    if out["count"]:
        said.append(f"In {percent(out['share'])} ({out['count']:,}) nothing that is tried here would.")
    failures = found["obstacles"]["together"]["failures"]["sufficient"]
    said.append(f"With AI that never fails, {percent(failures['share'])} would get there.")
    if found["later"] is not None:
        said.append(f"{percent(found['later']['share'])} get there later, by {month(found['end'])}.")
    return said


def one_after_the_other(found: Json) -> str:
    """Obstacles taken away in turn, and how many worlds have then got there."""
    steps = [f"{label(step['kind'], step['name'])} {percent(step['share'])}" for step in found["in_order"]]
    return f"Taken away in turn, the most helpful first: {', '.join(steps)}." if steps else ""


def advance_in_words(found: Json) -> str:
    """How much better AI would have to be."""
    advance = found["advance"]
    if advance["q50"] is None:
        never = percent(advance["never"]["share"])
        return f"In {never} of these worlds no horizon is long enough, so that better AI alone is not enough."
    longer = f"{number(advance['q50'], 1)} doublings (a factor of {number(2.0 ** advance['q50'])}) longer"
    never = f"; in {percent(advance['never']['share'])} none is long enough" if advance["never"]["count"] else ""
    return f"Half of these worlds would get there if AI's horizons were {longer}, with all else as it is{never}."


def progress_in_words(found: Json) -> str:
    """What M is made of at the date, in geometric means."""
    means = {name: spread["mean"] for name, spread in found["progress"]["at_date"]["all"].items()}
    factors = {name: f"×{number(2.0**mean)}" for name, mean in means.items()}
    when = month(found["milestone"]["date"])
    return (
        f"M, how much faster R&D goes than without AI, is {factors['whole']} in {when} (geometric mean): "
        f"labour {factors['labour']}, compute {factors['compute']}, feedback {factors['feedback']}."
    )
