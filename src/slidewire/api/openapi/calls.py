"""The schemas of J2: of each action's request, and of answers, from wire.FIELDS and the requests of the domain."""

from dataclasses import fields
from typing import Any

from slidewire.api.actions import ACTIONS
from slidewire.api.openapi.about import ABOUT, About
from slidewire.api.openapi.words import BLOCKS, FIELD_WORDS
from slidewire.api.wire import FIELDS, KINDS, LISTS, Field, Names, Place
from slidewire.domain.message import Dialect

Schema = dict[str, Any]
_NAMES = Names(Dialect.J2)
#: What is called otherwise in requests of the domain than on the wire.
_WIRE_NAMES = {"custom_texts": "custom_text"}
#: Credentials: J2 takes its key from the header alone.
_NOT_IN_BODIES = frozenset({"key", "user", "password", "wrapper"})


def spelled(name: str) -> str:
    """A field as J2 writes it."""
    return _NAMES.spelling(name)


def actions() -> list[str]:
    """Every action that is served, in the order of its table."""
    return list(ACTIONS)


def request_schema(action: str) -> Schema:
    """What a call of ``action`` may hold. Fields that are not in it are ignored, and told in warnings."""
    about = ABOUT.get(ACTIONS[action].right)  # another name of an action is told as that
    needs = about.needs if about else ()
    properties: Schema = {"action": {"const": action, "description": FIELD_WORDS["action"]}}
    properties |= {spelled(each.name): _call_field(each) for each in _fields_of(about)}
    return {
        "type": "object",
        "title": action,
        "description": about.words if about else "",
        "properties": properties,
        "required": ["action", *map(spelled, needs)],
    }


def answer_schemas() -> dict[str, Schema]:
    """Success, Failure, and the blocks that stand in them."""
    told = [each for each in FIELDS if each.j2 and each.place in {Place.ANSWER, Place.CALL, Place.SLIDE}]
    properties = {spelled(each.name): _told_field(each) for each in told if each.name != "response"}
    failure = {name: properties[name] for name in map(spelled, ("error_code", "error_words"))}
    return {
        "Block": {"type": "object", "properties": properties, "additionalProperties": False},
        "Success": {
            "type": "object",
            "properties": {**properties, "status": {"const": "Success"}},
            "required": ["status"],
            "additionalProperties": False,
        },
        "Failure": {
            "type": "object",
            "properties": {
                **properties,
                "status": {"const": "Failure"},
                **failure,
                spelled("error_code"): {"type": "string", "pattern": "^E[0-9]{3}$"},
            },
            "required": ["status", *failure],
            "additionalProperties": False,
        },
        "Answer": {"oneOf": [_ref("Success"), _ref("Failure")]},
    }


def _fields_of(about: About | None) -> list[Field]:
    """The fields of a call; of an action that nothing is said of, all that there are."""
    here = [each for each in FIELDS if each.place is Place.CALL and each.j2 and each.name not in _NOT_IN_BODIES]
    here = [each for each in here if each.name != "action"]
    if about is None:
        return here
    names = set(about.more)
    if about.request is not None:
        names |= {_WIRE_NAMES.get(each.name, each.name) for each in fields(about.request)}
        names |= {"operator_alias"} if "operator" in names else set()
    return [each for each in here if each.name in names]


def _call_field(each: Field) -> Schema:
    schema = _STRUCTURES.get(each.name, _text)(each)
    return {**schema, "description": words} if (words := FIELD_WORDS.get(each.name)) else schema


def _text(each: Field) -> Schema:
    if each.is_flag:
        return {"type": ["boolean", "string"], "enum": [True, False, "true", "false"]}
    if each.takes_list:
        return {"type": ["string", "array"], "items": {"type": "string"}}
    return {"type": ["string", "integer"]} if each.name in {"duration", "slide_number"} else {"type": "string"}


def _slides(each: Field) -> Schema:  # noqa: ARG001  # as the others
    schema = _inside(Place.SLIDE)
    media = {spelled(name): _inside(Place.MEDIUM) for name in KINDS if spelled(name) in schema["properties"]}
    return {"type": "array", "items": {**schema, "properties": {**schema["properties"], **media}}}


def _custom_texts(each: Field) -> Schema:  # noqa: ARG001  # as the others
    return {"type": "array", "items": _inside(Place.CUSTOM_TEXT)}


def _named_texts(each: Field) -> Schema:  # noqa: ARG001  # as the others
    return {"type": "object", "additionalProperties": {"type": "string"}}


#: The fields that hold more than a text.
_STRUCTURES = {"slides": _slides, "custom_text": _custom_texts, "merge_values": _named_texts}


def _inside(place: Place) -> Schema:
    here = {spelled_at(each): _call_field(each) for each in FIELDS if each.place is place and each.j2}
    schema: Schema = {"type": "object", "properties": here}
    return {**schema, "required": list(here)} if place is Place.MEDIUM else schema


def spelled_at(each: Field) -> str:
    """J2's own spelling of just this field: the same name may stand in two places."""
    return each.j2[0]


def _told_field(each: Field) -> Schema:
    text: Schema = {"type": "string"}
    schema = _ref("Block") if each.name in BLOCKS else text
    if each.name in LISTS:
        schema = {"type": "array", "items": {"anyOf": [text, _ref("Block")]}}
    return {**schema, "description": words} if (words := FIELD_WORDS.get(each.name)) else schema


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
