"""Ill-formed XML of the field made well-formed: stray ``&``, ``<`` and ``]]>`` become text (api.md 1.2, 8).

One pass, linear in the document whatever stands in it (security 5). M1 only, and only after a parser refused it.
"""

import re

#: What opens a stretch that is left as it is, and what ends it.
_OPENS = re.compile(rb"<!\[CDATA\[|<!--")
_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
_NAME = rb"[A-Za-z_:\x80-\xff]"
#: A sign that begins nothing: an ampersand without a reference behind it, a smaller-than sign without a tag.
_STRAY = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos|\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6});)"
    rb"|<(?!/?" + _NAME + rb"|\?" + _NAME + rb"|!DOCTYPE)"
    rb"|\]\]>"
)
_AS_TEXT = {b"&": b"&amp;", b"<": b"&lt;", b"]]>": b"]]&gt;"}


def mend(document: bytes) -> bytes:
    """``document``, in UTF-8, with its stray signs escaped; the same bytes when there are none."""
    pieces: list[bytes] = []
    here = 0
    while opening := _OPENS.search(document, here):
        end = _ENDS[opening[0]]
        closing = document.find(end, opening.end())
        if closing < 0:
            break  # it ends nowhere, and so does every later one of its kind: the parser will say so
        pieces += [_escape(document[here : opening.start()]), document[opening.start() : closing + len(end)]]
        here = closing + len(end)
    pieces.append(_escape(document[here:]))
    return b"".join(pieces)


def _escape(stretch: bytes) -> bytes:
    return _STRAY.sub(lambda found: _AS_TEXT[found[0]], stretch)
