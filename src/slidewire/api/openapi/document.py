"""The whole OpenAPI 3.1 document."""

from dataclasses import dataclass

from slidewire import __version__
from slidewire.api.dialects import ADDRESSES
from slidewire.api.openapi import calls, provisioning
from slidewire.api.openapi.about import ABOUT
from slidewire.api.openapi.calls import Schema
from slidewire.domain.message import Dialect

#: Where the page is, and the document.
ROOT = "/docs"
DOCUMENT = f"{ROOT}/openapi.json"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the two listeners are reached."""

    api: str
    admin: str


def document(places: Places) -> Schema:
    """J2 and /admin/v1, each with its server."""
    j2 = ADDRESSES[Dialect.J2].paths[0]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Slidewire",
            "version": __version__,
            "description": "Messages as JSON (J2) for customers, and provisioning for admins.",
        },
        "servers": [{"url": places.admin}],
        "tags": [{"name": "Messages"}, {"name": "Provisioning"}],
        "paths": {
            j2: {"servers": [{"url": places.api}], "post": _message_operation()},
            **provisioning.paths(),
        },
        "components": {
            "schemas": {
                **{f"call_{name}": calls.request_schema(name) for name in calls.actions()},
                **calls.answer_schemas(),
                **provisioning.schemas(),
            },
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                "admin": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _message_operation() -> Schema:
    names = calls.actions()
    refs = {name: f"#/components/schemas/call_{name}" for name in names}
    examples = {
        name: {"summary": about.words, "value": about.example, "x-answer": about.answer}
        for name, about in ABOUT.items()
        if name in names
    }
    return {
        "operationId": "call",
        "summary": "Any call of the API; action says which. Always answered with HTTP 200, refusals too.",
        "tags": ["Messages"],
        "security": [{"key": []}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "A word for one request: with it, asking again makes nothing twice.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "oneOf": [{"$ref": ref} for ref in refs.values()],
                        "discriminator": {"propertyName": "action", "mapping": refs},
                    },
                    "examples": examples,
                }
            },
        },
        "responses": {
            "200": {
                "description": "Success or Failure.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
            }
        },
    }
