"""One request written in each dialect is read to equal requests: no dialect knows less, or something else."""

from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.api.writing import Pairs, Written, write_form, write_json, write_xml

from slidewire.api.dialects import ADDRESSES
from slidewire.api.envelope import Envelope, WireLimits
from slidewire.api.openapi.about import ABOUT
from slidewire.api.sending import read_request
from slidewire.api.wire import DISCOVERY, FIELDS, FLAGS, KINDS, STRUCTURES, Names, Place
from slidewire.domain.message import Dialect, Kind
from slidewire.domain.request import TEXTS as TEXTS_OF
from slidewire.domain.request import Given, Medium, SendRequest, SendSavedRequest, SlideRequest

R = TypeVar("R", bound=Given)
READ = {dialect: address.reader(WireLimits()) for dialect, address in ADDRESSES.items()}
#: Fields of one text that every dialect has.
TEXTS = [
    each.name
    for each in FIELDS
    if each.place is Place.CALL and each.w13 and each.m1 and each.j2 and each.name not in STRUCTURES
]

#: Whatever XML can hold, line ends too; a call's fields must also be fields of a form.
ANY_TEXT = st.text(
    st.characters(
        exclude_categories=["Cs"], exclude_characters="".join(map(chr, [*range(9), 11, 12, *range(14, 32)]))
    ).filter(lambda sign: sign not in "\ufffe\uffff"),
    max_size=12,
)
WORDS = ANY_TEXT | st.sampled_from(["15557650001", "0", "007", "true", "false", " a ", "\r\n", "a\rb", "&amp;<3]]>"])


def pairs(names: list[str]) -> st.SearchStrategy[Pairs]:
    return st.lists(
        st.sampled_from(names).flatmap(
            lambda name: st.tuples(
                st.just(name), st.sampled_from(["true", "false", "no"]) | WORDS if name in FLAGS else WORDS
            )
        ),
        max_size=8,
    )


WRITTEN = st.builds(
    Written,
    pairs(TEXTS),
    st.lists(pairs(["text", "duration", *KINDS]).filter(bool), max_size=4),
    customs=st.lists(st.tuples(st.integers(1, 120).map(str), WORDS.filter(bool)), max_size=3),
    values=st.lists(st.tuples(st.from_regex("[A-Z][A-Z_]{0,7}", fullmatch=True), WORDS), max_size=3),
)


#: What `unknown` may name: the dialects spell it each in its own way.
SPELLINGS = {
    dialect: {Names(dialect).spelling(each.name): each.name for each in FIELDS if each.place is Place.CALL}
    for dialect in Dialect
}


def read(dialect: Dialect, envelope: Envelope, kind: type[R]) -> R:
    request = read_request(READ[dialect](envelope), kind)
    assert request.dialect is dialect
    ignored = tuple(sorted(SPELLINGS[dialect][name] for name in request.unknown))
    return replace(request, dialect=Dialect.W13, unknown=ignored)


@given(WRITTEN)
def test_every_dialect_reads_the_same_request(written: Written) -> None:
    """For each action's request: of one call they are all read."""
    for kind in TEXTS_OF:
        read_as_xml = read(Dialect.W13, write_xml(written, Dialect.W13), kind)
        assert read(Dialect.M1, write_xml(written, Dialect.M1), kind) == read_as_xml
        assert read(Dialect.J2, write_json(written), kind) == read_as_xml
        if written.fields:
            assert read(Dialect.W13, write_form(written), kind) == read_as_xml
        foreign = {name for name, text in written.fields if text.strip() and name not in kind.__dataclass_fields__}
        foreign -= {"action"} | ({"operator_alias"} if "operator" in kind.__dataclass_fields__ else set())
        foreign |= {"slides"} if written.slides and kind is not SendRequest else set()
        foreign |= {"custom_text", "merge_values"} if kind is not SendSavedRequest else set()
        assert set(read_as_xml.unknown) - foreign == set()
        told = any(text.strip() for name, text in dict(reversed(written.fields)).items() if name in DISCOVERY)
        assert bool(read_as_xml.notes) is told


@given(WRITTEN)
def test_every_dialect_reads_the_same_call(written: Written) -> None:
    """What calls without a request of their own are served by: getMmsIds, getMMSTemplates, deleteMMSID and the like."""
    upper, lower = (READ[each](write_xml(written, each)) for each in (Dialect.W13, Dialect.M1))
    assert lower == replace(upper, dialect=Dialect.M1)
    assert READ[Dialect.J2](write_json(written)).values == upper.values
    if written.fields:
        assert READ[Dialect.W13](write_form(written)).values == upper.values


def test_every_action_that_has_fields_is_read_here() -> None:
    """An action's fields are those of a request, or read as they stand in the call."""
    assert {about.request for about in ABOUT.values() if about.request} <= set(TEXTS_OF)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_what_was_written_is_what_is_read(dialect: Dialect) -> None:
    """The property above would also hold for readers that read nothing."""
    written = Written(
        [("receiver", "15557650001"), ("name", "n & <m>"), ("force_sms", "true"), ("name", "again")],
        [[("text", "a\nb"), ("duration", "5"), ("image", " http://x/1 "), ("image", "http://x/2")], [("pdf", "u")]],
    )
    envelope = write_json(written) if dialect is Dialect.J2 else write_xml(written, dialect)
    assert read(dialect, envelope, SendRequest) == SendRequest(
        Dialect.W13,
        receiver="15557650001",
        name="n & <m>",
        force_sms="true",
        slides=(
            SlideRequest((Medium(Kind.IMAGE, "http://x/1"), Medium(Kind.IMAGE, "http://x/2")), "a\nb", "5"),
            SlideRequest((Medium(Kind.PDF, "u"),)),
        ),
        repeated=("name",),
    )


def test_every_field_of_a_request_is_in_every_dialect() -> None:
    lacking = {each.name for each in FIELDS if each.place is not Place.ANSWER and not (each.m1 and each.j2)}
    assert lacking == {"key", "user", "password", "wrapper"}
