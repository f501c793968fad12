"""Global Trade Item Numbers (GS1): GTIN-8, -12, -13 and -14, kept as fourteen digits."""

from typing import Final

LENGTHS: Final = (8, 12, 13, 14)
DIGITS: Final = 14


def check_digit(digits: str) -> int:
    """The last digit of a number whose others are these: by turns times 3 and 1, from the right."""
    total = sum((3, 1)[place % 2] * int(digit) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def gtin_14(text: str) -> str:
    """A GTIN as fourteen digits; ValueError where it is none."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError("is not of digits alone")
    if len(text) not in LENGTHS:
        raise ValueError("is not of 8, 12, 13 or 14 digits")
    if not text.strip("0"):
        raise ValueError("is of zeros alone")
    expected = check_digit(text[:-1])
    if int(text[-1]) != expected:
        raise ValueError(f"ends with {text[-1]}, where its check digit is {expected}")
    return text.zfill(DIGITS)
