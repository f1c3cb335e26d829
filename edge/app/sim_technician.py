"""The simulated technician's hands: puts the simulated blackbody where the procedure asks for it."""

from dataclasses import replace

from calibration.prompts import DISTANCES_M, GRID, Prompt
from edge.adapters.camera_sim import BlackbodyCamera, Source

NOMINAL_C = {"low": 33.0, "high": 40.0, "verify": 37.0}
MIDDLE = GRID[0]


class SimTechnician:
    """Does what a prompt asks for, in a simulation; with a real camera a person does."""

    def __init__(self, camera: BlackbodyCamera) -> None:
        self._camera = camera
        self._source = Source(37.0, *MIDDLE)
        self._done = ""

    def arrange(self, prompt: Prompt) -> None:
        """Called before each look; does each thing once."""
        if prompt.code == self._done:
            return
        self._done = prompt.code
        name, _, number = prompt.code.partition("_")
        if prompt.code in NOMINAL_C:
            # It was set a while ago and is nearly there.
            self._source = Source(NOMINAL_C[prompt.code], *MIDDLE, begins_k=0.3)
        elif name == "place" and number.isdigit():
            x, y = GRID[int(number)]
            self._source = replace(self._source, x=x, y=y, distance_m=0.8, begins_k=0.0)
        elif name == "distance" and number.isdigit():
            x, y = MIDDLE
            self._source = replace(self._source, x=x, y=y, distance_m=DISTANCES_M[int(number)])
        elif prompt.code == "working_m":
            self._camera.remove()
            return
        else:
            return
        self._camera.place(self._source)
