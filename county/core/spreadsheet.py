"""Text for a cell of a spreadsheet: what a program would take for a formula stays text (OWASP, CSV injection)."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_text(value: str) -> str:
    """The text with an apostrophe before it when it begins like a formula."""
    return "'" + value if value.startswith(_FORMULA) else value
