"""Decodes commands: fast where msgspec agrees with the definition, else by the definition."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Union

import msgspec
from mypy_extensions import mypyc_attr
from pydantic import BaseModel, TypeAdapter, ValidationError, create_model

from schemas import json_text
from schemas.derive import as_struct, check_of, struct_of
from schemas.envelope import Command, Language
from schemas.exceptions import Unreadable
from schemas.fields import CommandId
from schemas.invalid import Invalid as Invalid
from schemas.invalid import invalid_of
from schemas.problems import problem_of

_ASIDE = {  # what is told of an invalid command where it is well-formed by itself
    name: TypeAdapter(Command.__annotations__[name]) for name in ("time", "actor", "correlation_id")
}


@mypyc_attr(allow_interpreted_subclasses=True)
class CommandCodec:
    """One domain's commands, from bytes."""

    def __init__(self, models: Iterable[type[Command]]) -> None:
        self._models = {model.__name__: model for model in models}
        (self.key,) = {model.KEY for model in self._models.values()}  # the domain's
        self._address = _address(next(iter(self._models.values())))
        self._invalid = invalid_of(self.key)
        structs = [struct_of(model) for model in self._models.values()]
        either: Any = Union[tuple(structs)]  # noqa: UP007 (known at run time only)
        self._decode = msgspec.json.Decoder(either).decode
        self._checks = {
            struct: check_of(model)
            for struct, model in zip(structs, self._models.values(), strict=True)
        }

    def decode(self, value: bytes) -> Any:
        """A command's struct, or Invalid; raises Unreadable where nobody could be answered."""
        try:
            command = self._decode(value)
            self._checks[type(command)](command)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return self.define(value)
        return command

    def define(self, value: bytes) -> Any:
        """What the definition says of these bytes; slower than `decode`, with the same answer."""
        fields = _fields(value)
        self._addressed(fields)
        kind = fields.get("type")
        model = self._models.get(kind) if isinstance(kind, str) else None
        if model is None:
            problem = "is no command" if "type" in fields else "is missing"
            return self._refused(fields, value, "type", problem)
        try:
            return as_struct(model.model_validate(fields))
        except ValidationError as error:
            return self._refused(fields, value, *problem_of(error))

    def _addressed(self, fields: dict[str, Any]) -> None:
        asked = {name: fields[name] for name in ("id", self.key) if name in fields}
        try:
            self._address.model_validate(asked)
        except ValidationError as error:
            raise Unreadable(" ".join(problem_of(error))) from None

    def _refused(self, fields: dict[str, Any], value: bytes, path: str, problem: str) -> Invalid:
        found = {"id": fields["id"], self.key: fields[self.key]}
        for name, adapter in _ASIDE.items():
            try:
                found[name] = adapter.validate_python(fields.get(name), strict=True)
            except ValidationError:
                continue
        digest = blake2b(value, digest_size=16).digest()
        return self._invalid(path=path, problem=problem, digest=digest, **found)


def _fields(value: bytes) -> dict[str, Any]:
    if not value:
        raise Unreadable("empty: send a JSON object")
    try:
        fields = json_text.read(value)
    except json_text.NotJson as error:
        raise Unreadable(f"no JSON: {error}") from None
    if not isinstance(fields, dict):
        raise Unreadable("no JSON object")
    return fields


def _address(model: type[Command]) -> type[BaseModel]:
    """The least a record must say to be answered: who asks, and whose actor decides."""
    field = model.model_fields[model.KEY]
    key: Any = (field.annotation, field)
    return create_model("Address", __base__=Language, id=(CommandId, ...), **{model.KEY: key})
