"""One strict JSON form for frozen dataclasses. Standard library only; used on both sides of Blender."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from typing import Any, Self


class ContractError(ValueError):
    """A JSON document does not have the form that both sides of Blender agreed on."""


def spelled(key: str, *, default: Any) -> Any:
    """Return a field whose JSON key is not its name: the key is in recipes and specs and can't change."""
    return dataclasses.field(default=default, metadata={"json": key})


SPARSE = {"sparse": True}
"""Metadata of a field that JSON has only where it is not at its default: recipes from before it keep their keys."""


class JsonForm:
    """Mixin that gives a dataclass `to_json` and a `from_json` that refuses whatever it does not know."""

    def to_json(self) -> dict[str, Any]:
        """The fields as plain JSON values, without sparse ones at their default; tuples become lists."""
        values = {key: getattr(self, name) for key, (name, _) in _fields_of(type(self)).items()}  # type: ignore[arg-type]
        left_out = _left_out(type(self))  # type: ignore[arg-type]
        return {
            key: _plain(value)
            for key, value in values.items()
            if key not in left_out or value != left_out[key]
        }

    @classmethod
    def from_json(cls, document: object) -> Self:
        """What `document` describes; raises ContractError for unknown, missing or mistyped fields."""
        if not isinstance(document, dict):
            raise ContractError(f"{cls.__name__}: expected an object, got {_named(document)}.")
        known = _fields_of(cls)  # type: ignore[arg-type]
        unknown = sorted(str(name) for name in document.keys() - known.keys())
        if unknown:
            raise ContractError(
                f"{cls.__name__}: unknown field {', '.join(unknown)}; known are {', '.join(known)}."
            )
        values = {
            known[key][0]: _typed(f"{cls.__name__}.{key}", value, known[key][1])
            for key, value in document.items()
        }
        missing = [
            field.name
            for field in dataclasses.fields(cls)  # type: ignore[arg-type]
            if field.name not in values
            and field.default is dataclasses.MISSING
            and field.default_factory is dataclasses.MISSING
        ]
        if missing:
            raise ContractError(f"{cls.__name__}: missing field {', '.join(missing)}.")
        return cls(**values)


@functools.cache
def _fields_of(cls: type[Any]) -> dict[str, tuple[str, Any]]:
    """The name and the type of each field by its JSON key."""
    hints = typing.get_type_hints(cls)
    return {
        field.metadata.get("json", field.name): (field.name, hints[field.name])
        for field in dataclasses.fields(cls)
    }


@functools.cache
def _left_out(cls: type[Any]) -> dict[str, Any]:
    """The defaults of sparse fields by their JSON keys."""
    return {
        field.metadata.get("json", field.name): field.default
        for field in dataclasses.fields(cls)
        if field.metadata.get("sparse")
    }


def _plain(value: Any) -> Any:
    if isinstance(value, JsonForm):
        return value.to_json()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _typed(where: str, value: Any, kind: Any) -> Any:
    """`value` as `kind`; a whole number is a number, but True is not one."""
    origin = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in arguments:
            return None
        return _typed(where, value, next(one for one in arguments if one is not type(None)))
    if origin is tuple:
        if isinstance(value, list | tuple):
            return tuple(_typed(f"{where}[{index}]", item, arguments[0]) for index, item in enumerate(value))
    elif origin is Mapping:
        if isinstance(value, dict):
            return {str(key): _typed(f"{where}.{key}", item, arguments[1]) for key, item in value.items()}
    elif isinstance(kind, type) and issubclass(kind, JsonForm):
        return value if isinstance(value, kind) else kind.from_json(value)
    elif kind is float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif kind is bool or isinstance(value, bool):
        if kind is bool and isinstance(value, bool):
            return value
    elif isinstance(value, kind):
        return value
    name = kind.__name__ if isinstance(kind, type) else str(kind)
    raise ContractError(f"{where}: expected {name}, got {_named(value)}.")


def _named(value: object) -> str:
    return f"{type(value).__name__} {str(value)[:60]!r}"
