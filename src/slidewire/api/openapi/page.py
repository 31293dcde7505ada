"""The document as a page to read: one file, no script, nothing from outside (security 9)."""

import base64
import hashlib
import json
from collections.abc import Iterator
from html import escape
from importlib import resources
from typing import Any

from slidewire.api.openapi.calls import Schema
from slidewire.api.openapi.document import DOCUMENT

_REF = "#/components/schemas/"
#: How deep members inside members are shown.
_DEPTH = 3
_STYLE = resources.files(__package__).joinpath("page.css").read_text("utf-8")
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
#: Of the page: its own style sheet, links within it, and nothing else.
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def page(document: Schema) -> bytes:
    """HTML of the whole document."""
    calls, operations = list(_calls(document)), list(_operations(document))
    links = _list(calls), _list(operations)
    inside = "".join((_intro(document), _messages(document, calls), _provisioning(document, operations)))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slidewire: the API</title><style>{_STYLE}</style></head><body><div class="house">
<nav aria-label="Contents"><a href="#messages">Messages</a>{links[0]}
<a href="#provisioning">Provisioning</a>{links[1]}</nav>
<main>{inside}</main></div></body></html>
""".encode()


def _calls(document: Schema) -> Iterator[tuple[str, str]]:
    """Anchor and name of each call of J2."""
    for name in document["components"]["schemas"]:
        if name.startswith("call_"):
            yield name, name.removeprefix("call_")


def _operations(document: Schema) -> Iterator[tuple[str, str]]:
    """Anchor and name of each operation of /admin/v1."""
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            if isinstance(each, dict) and each["tags"] == ["Provisioning"]:
                yield each["operationId"], f"{method.upper()} {path}"


def _list(pairs: list[tuple[str, str]]) -> str:
    rows = "".join(f'<li><a href="#{escape(anchor)}">{_short(name)}</a></li>' for anchor, name in pairs)
    return f"<ul>{rows}</ul>"


def _short(name: str) -> str:
    return escape(name.replace("/admin/v1", ""))


def _intro(document: Schema) -> str:
    info = document["info"]
    return (
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1><p>{escape(info['description'])}</p>"
        f'<p>The same for programs: <a href="{DOCUMENT}">openapi.json</a> (OpenAPI 3.1).</p>'
    )


def _messages(document: Schema, calls: list[tuple[str, str]]) -> str:
    [(path, methods)] = [(path, each) for path, each in document["paths"].items() if "servers" in each]
    url, operation = methods["servers"][0]["url"] + path, methods["post"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    parts = [f'<h2 id="messages">Messages</h2><p>{escape(operation["summary"])}</p>']
    for anchor, name in calls:
        schema, example = document["components"]["schemas"][anchor], examples.get(name)
        parts += [f'<h3 id="{escape(anchor)}">{escape(name)}</h3>', _paragraph(schema["description"])]
        parts.append(_table(document, schema))
        if example is not None:
            headers = ["x-api-key: $SLIDEWIRE_KEY", "Content-Type: application/json"]
            parts += ["<h4>Example</h4>", _curl(f"POST {url}", headers, example["value"])]
            parts += ["<h4>is answered</h4>", _json(example["x-answer"])]
    schema = document["components"]["schemas"]["Failure"]
    told = {name: schema["properties"][name] for name in ("status", "error-code", "to", "error-info")}
    parts += ["<h3>A refusal</h3>", _table(document, {"properties": told})]
    return "".join(parts)


def _provisioning(document: Schema, operations: list[tuple[str, str]]) -> str:
    server, found = document["servers"][0]["url"], dict(operations)
    parts = ['<h2 id="provisioning">Provisioning</h2><p>For whoever holds the admin_token of the settings.</p>']
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            if isinstance(each, dict) and each.get("operationId") in found:
                parts += _operation(document, server, f"{method.upper()} {path}", each)
    return "".join(parts)


def _operation(document: Schema, server: str, name: str, each: Schema) -> list[str]:
    method, _, path = name.partition(" ")
    parts = [
        f'<h3 id="{escape(each["operationId"])}"><span class="verb">{method}</span> <code>{escape(path)}</code></h3>',
        _paragraph(each["summary"]),
    ]
    if each["parameters"]:
        needs = [parameter["name"] for parameter in each["parameters"] if parameter.get("required")]
        told = {
            parameter["name"]: {**parameter["schema"], "description": parameter.get("description", "")}
            for parameter in each["parameters"]
        }
        parts += ["<h4>Parameters</h4>", _table(document, {"properties": told, "required": needs})]
    body = each.get("requestBody", {}).get("content", {}).get("application/json", {})
    if body:
        parts += ["<h4>Body</h4>", _table(document, _resolved(document, body["schema"]))]
    for parameter in each["parameters"]:
        path = path.replace("{" + parameter["name"] + "}", str(parameter.get("example", "")))
    headers = ["Authorization: Bearer $SLIDEWIRE_ADMIN_TOKEN", *(["Content-Type: application/json"] if body else [])]
    parts += ["<h4>Example</h4>", _curl(f"{method} {server}{path}", headers, body.get("example"))]
    status = next(iter(each["responses"]))
    schema = each["responses"][status]["content"]["application/json"]["schema"]
    answer = {**_resolved(document, schema), "required": []}  # what is answered is there
    return [*parts, f"<h4>is answered {escape(status)}</h4>", _table(document, answer)]


def _table(document: Schema, schema: Schema) -> str:
    """Every member with those inside it. Words stand beside names where there are any."""
    members = list(_members(document, schema, "", _DEPTH))
    has_words = any(words for *_, words in members)
    rows = []
    for name, kind, must, words in members:
        needed = ' <span class="must">required</span>' if must else ""
        cell = f"<td>{escape(words)}</td>" if has_words else ""
        rows.append(f"<tr><td><code>{escape(name)}</code></td><td>{kind}{needed}</td>{cell}</tr>")
    if not rows:
        return ""
    head = f"<thead><tr><th>Name</th><th>Kind</th>{'<th>What it is</th>' if has_words else ''}</tr></thead>"
    return f"<table>{head}<tbody>{''.join(rows)}</tbody></table>"


def _members(document: Schema, schema: Schema, before: str, depth: int) -> Iterator[tuple[str, str, bool, str]]:
    """Name, kind, whether it must be given, and words; an object's members follow it."""
    for name, each in schema.get("properties", {}).items():
        told = _resolved(document, each)
        words = each.get("description", "") or told.get("description", "")
        yield before + name, _kind(each), name in schema.get("required", ()), words
        inner, mark = (told, ".") if told.get("type") == "object" else (told.get("items"), "[].")
        if depth and isinstance(inner, dict) and name != "settings":
            yield from _members(document, _resolved(document, inner), f"{before}{name}{mark}", depth - 1)


