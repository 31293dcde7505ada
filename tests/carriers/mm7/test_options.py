import pytest
from tests.carriers.build import a_route

from slidewire.carriers.base import Verdict
from slidewire.carriers.mm7.options import profile_of
from slidewire.carriers.mm7.profiles import PROFILES, NumberForm, SoapAction


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_without_options_is_the_profile(name: str) -> None:
    assert profile_of(a_route(profile=name)) == PROFILES[name]


def test_a_route_changes_single_options() -> None:
    options = (
        ("soap_action", "omit"),
        ("numbers", "plus"),
        ("cid", "false"),
        ("version", "5.6.0"),
        ("headers", "X-Op={operator}, X-Fixed=a b"),
        ("operator_ids", "31003=0001890, 31002 = 0001470"),
        ("codes", "3001=retry, 2550=throttled"),
        ("blocked_codes", "3001, 4007"),
    )
    profile = profile_of(a_route(options=options))
    assert (profile.soap_action, profile.numbers, profile.cid) == (SoapAction.OMIT, NumberForm.PLUS, False)
    assert profile.version == "5.6.0"
    assert profile.headers == (("X-Op", "{operator}"), ("X-Fixed", "a b"))
    assert dict(profile.operator_ids) == {"31003": "0001890", "31002": "0001470"}
    assert dict(profile.codes) == {3001: Verdict.RETRY, 2550: Verdict.THROTTLED}
    assert profile.blocked_codes == {3001, 4007}


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        pytest.param("colour", "red", "'colour' is not one of", id="an option that there is not"),
        pytest.param("soap_action", "maybe", "'maybe' is not one of: empty, namespace, omit", id="an unknown word"),
        pytest.param("prefix", "a b", "prefix of an XML name", id="no name"),
        pytest.param("prefix", "env", "taken", id="SOAP's prefix"),
        pytest.param("prefix", "xmlns", "taken", id="a prefix of XML's own"),
        pytest.param("cid", "perhaps", "neither true nor false", id="no switch"),
        pytest.param("version", "5.3", "like 5.3.0", id="half a version"),
        pytest.param("omit", "Content", "Content cannot be left out", id="a required element"),
        pytest.param("add", "Subject=x", "Subject cannot be added", id="an element that has its own setting"),
        pytest.param("add", "Priority=Urgent", "High, Low, Normal", id="a word that the schema has not"),
        pytest.param("add", "Priority", "name=value", id="no value"),
        pytest.param("headers", "Content-Length=3", "cannot be an extra header", id="a header of ours"),
        pytest.param("headers", "X-A=a\r\nX-B: b", "printable ASCII", id="a header that would be two"),
        pytest.param("headers", "X A=a", "cannot be an extra header", id="no header name"),
        pytest.param("headers", "X-A={password}", "no blank ['password']", id="a blank that there is not"),
        pytest.param("blocked_codes", "1000", "was taken", id="a success that blocks"),
        pytest.param("blocked_codes", "40", "no StatusCode", id="no code that blocks"),
        pytest.param("codes", "200=retry", "no StatusCode", id="no code"),
        pytest.param("codes", "3001=accepted", "'accepted' is not one of", id="a code cannot be made a success"),
    ],
)
def test_says_what_cannot_be_read(name: str, text: str, named: str) -> None:
    with pytest.raises(ValueError, match="option") as refused:
        profile_of(a_route(options=((name, text),)))
    assert named in str(refused.value)


def test_names_an_unknown_profile_and_namespace() -> None:
    with pytest.raises(ValueError, match="profile 'nobody' is not one of: generic"):
        profile_of(a_route(profile="nobody"))
    with pytest.raises(ValueError, match="namespace 'REL-7' is not one of: REL-5"):
        profile_of(a_route(namespace="REL-7"))
