"""What the documentation of a domain's requests shows."""

from typing import Annotated, Any, NamedTuple

from fastapi import Path, Query

from api.problems import Problem
from schemas.domains import KEYS
from schemas.fields import Warehouse


class Language(NamedTuple):
    """A domain's commands and events, with an example of each kind of answer."""

    domain: str
    command: str  # name of the schema of all its commands
    event: Any  # the union of its events
    examples: dict[str, Any]  # of its commands, as OpenAPI has them
    outcome: dict[str, Any]
    rejection: Problem
    rule: Any = Warehouse  # of the domain's key
    example: str = "LON-1"  # of a key

    @property
    def key(self) -> str:
        """The name of the domain's key."""
        return KEYS[self.domain]

    def key_path(self) -> Any:
        """What stands for the key in the domain's paths, as `key` of a route's function."""
        return Annotated[self.rule, Path(alias=self.key, examples=[self.example])]

    def key_query(self) -> Any:
        """The same of its queries."""
        return Annotated[self.rule, Query(alias=self.key, examples=[self.example])]
