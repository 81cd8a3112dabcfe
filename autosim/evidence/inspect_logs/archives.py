"""Zip archives that nobody vouches for: members by name, of bounded size, never written anywhere."""

import sys
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autosim.errors import InputError, shown
from autosim.evidence.reading import parse_json

if sys.version_info >= (3, 14):
    import zipfile

    from compression.zstd import ZstdError
else:
    from backports.zstd import ZstdError, zipfile

LOG = "a log of Inspect"
MAX_ARCHIVE = 20_000_000_000
MAX_MEMBER = 256_000_000
MAX_RATIO = 2_000
SMALL = 1_000_000
"""Largest archive and member [bytes]; of members above ``SMALL``, how much larger they may be than they are packed."""

MOST_MEMBERS = 1_000_000


class Archive:
    """A zip archive, open for reading JSON; a context manager.

    Parameters
    ----------
    path
        The file.
    place
        What to call it in an error.

    Raises
    ------
    InputError
        If it is no zip archive, is cut short, or a member has no plain name, comes twice or is too large.
    """

    def __init__(self, path: Path, place: str) -> None:
        self.place = place
        size = path.stat().st_size
        if size > MAX_ARCHIVE:
            raise InputError(place, "", f"{size / 1e9:,.1f} GB", f"at most {MAX_ARCHIVE / 1e9:g} GB")
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
            raise InputError(place, "", f"no zip archive, or one cut short ({error})", LOG) from None
        try:
            self.members = self._checked()
        except InputError:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()

    def _checked(self) -> Mapping[str, Any]:
        """Members by name; everything that a directory of members can do wrong is refused here."""
        infos = self._zip.infolist()
        if len(infos) > MOST_MEMBERS:
            raise InputError(self.place, "", f"{len(infos):,} members", f"at most {MOST_MEMBERS:,}")
        found: dict[str, Any] = {}
        for info in infos:
            name = info.filename
            parts = name.split("/")
            if name.startswith("/") or ".." in parts or "\\" in name or "\0" in info.orig_filename or ":" in parts[0]:
                raise InputError(self.place, shown(name), "a member whose name is a path elsewhere", "names below")
            if name in found:
                raise InputError(self.place, shown(name), "two members of that name", "each once")
            if info.flag_bits & 0x1:
                raise InputError(self.place, shown(name), "an encrypted member", "plain ones")
            found[name] = info
        return found

    def json(self, name: str) -> Any:
        """A member as JSON, NaN included.

        Raises
        ------
        InputError
            If it is missing, too large or too tightly packed, damaged, or no JSON.
        """
        if name not in self.members:
            raise InputError(self.place, name, "no such member", LOG)
        info = self.members[name]
        if info.file_size > MAX_MEMBER:
            got, most = f"{info.file_size / 1e6:,.3g} MB", f"at most {MAX_MEMBER / 1e6:g} MB"
            raise InputError(self.place, shown(name), got, most)
        if info.file_size > SMALL and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            got = f"{info.file_size:,} bytes packed into {info.compress_size:,}"
            raise InputError(self.place, shown(name), got, f"at most {MAX_RATIO:,} times as many")
        try:
            with self._zip.open(info) as file:
                content = file.read(MAX_MEMBER + 1)
        except (zipfile.BadZipFile, zlib.error, ZstdError, EOFError, OSError, NotImplementedError, ValueError) as error:
            raise InputError(self.place, shown(name), f"a damaged member ({error})", LOG) from None
        return parse_json(content, self.place, name, LOG)
