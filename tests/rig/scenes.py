"""What the guest's camera is shown: one simulated person who stands before the gate for as long as a test wants.

The frames are those of the simulated camera (edge/adapters/camera_sim), the same few over and over: the guest judges a
frame in a second or two, and meanwhile nobody goes away.
"""

import subprocess
import tempfile
from pathlib import Path

import numpy as np

from edge.adapters.camera_sim import SimCamera, SimSettings
from edge.adapters.camera_sim.people import Visitor
from edge.core.frame import Counts, Frame

FRAMES = 12
FPS = 8.7
ENTERS_S = 3.0
SETTINGS = SimSettings(seed=3)
# Who stands there: somebody usual, and somebody on either side of what is usual.
WHO = {"cool": 1, "warm": 4}

# How the simulated camera is mounted and where its reference is; patient with a slow processor.
CAMERA = """\
[gate]
id = "rig"
[camera]
rotation_deg = 90
settling_s = 0
[reference]
temperature_c = 37.0
region = [128, 87, 141, 100]
[policy]
usable_frames = 2
lost_after_s = 10.0
hold_s = 10.0
[store]
path = "/var/lib/foregate/foregate.sqlite"
"""


def show(scene: str) -> None:
    """`empty`, `healthy`, `cool`, `warm` or `fever` from now on."""
    camera("play", str(clip(scene)), str(FPS))


def clip(scene: str) -> Path:
    """The file of this scene's frames (FRAMES, rows, columns), made when it is not there."""
    path = Path(tempfile.gettempdir()) / f"{scene}.npy"
    if not path.exists():
        np.save(path, np.stack(_frames(scene)))
    return path


def camera(*command: str) -> None:
    """Tell the simulated board; see `rig-lepton`."""
    subprocess.run(["rig-lepton", "ctl", *command], check=True, stdout=subprocess.DEVNULL)


def _frames(scene: str) -> list[Counts]:
    visitor = Visitor(WHO.get(scene, 0), ENTERS_S, fever=scene == "fever", stands_s=60.0, attire=frozenset())
    source = SimCamera(SETTINGS, schedule=[visitor])
    found: list[Counts] = []
    while len(found) < FRAMES:
        frame = source.read(1.0)
        assert isinstance(frame, Frame)
        faces = source.truth(frame.seq).faces
        if (not faces) if scene == "empty" else (faces and faces[0].standing):
            found.append(frame.counts)
    return found
