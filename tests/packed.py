"""Archives put together by hand, so that a member can be any bytes at all, and logs of Inspect made of them."""

import contextlib
import struct
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from logs import DEFLATE, STORED, ZSTD, eval_log, sample
from reading import clear

from autosim.errors import AutosimError
from autosim.evidence.inspect_logs.archives import MAX_MEMBER
from autosim.evidence.inspect_logs.logs import read_head, read_samples

if sys.version_info >= (3, 14):
    import zipfile

    from compression import zstd
else:
    from backports import zstd
    from backports.zstd import zipfile

LOG, FRAME, STREAM, TEXT = "archive", "zstd", "deflate", "json"
WAYS = {FRAME: ZSTD, STREAM: DEFLATE, TEXT: STORED}
"""What an input may stand for besides a whole archive: a member as it is packed, and how."""


def unpacked(way: str, content: bytes) -> bytes:
    """What a member holds, as far as it can be told; nothing if it is damaged."""
    if way == TEXT:
        return content
    with contextlib.suppress(zstd.ZstdError, zlib.error, EOFError):
        if way == STREAM:
            return zlib.decompressobj(-15).decompress(content, MAX_MEMBER)
        return zstd.ZstdDecompressor().decompress(content, MAX_MEMBER)
    return b""


def archive_of(members: Mapping[str, tuple[str, bytes]]) -> bytes:
    """A zip of members as they are packed, with sizes and checksums that are right where they can be unpacked."""
    files, directory = b"", b""
    for name, (way, content) in members.items():
        whole = unpacked(way, content)
        said = struct.pack("<HHHHHIIIHH", 63, 0, WAYS[way], 0, 33, zlib.crc32(whole), len(content), len(whole),
                           len(name.encode()), 0)  # fmt: skip
        directory += b"PK\1\2" + struct.pack("<H", 63) + said + struct.pack("<HHHII", 0, 0, 0, 0, len(files))
        directory += name.encode()
        files += b"PK\3\4" + said + name.encode() + content
    counts = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(files), 0)
    return files + directory + b"PK\5\6" + counts


class Logs:
    """A log of Inspect of which one part is what somebody made up; the first byte of an input says which,
    and the second, for what is packed in an archive, where it is."""

    PARTS = (LOG, *WAYS)

    def __init__(self, folder: Path) -> None:
        self._path = folder / "fuzzed.eval"
        made = eval_log(folder / "known.eval", [sample("a"), sample("b", value="I")], compression=STORED)
        with zipfile.ZipFile(made) as file:
            self._members = {name: file.read(name) for name in file.namelist()}

    def seeds(self) -> Iterator[bytes]:
        """Whole logs of both kinds, a crashed one among them, and each member packed in each way."""
        for i, compression in enumerate((ZSTD, DEFLATE, STORED)):
            path = self._path.with_name(f"seed{i}.eval")
            eval_log(path, [sample("a"), sample("b", value={"one": 1})], compression=compression)
            yield b"\0" + path.read_bytes()
        crashed = {name: (TEXT, content) for name, content in self._members.items() if name.startswith(("_", "sam"))}
        yield b"\0" + archive_of(crashed)
        for place, content in enumerate(self._members.values()):
            stream = zlib.compressobj(wbits=-15)
            for way, packed in ((FRAME, zstd.compress(content)), (STREAM, stream.compress(content) + stream.flush()),
                                (TEXT, content)):  # fmt: skip
                yield bytes([self.PARTS.index(way), place]) + packed

    def one(self, data: bytes) -> int:
        """Read a log, which gives its samples or one clear line; how many samples there were."""
        part, content = self.PARTS[data[0] % len(self.PARTS)] if data else LOG, data[1:]
        if part != LOG:
            known = {name: (TEXT, member) for name, member in self._members.items()}
            place = list(known)[(content[0] if content else 0) % len(known)]
            content = archive_of({**known, place: (part, content[1:])})
        self._path.write_bytes(content)
        try:
            read_head(self._path)
            return len(list(read_samples(self._path)))
        except AutosimError as error:
            clear(error)
            return 0
