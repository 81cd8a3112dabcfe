"""What the shipped files say of their numbers: dates that do not look ahead, and words as they were said."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import autosim
from autosim.inputs.document import parse
from autosim.inputs.scenario import Pool, Scenario

ROOT = Path(__file__).parents[1]
FILES = sorted([*(ROOT / "priors").glob("*.yaml"), *(ROOT / "scenarios").glob("*.yaml")])
OWEN = ROOT.parent / "shared" / "seed" / "owen_2024_automation_of_ai_rd.txt"
JUDGED, INTERVIEWED = date(2026, 11, 23), date(2024, 8, 27)


def notes(said: Any, source: str = "", published: object = None) -> Iterator[tuple[str, object]]:
    """Every source of a file with its date, where either may stand on the group around it."""
    if isinstance(said, list):
        for item in said:
            yield from notes(item, source, published)
    if isinstance(said, dict):
        own = "source" in said or "published" in said
        source, published = said.get("source", source), said.get("published", published)
        if own and source:
            yield source, published
        for name, entry in said.items():
            if name not in {"source", "published", "before"}:
                yield from notes(entry, source, published)


def stand_ins(said: Any) -> Iterator[tuple[str, Any]]:
    """Source and date of everything that stands in for something on earlier days."""
    for name, entry in said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ():
        if name == "before" and "source" not in entry:  # one for each parameter, at the top of a file
            yield from ((one["source"], one["published"]) for one in entry.values())
        elif name == "before":
            yield entry["source"], entry["published"]
        yield from stand_ins(entry)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_judgement_carries_the_day_it_was_made(path: Path) -> None:
    for source, published in notes(parse(path.read_text(encoding="utf-8"), path.name)):
        if source.startswith("judgement"):
            rests_on_owen = bool(re.search(r"Owen,? 2024", source)) and not re.search(r"\b(2025|2026)\b", source)
            allowed = {JUDGED, INTERVIEWED} if rests_on_owen else {JUDGED}
            assert published in allowed, f"{path.name}: {published}: {source}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_stands_in_on_earlier_days_looks_no_further(path: Path) -> None:
    """A stand-in names no year after its own, save in a title or as that by which something was foretold."""
    found = list(stand_ins(parse(path.read_text(encoding="utf-8"), path.name)))
    assert bool(found) == (path.parent.name == "priors" and path.stem in {"baseline", "tasks", "evaluations"})
    for source, published in found:
        years = [int(year) for year in re.findall(r"(?<!AI )(?<!by )\b(20[12]\d)\b", source)]
        assert max(years, default=0) <= published.year, f"{path.name}: {published}: {source}"


def test_judgements_about_suites_with_published_results_do_not_look_ahead() -> None:
    baseline = autosim.load("baseline")
    assert isinstance(baseline, Scenario)
    text = (ROOT / "priors" / "evaluations.yaml").read_text(encoding="utf-8")
    suites = parse(text, "evaluations.yaml")["evaluations"]
    compared = [name for name in suites if "modelled" in text.partition(f"\n  {name}:")[2].partition("\n\n")[0]]
    assert len(compared) == 8
    for path, prior in baseline.priors.items():
        if path[0] in {"severity", "contamination"} and path[1] in compared:
            assert prior.note.published == JUDGED, path


@pytest.mark.parametrize("name", autosim.scenarios())
def test_the_structure_of_a_shipped_scenario_has_a_source_and_its_date(name: str) -> None:
    scenario = autosim.load(name)
    for member in [member for _, member in scenario.members] if isinstance(scenario, Pool) else [scenario]:
        for choice in ("trajectory", "feedback"):
            note = member.structure_notes[choice]
            assert note.source
            assert note.published


def plain(text: str) -> str:
    """Text without typography and line ends, to be searched."""
    for mark, usual in {"’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", '\\"': '"', "*": ""}.items():
        text = text.replace(mark, usual)
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>|-\n+|\n *# ?", lambda found: " " if not found[0].startswith("-") else "", text)
    ).lower()


def quotations(path: Path) -> Iterator[str]:
    """Pieces of at least three words that a file quotes; an omission or an insertion in brackets ends a piece."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":  # a value in quotation marks is YAML's own, what it quotes stands in the other kind
        text = re.sub(r'(: )"((?:[^"\\]|\\.)*)"', r"\1\2", text)
    text = re.sub(r"```.*?```|<!--.*?-->", "", text, flags=re.DOTALL)
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:source|published|description):)|\n(?=[|*])", text):
        for said in re.findall(r'"([^"]*)"', plain(f"\n{paragraph}")):
            for piece in re.split(r"\[[^\]]*\]|\.\.\.", said):
                if len(piece.split()) >= 3:
                    yield piece.strip(" .,;:?!")


OTHERS = {
    "coming up with the right arguments for calling routines",  # Liu et al. 2023, abstract
    "data work .08",  # a row of the figures
}


@pytest.mark.skipif(not OWEN.exists(), reason="the text of Owen 2024 is not here")
@pytest.mark.parametrize("path", [*FILES, ROOT / "docs" / "model.md"], ids=lambda path: path.stem)
def test_quotations_are_word_for_word(path: Path) -> None:
    said = plain(OWEN.read_text(encoding="utf-8"))
    assert [piece for piece in quotations(path) if piece not in said and piece not in OTHERS] == []


@pytest.mark.skipif(not OWEN.exists(), reason="the text of Owen 2024 is not here")
def test_quotations_are_found() -> None:
    assert sum(len(list(quotations(path))) for path in FILES) > 60
