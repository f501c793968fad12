"""What the documentation of a domain's requests shows."""

from typing import Any, NamedTuple

from api.problems import Problem


class Language(NamedTuple):
    """A domain's commands and events, with an example of each kind of answer."""

    domain: str
    command: str  # name of the schema of all its commands
    event: Any  # the union of its events
    examples: dict[str, Any]  # of its commands, as OpenAPI has them
    outcome: dict[str, Any]
    rejection: Problem
