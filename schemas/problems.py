"""Says what is wrong with a command in words of our own, which no upgrade of a library changes."""

from pydantic import ValidationError

PATH_LENGTH_MAX = 200  # of the text in an event; a producer's field name can be a megabyte

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is an unknown field",
    "string_type": "is no string",
    "string_unicode": "is no Unicode text",
    "string_too_short": "is shorter than {min_length}",
    "string_too_long": "is longer than {max_length} characters",
    "int_type": "is no integer",
    "greater_than_equal": "is below {ge}",
    "less_than_equal": "is above {le}",
    "list_type": "is no array",
    "too_short": "has fewer items than {min_length}",
    "too_long": "has more items than {max_length}",
    "model_type": "is no object",
    "literal_error": "is none of {expected}",
    "bool_type": "is no boolean",
    "value_error": "{error}",
}


def problem_of(error: ValidationError) -> tuple[str, str]:
    """(path, problem) of the first fault, in the order of the definition's fields."""
    first = error.errors(include_url=False, include_input=False)[0]
    path = ".".join(str(step) for step in first["loc"])
    words = _WORDS[first["type"]].format(**first.get("ctx", {}))
    return printable(path), words


def printable(path: str) -> str:
    """Where a fault is, by names that a producer chose, as any encoder takes it."""
    text = path.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= PATH_LENGTH_MAX else text[:PATH_LENGTH_MAX] + "..."
