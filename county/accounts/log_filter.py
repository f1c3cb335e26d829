"""What may not stand in the log: an address from sign-in-link opens the county until it is used."""

import logging
import re

# Some messages quote addresses as they came, others percent-encoded; the way to a link is recognised in either.
_LINK = re.compile(r"(sign-in(?:/|%2f)+once(?:/|%2f)+).*", re.IGNORECASE | re.DOTALL)


class WithoutSignInLinks(logging.Filter):
    """Cuts messages off after /sign-in/once/, and lets every message pass.

    Whatever answers 4xx to such an address (a HEAD, a slash too many, a mistyped method) leaves the link valid, and
    Django and gunicorn log the whole path.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        cut = _LINK.sub(r"\1…", message)
        if cut != message:
            record.msg, record.args = cut, ()
        return True
