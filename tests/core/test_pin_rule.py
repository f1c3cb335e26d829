"""Which PINs a guard may choose."""

import pytest

from edge.core.errors import ConfigError
from edge.core.pin_rule import check_pin


@pytest.mark.parametrize("pin", ["493027", "580316742", "000001", "112358", "831654", "902143657810", "123465"])
def test_a_pin_that_is_not_obvious_may_be_chosen(pin: str) -> None:
    check_pin(pin, "wang")


@pytest.mark.parametrize(
    "pin", ["", "12345", "49302", "1234567890123", "49302a", "493 027", "-493027", "493027\n", "４９３０２７", "٤٩٣٠٢٧"]
)
def test_a_pin_is_6_to_12_digits(pin: str) -> None:
    with pytest.raises(ConfigError, match="6"):
        check_pin(pin)


ROWS = ["123456", "654321", "0123456789", "9876543210", "890123", "210987", "123321", "1234321"]
AGAIN = ["000000", "111111", "999999999999", "121212", "123123", "456456456", "112233", "332211", "11223344"]


@pytest.mark.parametrize("pin", [*ROWS, *AGAIN])
def test_a_trivial_pin_is_refused(pin: str) -> None:
    with pytest.raises(ConfigError, match="guess"):
        check_pin(pin)


def test_the_guards_own_number_is_no_pin() -> None:
    with pytest.raises(ConfigError, match="guess"):
        check_pin("493027", "g493027")
    check_pin("493027", "g49302")
