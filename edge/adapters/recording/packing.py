"""Packs a spool into an .npz. Only a complete recording ever bears its name: it is packed under another one,
synchronised to the disk and then given the name.
"""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as numpy_format

from edge.adapters.recording.spool import Spool
from edge.core.recording import ATTRS, FRAMES, TIME_S, columns_of

# numpy documents its writers (numpy.lib.format) but gives them no types.
npy: Any = numpy_format


def pack(spool: Spool, path: Path, progress: Callable[[float], object]) -> None:
    """Write the recording, and leave the spool as it is; progress hears the share that is done, 0 to 1.

    FileExistsError: `path` is taken. OSError: there is no space, or the like.
    """
    # Named after the spool: what a killed program left of it is replaced when the spool is packed again.
    part = spool.path.with_suffix(".part")
    try:
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            _write_archive(file, spool, progress)
            file.flush()
            os.fsync(file.fileno())
        _publish(part, path)
    finally:
        part.unlink(missing_ok=True)


def _write_archive(file: IO[bytes], spool: Spool, progress: Callable[[float], object]) -> None:
    # Deflate: LZMA makes files half as large, and takes as long as the recording itself on a board.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        shape = (spool.frame_count, spool.about.rows, spool.about.columns)
        with archive.open(FRAMES + ".npy", "w", force_zip64=True) as member:
            npy.write_array_header_1_0(member, {"descr": "<u2", "fortran_order": False, "shape": shape})
            for done, counts in enumerate(spool.counts(), 1):
                member.write(counts)
                progress(done / spool.frame_count)
        # Live frames carry the monotonic clock, which means nothing after the next start: the first one is 0.
        small: dict[str, Any] = {TIME_S: np.array(spool.times_s) - spool.times_s[0], **columns_of(spool.telemetry)}
        for key, array in {**small, ATTRS: np.array(spool.about.attrs)}.items():
            with archive.open(key + ".npy", "w") as member:
                npy.write_array(member, array, allow_pickle=False)


def _publish(part: Path, path: Path) -> None:
    # A link, unlike a renaming, never replaces a file that somebody else has put there meanwhile.
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # FAT, as on most memory sticks, has no links.
        if path.exists():
            raise FileExistsError(path) from None
        part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
