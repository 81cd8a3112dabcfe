"""Coverage-guided fuzzing of readers: whatever a file says, it is read or refused in one clear line, and soon.

    .venv/bin/python scripts/fuzz.py [--what scenarios|logs] [--seconds N] [--runs N] [--found FOLDER] [--corpus FOLDER]
                                     [CRASHER...]

scenarios: YAML files and what is said after --set; from the shipped files and the small ones of the tests. logs: those
of Inspect, as whole archives and as members that are packed by Zstandard or deflate.
What fails is saved in FOLDER, fuzz-found unless told, and ends the search; CRASHERs are files from there, tried again.
It takes Linux on x86-64, for which Atheris has wheels. The first byte of an input says what it stands for.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

with atheris.instrument_imports(include=["autosim.inputs", "autosim.evidence", "backports", "zipfile", "ruamel.yaml"]):
    from packed import Logs
    from reading import ASSIGNMENTS, FILES, SET, Reader, check_draws

MOST_SECONDS, HANGING, MEGABYTES, MOST_BYTES = 5.0, 300, 2048, 20_000
"""Of processor time an input may take; of any time until it counts as hanging; of memory; and of an input."""


def arguments() -> argparse.Namespace:
    """What the command line says."""
    said = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    said.add_argument("--what", choices=tuple(WHAT), default="scenarios", help="which reader (scenarios)")
    said.add_argument("--seconds", type=int, default=300, help="stop after so long (300)")
    said.add_argument("--runs", type=int, default=-1, help="stop after so many inputs (no limit)")
    said.add_argument("--found", type=Path, default=Path("fuzz-found"), help="where to save what fails")
    said.add_argument("--corpus", type=Path, help="keep inputs that reach new code here, and start from them")
    said.add_argument("crashers", type=Path, nargs="*", metavar="CRASHER", help="inputs to try again")
    return said.parse_args()


class Scenarios:
    """A scenario of which one file, or an assignment, is what somebody made up."""

    PARTS = (*FILES, SET)

    def __init__(self, folder: Path) -> None:
        self._reader = Reader(folder)

    def seeds(self) -> Iterator[bytes]:
        """What the search starts from."""
        texts = [(part, text) for part, text in FILES.items()] + [(SET, text) for text in ASSIGNMENTS]
        for shipped, part in (("scenarios", "mine.yaml"), ("priors", "base.yaml")):
            texts += [(part, path.read_text(encoding="utf-8")) for path in sorted((ROOT / shipped).glob("*.yaml"))]
        for part, text in texts:
            yield bytes([self.PARTS.index(part)]) + text.encode()

    def one(self, data: bytes) -> None:
        """Read a scenario and draw from it, or be refused."""
        read = self._reader.read(self.PARTS[data[0] % len(self.PARTS)] if data else self.PARTS[0], data[1:])
        if not isinstance(read, str):
            check_draws(read, 8)


WHAT = {"scenarios": Scenarios, "logs": Logs}


def seeded(folder: Path, seeds: Iterator[bytes]) -> Path:
    """Write what the search starts from."""
    folder.mkdir()
    for number, content in enumerate(seeds):
        (folder / f"{number}").write_bytes(content)
    return folder


def dictionary(file: Path) -> Path:
    """Write the words that are worth trying: every key, name and sign in the small files."""
    words = {word.strip("{}[],:") for text in (*FILES.values(), *ASSIGNMENTS) for word in text.split()}
    signs = ["&a", "*a", "<<:", "!!binary", "---", "...", "|", ">", "? ", ".nan", "-.inf", "1e999", "0x", "2024-13-45"]
    signs += ["NaN", "PK", "samples/", "_epoch_", "header.json", "_journal/"]
    quoted = [word for word in sorted(words | set(signs)) if word and not set(word) & set('"\\')]
    file.write_text("".join(f'"{word}"\n' for word in quoted), encoding="utf-8")
    return file


def peak_at_start() -> int:
    """Memory [MB] that counts as used from the start: Linux hands a process the peak of whoever started it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Fuzz."""
    said = arguments()
    with tempfile.TemporaryDirectory() as place:
        files = Path(place) / "files"
        files.mkdir()
        reader = WHAT[said.what](files)

        def one(data: bytes) -> None:
            began = time.process_time()
            reader.one(data)
            took = time.process_time() - began
            assert took < MOST_SECONDS, f"{took:.1f} s"

        if said.crashers:
            for crasher in said.crashers:
                one(crasher.read_bytes())
                print(f"{crasher}: read or refused as it should be")
            return
        said.found.mkdir(parents=True, exist_ok=True)
        kept = said.corpus or Path(place) / "kept"
        kept.mkdir(parents=True, exist_ok=True)
        options = [
            f"-max_total_time={said.seconds}",
            f"-runs={said.runs}",
            f"-artifact_prefix={said.found}/",
            f"-timeout={HANGING}",
            f"-report_slow_units={HANGING}",
            f"-rss_limit_mb={peak_at_start() + MEGABYTES}",
            f"-max_len={MOST_BYTES}",
            f"-dict={dictionary(Path(place) / 'words')}",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, str(kept), str(seeded(Path(place) / "seeds", reader.seeds()))], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
