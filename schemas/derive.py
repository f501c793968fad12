"""Derives the hot path from the definition: a msgspec struct and a check for each model."""

from collections.abc import Callable, Iterable
from functools import cache
from types import GenericAlias, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

import msgspec
from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AfterValidator, BaseModel
from pydantic.fields import FieldInfo

from schemas.checks import Check, Rule
from schemas.envelope import HEAD, TAIL

M = TypeVar("M", bound=BaseModel)

_CONSTRAINTS = {Ge: "ge", Le: "le", MinLen: "min_length", MaxLen: "max_length"}


def struct_of(model: type[M]) -> type[M]:
    """The struct with a model's fields and constraints, made once.

    It is typed as the model because it stands in for it: the same attributes and keywords, and KEY.
    Only `type` is no attribute of it but its tag, and AfterValidators are `check_of`'s.
    """
    return cast("type[M]", _struct_of(model))


@cache
def _struct_of(model: type[BaseModel]) -> type[msgspec.Struct]:
    names = sorted(model.model_fields, key=_place)
    tag = None
    fields: list[Any] = []
    for name in names:
        field = model.model_fields[name]
        if name == "type":
            (tag,) = get_args(field.annotation)
            continue
        annotation = _plain(field.annotation, field.metadata)
        default = () if field.is_required() else (field.default,)
        fields.append((name, annotation, *default))
    return msgspec.defstruct(
        model.__name__,
        fields,
        module=__name__,
        tag_field="type" if tag else None,
        tag=tag,
        namespace={"KEY": model.KEY} if hasattr(model, "KEY") else None,
        kw_only=True,
        omit_defaults=True,
        forbid_unknown_fields=model.model_config.get("extra") == "forbid",
        gc=False,  # trees of strings and integers: no cycle can arise
    )


def _place(name: str) -> tuple[int, int]:
    if name in HEAD:
        return 0, HEAD.index(name)
    return (2, TAIL.index(name)) if name in TAIL else (1, 0)


def _unwrapped(annotation: Any, metadata: Any) -> tuple[Any, list[Any]]:
    """The bare type, and its annotations in the order in which they apply."""
    items = list(metadata)
    if get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        items = inner + items
    flat: list[Any] = []
    for item in items:
        flat += item.metadata if isinstance(item, FieldInfo) else [item]
    return annotation, flat


def _plain(annotation: Any, metadata: Any = ()) -> Any:
    annotation, metadata = _unwrapped(annotation, metadata)
    limits = {
        _CONSTRAINTS[type(item)]: getattr(item, _CONSTRAINTS[type(item)])
        for item in metadata
        if not isinstance(item, AfterValidator)
    }
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        arms = tuple(map(_plain, get_args(annotation)))
        annotation = Union[arms]  # noqa: UP007 (known at run time only)
    elif origin is list:
        annotation = GenericAlias(list, _plain(get_args(annotation)[0]))
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        annotation = _struct_of(annotation)
    else:
        assert origin in (None, dict, Literal), annotation
    return Annotated[annotation, msgspec.Meta(**limits)] if limits else annotation


def check_of(model: type[BaseModel]) -> Callable[[Any], object]:
    """Applies to a struct what msgspec could not: raises ValueError as the model's rules do."""
    return _check_of(model).apply


def _check_of(model: type[BaseModel]) -> Check:
    check = Check()
    for name, field in model.model_fields.items():
        annotation, metadata = _unwrapped(field.annotation, field.metadata)
        optional = get_origin(annotation) in (Union, UnionType)
        if optional:
            present = [arm for arm in get_args(annotation) if arm is not type(None)]
            assert len(present) == 1, f"{model.__name__}.{name} is of one type or absent"
            annotation, metadata = _unwrapped(present[0], metadata)
        if get_origin(annotation) is list:
            lines = _check_of(get_args(annotation)[0])
            if not lines.is_empty:
                check.add_lines(name, lines)
        for item in metadata:
            if isinstance(item, AfterValidator):
                check.add(name, cast("Rule", item.func), optional)
    return check


def reader_of(models: Iterable[type[BaseModel]]) -> Callable[[bytes], Any]:
    """Reads what one of these models wrote, as its struct.

    It raises msgspec.DecodeError, also for a type that none of them has.
    """
    structs = tuple(map(_struct_of, models))
    return msgspec.json.Decoder(Union[structs]).decode  # noqa: UP007 (known at run time only)


def as_struct(value: Any) -> Any:
    """A valid model as its struct, with all that is in it."""
    if isinstance(value, list):
        return [as_struct(item) for item in value]
    if not isinstance(value, BaseModel):
        return value
    fields = {name: as_struct(item) for name, item in value if name != "type"}
    return _struct_of(type(value))(**fields)
