"""Files of variations: evaluations that are added to those of any scenario."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autosim.inputs.assembly import Assembly, input_file
from autosim.inputs.document import read_document
from autosim.inputs.scenario import InputFile
from autosim.inputs.schema import VariationsFile, check
from autosim.inputs.shipped import shipped_folder
from autosim.inputs.specification import NOTES

SHIPPED = "variations.yaml"


@dataclass(frozen=True)
class Variations:
    """A file of variations as it was read.

    Of one that comes with autosim (``fits_all`` false) a scenario takes only what suits it: variations of its own
    evaluations, by bottlenecks it has, under names it has not given away. Of a user's file it takes all, or refuses.
    """

    said: dict[str, Any]
    file: InputFile
    fits_all: bool

    def lay(self, assembly: Assembly) -> InputFile:
        """Lay them over a scenario's files.

        Raises
        ------
        InputError
            For anything that cannot be used.
        """
        said = (
            self.said if self.fits_all else {name: at for name, at in self.said.items() if self._suits(name, assembly)}
        )
        assembly.lay_evaluations(said, self.file.place, "evaluations")
        return self.file

    def _suits(self, name: str, assembly: Assembly) -> bool:
        entry = self.said[name]
        known = assembly.evaluations
        severity = entry.get("severity", {})
        bottlenecks = set(severity) - set(NOTES) if isinstance(severity, dict) and "dist" not in severity else set()
        taken = name in known or name in assembly.kinds
        return entry.get("variation_of") in known and bottlenecks <= set(assembly.bottlenecks) and not taken


def read_variations(path: Path | None = None) -> Variations:
    """Read a user's file of variations, or the one that comes with autosim.

    Raises
    ------
    InputError
        If it cannot be read, or is no mapping ``evaluations``.
    """
    where, place = (shipped_folder("priors") / SHIPPED, SHIPPED) if path is None else (path, str(path))
    said, text = read_document(where, place)
    return Variations(check(VariationsFile, said, place).evaluations, input_file(place, text), path is not None)
