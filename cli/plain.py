"""Foreign text made fit for a terminal: shown, never obeyed."""

import unicodedata


def plain(text: str) -> str:
    """The text with its control characters, but line feeds, as the escapes of a Python string."""
    return "".join(
        ascii(letter)[1:-1] if unicodedata.category(letter) == "Cc" and letter != "\n" else letter
        for letter in text
    )
