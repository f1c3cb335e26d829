"""The guard's screen: a page that the gate serves to browsers on its own machine.

server.py   the port's adapter: a thread with its own event loop, and the hand-over from the gate's loop
viewers.py  who watches, and which frame each of them gets
desk.py     the guard's requests, and who has signed in
tablet.py   the same page in the school's network: TLS, and nothing before a sign-in
tech.py     the technician's pages: their requests, from this machine alone
pages.py    the page's files and words, ready in memory
doors.py    who may come in: Host, Origin, silence; and what every answer forbids
"""

from edge.adapters.web_screen.server import WebScreen
from edge.adapters.web_screen.tablet import Tablet

__all__ = ["Tablet", "WebScreen"]
