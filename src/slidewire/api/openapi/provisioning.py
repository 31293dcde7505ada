"""The paths and schemas of /admin/v1, from its table of operations and the types in it."""

from dataclasses import fields
from typing import Any

import msgspec

from slidewire.api.admin.operations import OPERATIONS, ROOT, Operation
from slidewire.api.admin.problems import Problem
from slidewire.api.openapi.calls import Schema
from slidewire.api.openapi.samples import SAMPLES
from slidewire.domain.account import AccountSettings

_TEMPLATE = "#/components/schemas/{name}"
#: What stands in braces in paths -> what it is, and one of its kind.
PATH_WORDS = {
    "account": ("An account's id or its name.", "acme"),
    "ref": ("A campaign's ref.", "spring-list"),
    "number": ("A phone in international form.", "12025550143"),
    "tracking_id": ("A message, as the API answered it.", "01998a3c5d2e7c41a3f0b9c2d4e6f801"),
}


def paths() -> dict[str, Schema]:
    """Every path with its operations."""
    found: dict[str, Schema] = {}
    for each in OPERATIONS:
        found.setdefault(ROOT + each.path, {})[each.method.lower()] = _operation(each)
    return found


def schemas() -> dict[str, Schema]:
    """Every type that is asked or answered."""
    types: list[Any] = [Problem]
    for each in OPERATIONS:
        types += [each.answer, *([each.body] if each.body else [])]
    _, components = msgspec.json.schema_components(types, ref_template=_TEMPLATE)
    found: dict[str, Schema] = components
    settings = {each.name: {"type": "string"} for each in fields(AccountSettings)}
    for name in ("NewAccount", "AccountChange"):
        told = found[name]["properties"]["settings"]
        told["properties"], told["additionalProperties"] = settings, False
    return found


def operation_id(operation: Operation) -> str:
    """What clients call it; no two are alike."""
    words = [word for word in operation.path.split("/") if word and not word.startswith("{")]
    named = "one" if operation.path.endswith("}") else ""
    return "_".join(filter(None, [operation.method.lower(), *words, named]))


def _operation(operation: Operation) -> Schema:
    body = SAMPLES.get(operation_id(operation))
    told: Schema = {
        "operationId": operation_id(operation),
        "summary": operation.words,
        "tags": ["Provisioning"],
        "security": [{"admin": []}],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation)],
        "responses": {
            str(operation.status.value): {
                "description": "Done.",
                "content": {"application/json": {"schema": _schema_of(operation.answer)}},
            },
            "default": {
                "description": "Not done, and why.",
                "content": {"application/problem+json": {"schema": _schema_of(Problem)}},
            },
        },
    }
    if operation.body is not None:
        media = {"schema": _schema_of(operation.body), **({"example": body} if body is not None else {})}
        told["requestBody"] = {"required": True, "content": {"application/json": media}}
    return told


def _schema_of(kind: Any) -> Schema:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_TEMPLATE)
    return schema


def _path_parameters(operation: Operation) -> list[Schema]:
    names = [each[1:-1] for each in operation.path.split("/") if each.startswith("{")]
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": PATH_WORDS[name][0],
            "schema": {"type": "string", "minLength": 1},
            "example": PATH_WORDS[name][1],
        }
        for name in names
    ]


def _query_parameters(operation: Operation) -> list[Schema]:
    _, components = msgspec.json.schema_components([operation.query], ref_template=_TEMPLATE)
    properties = components[operation.query.__name__].get("properties", {})
    return [{"name": name, "in": "query", "schema": _without_null(schema)} for name, schema in properties.items()]


def _without_null(schema: Schema) -> Schema:
    """A parameter is left out, never null."""
    kinds: list[Schema] = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(kinds) == 1:
        return kinds[0]
    if "enum" in schema:
        return {"enum": [each for each in schema["enum"] if each is not None]}
    return schema
