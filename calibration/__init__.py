"""Calibration that a technician can do alone and an auditor can trust.

fit.py         blackbody readings -> gain and offset with their covariance, or why not
surface.py     a 3 x 3 grid of readings -> the smooth map of the sensor's non-uniformity
pixels.py      which pixels do not see
budget.py      what is uncertain, and how much, in the manner of the GUM (student.py: its coverage factor)
acceptance.py  pass or fail, with a margin
observing.py   pictures -> one look a second at reference and source
procedure.py   the whole procedure: step(state, event) -> (state, prompts)
session.py     the procedure's state as JSON, and what it concludes
wizard.py      drives it from a terminal
certificate.py the signed result on paper
"""
