"""The presentation, read by an XML reader: the rules of standards.md 2.1 for every slide that the contract allows."""

import itertools
import re
from xml.etree import ElementTree

import pytest

from slidewire.content.smil import Par, presentation
from slidewire.domain.message import Kind

MEDIA: list[tuple[Kind, ...]] = [
    (), (Kind.IMAGE,), (Kind.AUDIO,), (Kind.VIDEO,), (Kind.IMAGE, Kind.AUDIO),
    (Kind.VCARD,), (Kind.ICAL,), (Kind.PDF,),
]  # fmt: skip
#: Kind -> element and region.
SHOWN = {Kind.IMAGE: ("img", "Image"), Kind.VIDEO: ("video", "Image"), Kind.AUDIO: ("audio", None)}


def slides() -> list[Par]:
    """Every slide that the contract allows."""
    made = []
    for number, (kinds, text) in enumerate(itertools.product(MEDIA, (True, False))):
        if kinds or text:
            files = tuple((kind, f"slide{number}.{kind.value}") for kind in kinds)
            made.append(Par(number % 31 + 1, files, f"slide{number}.txt" if text else ""))
    return made


@pytest.mark.parametrize("pars", [[par] for par in slides()] + [slides()[n : n + 9] for n in range(7)])
def test_holds_to_the_conformance_document(pars: list[Par]) -> None:
    data = presentation(pars)
    assert re.fullmatch(rb"[\x20-\x7e]+", data)
    root = ElementTree.fromstring(data)
    assert [child.tag for child in root] == ["head", "body"]
    (layout,) = root.findall("head/layout")
    assert [child.tag for child in layout] == ["root-layout", "region", "region"]
    assert [region.get("id") for region in layout.findall("region")] == ["Image", "Text"]
    for size in ("width", "height"):
        assert re.fullmatch(r"\d+px", layout[0].get(size, ""))
    body = root.find("body")
    assert body is not None
    assert [child.tag for child in body] == ["par"] * len(pars)
    for shown, par in zip(body, pars, strict=True):
        assert shown.get("dur") == f"{par.seconds}s"
        wanted = [(*SHOWN.get(kind, ("ref", None)), name) for kind, name in par.files]
        wanted += [("text", "Text", par.text)] if par.text else []
        assert [(child.tag, child.get("region"), child.get("src")) for child in shown] == wanted


def test_regions_lie_inside_the_layout_and_not_on_one_another() -> None:
    layout = ElementTree.fromstring(presentation(slides()[:1])).find("head/layout")
    assert layout is not None
    number = {name: int(value.removesuffix("px")) for name, value in layout[0].items()}
    image, text = (
        {name: int(each.get(name, "").removesuffix("px")) for name in ("top", "height")} for each in layout[1:]
    )
    assert image["top"] + image["height"] <= text["top"]
    assert text["top"] + text["height"] <= number["height"]
