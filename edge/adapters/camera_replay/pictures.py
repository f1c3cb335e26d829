"""A sequence of 16-bit TIFF or PNG pictures."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.adapters.camera_replay.damage import damaged
from edge.core.frame import CameraInfo, Counts, PixelUnit, Telemetry
from edge.core.recording import check_frames, refused

_PAGES_AT_ONCE = 64


class Pictures:
    """Picture files, each of one or more pages; decoded as they are asked for."""

    def __init__(self, files: list[Path], fps: float, unit: PixelUnit, name: str) -> None:
        if not 0.1 <= fps <= 1_000:
            raise refused(name, f"帧率 {fps:g} 超出 0.1 … 1000", f"{fps:g} frames per second; choose 0.1 to 1000")
        self._files, self._name = files, name
        shapes = [picture.shape for picture in self.pictures()]
        _, rows, columns = check_frames((len(shapes), *shapes[0]), np.dtype(np.uint16), name)
        self.info = CameraInfo(name=name, rows=rows, columns=columns, unit=unit)
        self.time_s = np.arange(len(shapes)) / fps
        self.telemetry = (Telemetry(),) * len(shapes)

    def pictures(self) -> Generator[Counts, None, None]:
        first: tuple[int, ...] | None = None
        for file in self._files:
            for page in _pages(file):
                first = first or page.shape
                if page.ndim != 2 or page.shape != first or page.dtype != np.uint16:
                    check_frames((1, *page.shape), page.dtype, file.name)
                    raise refused(
                        file.name,
                        f"大小 {page.shape} 与第一幅 {first} 不同；请移走该文件",
                        f"{page.shape} pixels, the first picture has {first}; move this file away",
                    )
                yield cast(Counts, page)

    def close(self) -> None:
        """No file stays open between two pictures."""


def _pages(file: Path) -> Iterator[NDArray[Any]]:
    done = 0
    try:
        announced = cv2.imcount(str(file), cv2.IMREAD_UNCHANGED)
        while done < announced:
            _, pages = cv2.imreadmulti(str(file), done, _PAGES_AT_ONCE, flags=cv2.IMREAD_UNCHANGED)
            if not pages:
                break
            yield from pages
            done += len(pages)
    except cv2.error as error:
        raise damaged(file.name, error) from error
    # A file cut off in its middle still announces the page that is missing.
    if not announced or done < announced:
        raise damaged(file.name, ValueError(f"{done} of {announced} pages"))
