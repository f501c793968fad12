"""What a terminal would obey instead of showing it."""

import unicodedata

LINES = "\n"


def is_tame(text: str) -> bool:
    """Whether a text has no control characters but ends of lines: nothing moves or recolours."""
    return not any(unicodedata.category(one) == "Cc" for one in text if one not in LINES)