def _kind(schema: Schema) -> str:
    """What a member is, in few words."""
    if "$ref" in schema:
        return escape(schema["$ref"].removeprefix(_REF))
    if "const" in schema:
        return f"<code>{escape(json.dumps(schema['const']))}</code>"
    if "enum" in schema:
        return " or ".join(f"<code>{escape(json.dumps(each))}</code>" for each in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}" if isinstance(schema.get("items"), dict) else "list"
    kind = schema.get("type", "anything")
    return escape(" or ".join(kind) if isinstance(kind, list) else kind)


def _resolved(document: Schema, schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = document["components"]["schemas"][schema["$ref"].removeprefix(_REF)]
    return found


def _curl(asked: str, headers: list[str], body: Any) -> str:
    method, _, url = asked.partition(" ")
    lines = [f"curl -X {method} {url}", *(f'-H "{header}"' for header in headers)]
    if body is not None:
        text = json.dumps(body, indent=2, ensure_ascii=False).replace("'", "'\\''")
        lines.append(f"-d '{text}'")
    return _code(" \\\n  ".join(lines))


def _json(value: Any) -> str:
    return _code(json.dumps(value, indent=2, ensure_ascii=False))


def _code(text: str) -> str:
    return f'<pre tabindex="0"><code>{escape(text, quote=False)}</code></pre>'


def _paragraph(words: str) -> str:
    return f"<p>{escape(words)}</p>" if words else ""
