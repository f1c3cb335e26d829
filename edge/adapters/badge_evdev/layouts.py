"""Key codes of a keyboard -> the characters that a reader means, for the layout that the reader is set to type.

A reader that plays a keyboard sends the places of keys, not characters: set to French, it presses the place of the
American Q for an A. Sources: linux/input-event-codes.h for the codes, xkeyboard-config's us, de and fr for what
stands on the keys. Keys that need AltGr are left out: none of them belongs to a badge.
"""

from typing import Literal

Layout = Literal["us", "de", "fr"]

# The four rows of keys from left to right, then space; 86 is the key between left shift and Z that American keyboards
# do not have, 43 the one beside or below Enter.
_PLACES = (41, *range(2, 14), *range(16, 28), *range(30, 41), 43, 86, *range(44, 54), 57)
_KEYPAD = dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73, 83, 74, 78, 55, 98), "0123456789.-+*/", strict=True))

_ROWS: dict[Layout, tuple[str, str]] = {
    "us": (
        "`1234567890-=" + "qwertyuiop[]" + "asdfghjkl;'" + "\\" + "\\zxcvbnm,./" + " ",
        "~!@#$%^&*()_+" + "QWERTYUIOP{}" + 'ASDFGHJKL:"' + "|" + "|ZXCVBNM<>?" + " ",
    ),
    "de": (
        "^1234567890ß´" + "qwertzuiopü+" + "asdfghjklöä" + "#" + "<yxcvbnm,.-" + " ",
        '°!"§$%&/()=?`' + "QWERTZUIOPÜ*" + "ASDFGHJKLÖÄ" + "'" + ">YXCVBNM;:_" + " ",
    ),
    "fr": (
        "²&é\"'(-è_çà)=" + "azertyuiop^$" + "qsdfghjklmù" + "*" + "<wxcvbn,;:!" + " ",
        "~1234567890°+" + "AZERTYUIOP¨£" + "QSDFGHJKLM%" + "µ" + ">WXCVBN?./§" + " ",
    ),
}


def characters(layout: Layout) -> tuple[dict[int, str], dict[int, str]]:
    """Key code -> character, without and with shift; the keypad types digits, whatever NumLock is thought to be."""
    plain, shifted = _ROWS[layout]
    return dict(zip(_PLACES, plain, strict=True)) | _KEYPAD, dict(zip(_PLACES, shifted, strict=True)) | _KEYPAD
