"""A simulated camera: people with known foreheads before a sensor with known faults.

people.py   who comes, when, and how they move
faces.py    what one person looks like to a thermal camera
scene.py    the room, the reference, and the people in it, as temperatures
sensor.py   what a Lepton makes of those temperatures
camera.py   the port's adapter, and the truth beside each frame
blackbody.py  the same sensor before a blackbody, for a calibration
"""

from edge.adapters.camera_sim.blackbody import BlackbodyCamera, Hidden, Source
from edge.adapters.camera_sim.camera import FrameTruth, PersonTruth, SimCamera, SimSettings
from edge.adapters.camera_sim.people import Visitor

__all__ = [
    "BlackbodyCamera",
    "FrameTruth",
    "Hidden",
    "PersonTruth",
    "SimCamera",
    "SimSettings",
    "Source",
    "Visitor",
]
