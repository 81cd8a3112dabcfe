"""The documents, and what stands in their tables and blocks of code."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)
README, GLOSSARY, FILES = ROOT / "README.md", ROOT / "docs" / "glossary.md", ROOT / "docs" / "scenario-files.md"
EVIDENCE = ROOT / "docs" / "evidence.md"

type Row = list[str]


def rows(page: Path, first: str, section: str = "") -> list[Row]:
    """Rows of a page's tables whose first heading is ``first``, within the section of that title if one is named."""
    text = page.read_text(encoding="utf-8")
    if section:
        text = re.split(r"^#+ ", text.partition(f"# {section}\n")[2], flags=re.MULTILINE)[0]
    found: list[Row] = []
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
        elif inside:
            found.append(cells(line))
        else:
            inside = cells(line)[0] == first
    rules = [row for row in found if not set("".join(row)) <= set("-:")]
    assert rules, f"{page.name} has no table that begins with '{first}'"
    return rules


def cells(line: str) -> Row:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def code(cell: str) -> str:
    """What stands between backticks at the start of a cell."""
    found = re.match(r"`([^`]*)`", cell)
    return found[1] if found else cell


def block(page: Path, language: str, mark: str = "") -> str:
    """First code block of a language, after the HTML comment ``mark`` if one is named."""
    text = page.read_text(encoding="utf-8")
    if mark:
        text = text.partition(f"<!-- {mark} -->")[2].partition(f"<!-- /{mark} -->")[0]
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found, f"{page.name} has no block of {language} {mark}"
    return found[1]
