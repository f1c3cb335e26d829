"""The county's server for any WSGI server; `foregate-county serve` is the one that is tested."""

import os

from django.core.wsgi import get_wsgi_application

from county.core import environment

environment.need_data(environment.read(os.environ))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "county.settings")
application = get_wsgi_application()
