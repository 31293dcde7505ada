"""HTML written as nested calls: whatever is not Html already is escaped, so that nothing foreign slips through."""

from __future__ import annotations

from html import escape


class Html(str):
    """A string that is markup; only ``tag`` and ``join`` make one."""

    __slots__ = ()


#: Elements without an end tag.
VOID = frozenset({"img", "link", "meta", "input", "source"})


def tag(name: str, /, *children: str, **attributes: object) -> Html:
    """One element. ``class_`` means class, ``data_x`` means data-x; True is a bare attribute, None and False none."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: str) -> Html:
    """Children side by side."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))


def _attribute(key: str, value: object) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
