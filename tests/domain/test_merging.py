"""Merge tags: values in their places, once, never more than may be (api.md 3.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.domain.merging import Merged, MergedTooLongError, has_tags, merge, tag_name

VALUES = {"firstname": "Ann", "town": "{$firstname}", "empty": ""}


@pytest.mark.parametrize(
    ("text", "merged"),
    [
        pytest.param("Hi", Merged("Hi"), id="no tag"),
        pytest.param("Hi {$firstname|friend}!", Merged("Hi Ann!"), id="a value"),
        pytest.param("{$FirstName}{$FIRSTNAME}", Merged("AnnAnn"), id="names in any case"),
        pytest.param("Hi {$lastname|friend}", Merged("Hi friend"), id="a default"),
        pytest.param("Hi {$lastname|}", Merged("Hi "), id="an empty default"),
        pytest.param("{$lastname} {$x} {$lastname}", Merged("  ", ("lastname", "x")), id="neither"),
        pytest.param("{$town}", Merged("{$firstname}"), id="a value that looks like a tag"),
        pytest.param("{$lastname|a|b}", Merged("a|b"), id="a bar in a default"),
        pytest.param("{$lastname|two\nlines}", Merged("two\nlines"), id="a line break in a default"),
        pytest.param("{$ firstname} {$} {firstname} $firstname", Merged("{$ firstname} {$} {firstname} $firstname"),
                     id="nearly tags"),
        pytest.param("{${$firstname}}", Merged("{$Ann}"), id="a tag in a tag"),
        pytest.param("{$firstname|{$town}}", Merged("{$firstname|{$firstname}}"), id="a tag in a default"),
        pytest.param("{$firstname", Merged("{$firstname"), id="an open tag"),
        pytest.param("{0} %s {firstname!r} {$firstname.__class__}", Merged("{0} %s {firstname!r} ",
                     ("firstname.__class__",)), id="other languages' blanks"),
        pytest.param("{$empty|x}", Merged(""), id="an empty value is one"),
    ],
)  # fmt: skip
def test_merges(text: str, merged: Merged) -> None:
    assert merge(text, VALUES, 100) == merged


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        pytest.param("{$firstname}{$firstname}", 5, id="values"),
        pytest.param("{$x|abcdef}", 5, id="a default"),
        pytest.param("abcdef", 5, id="no tag"),
        pytest.param("{$firstname}abc", 5, id="what stands behind"),
    ],
)
def test_too_long_is_told(text: str, limit: int) -> None:
    with pytest.raises(MergedTooLongError):
        merge(text, VALUES, limit)
    assert len(merge(text, VALUES, limit + 1).text) == limit + 1


def test_a_short_text_never_becomes_a_large_one() -> None:
    """Put together it would be 1.25 GB: more than a test's time and memory."""
    with pytest.raises(MergedTooLongError):
        merge("{$a}" * 1_250, {"a": "x" * 1_000_000}, 5_000)


def test_of_many_missing_names_the_first_are_told() -> None:
    """They are kept with every message that is sent of a template: a hundred at once."""
    merged = merge("".join(f"{{${number}}}" for number in range(1_000)), {}, 100)
    assert merged == Merged("", tuple(str(number) for number in range(20)))


@pytest.mark.parametrize(
    "piece",
    ["{$", "{$a", "{$a|", "{$a|b", "{" * 3, "{$" + "a" * 63, "{$a|" + "b" * 50, "{$a|b}"],
)
def test_a_megabyte_of_anything_is_one_pass(piece: str) -> None:
    """Steps that grew with the square of the text would outlast any patience."""
    text = piece * (1_000_000 // len(piece))
    assert len(merge(text, {}, 2_000_000).text) <= len(text)


@given(st.text(st.sampled_from("{}$|ab \n")), st.dictionaries(st.sampled_from(["a", "b", "ab"]), st.text(max_size=5)))
def test_what_is_no_tag_stays_as_it_is(text: str, values: dict[str, str]) -> None:
    merged = merge(text, values, 10_000)
    if not has_tags(text):
        assert merged == Merged(text)
    assert {tag_name(name) for name in merged.missing}.isdisjoint(values)
