"""How addresses from strangers are read (security 4, settled 17)."""

import pytest

from slidewire.outbound.address import BadAddress, ParsedUrl, check_url, strip


@pytest.mark.parametrize(
    ("url", "parsed"),
    [
        pytest.param("http://example.net", ParsedUrl("http", "example.net", 80, "/"), id="no path"),
        pytest.param("HTTPS://Example.NET/A.jpg", ParsedUrl("https", "example.net", 443, "/A.jpg"), id="upper case"),
        pytest.param("http://a.b:8080/x?y=z#f", ParsedUrl("http", "a.b", 8080, "/x?y=z"), id="port, query, fragment"),
        pytest.param("http://a.b?y=1", ParsedUrl("http", "a.b", 80, "/?y=1"), id="query without a path"),
        pytest.param("http://a.b:/", ParsedUrl("http", "a.b", 80, "/"), id="empty port"),
        pytest.param("http://a.b./", ParsedUrl("http", "a.b", 80, "/"), id="final dot"),
        pytest.param("http://93.184.216.34/", ParsedUrl("http", "93.184.216.34", 80, "/"), id="IPv4"),
        pytest.param("http://[2606:4700::0001]:81/", ParsedUrl("http", "2606:4700::1", 81, "/"), id="IPv6"),
        pytest.param(
            "http://bücher.example/ä.jpg",
            ParsedUrl("http", "xn--bcher-kva.example", 80, "/%C3%A4.jpg"),
            id="a name and a path beyond ASCII",
        ),
        pytest.param(
            "http://a.b/%2e%2F?sig=%2B%3d", ParsedUrl("http", "a.b", 80, "/%2e%2F?sig=%2B%3d"), id="escapes are kept"
        ),
        pytest.param("http://a_b.example/", ParsedUrl("http", "a_b.example", 80, "/"), id="underscore"),
        pytest.param(
            "http://①②⑦.⓪.⓪.①/",
            ParsedUrl("http", "127.0.0.1", 80, "/"),
            id="digits in circles are digits",
        ),
    ],
)
def test_reads(url: str, parsed: ParsedUrl) -> None:
    assert check_url(url) == parsed


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("", "not an absolute", id="empty"),
        pytest.param("cat.jpg", "not an absolute", id="relative"),
        pytest.param("//a.b/cat.jpg", "not an absolute", id="without a scheme"),
        pytest.param("/etc/passwd", "not an absolute", id="a path"),
        pytest.param("http:a.b", "not an absolute", id="no slashes"),
        pytest.param("file:///etc/passwd", "neither http nor https", id="file"),
        pytest.param("ftp://a.b/", "neither http nor https", id="ftp"),
        pytest.param("gopher://a.b:70/_x", "neither http nor https", id="gopher"),
        pytest.param("data:text/plain,x", "not an absolute", id="data"),
        pytest.param("javascript:alert(1)", "not an absolute", id="script"),
        pytest.param("http://", "no host", id="nothing behind the scheme"),
        pytest.param("http:///x", "no host", id="no host"),
        pytest.param("http://:80/", "no host", id="a port alone"),
        pytest.param("http://user@a.b/", "credentials", id="a user"),
        pytest.param("http://user:pass@a.b/", "credentials", id="a user and a password"),
        pytest.param("http://@a.b/", "credentials", id="empty credentials"),
        pytest.param("http://a.b@127.0.0.1/", "credentials", id="a host disguised as a user"),
        pytest.param("http://a.b:0/", "port", id="port 0"),
        pytest.param("http://a.b:65536/", "port", id="port too high"),
        pytest.param("http://a.b:99999999/", "port", id="port far too high"),
        pytest.param("http://a.b:8o/", "port", id="port no number"),
        pytest.param("http://a.b:-1/", "port", id="port negative"),
        pytest.param("http://a.b:٨٠/", "port", id="port in other digits"),
        pytest.param("http://a.b:80:80/", "port", id="two ports"),
        pytest.param("http://a.b/x y", "blank", id="a blank"),
        pytest.param(" http://a.b/", "blank", id="a blank before"),
        pytest.param("http://a.b/\n", "control", id="a line feed"),
        pytest.param("http://a.b/\r\nHost: c.d", "control", id="a line break"),
        pytest.param("http://a.b/\x00", "control", id="a NUL"),
        pytest.param("http://a.b/\x7f", "control", id="DEL"),
        pytest.param("http://a.b/\u202egpj", "control", id="right-to-left override"),
        pytest.param("http://a.b/\u00a0", "blank", id="a no-break space"),
        pytest.param("http://a.b/\ud800", "control", id="a lone surrogate"),
        pytest.param("http://a.b\\@127.0.0.1/", "backslash", id="a backslash"),
        pytest.param("http://127.1/", "IPv4", id="short IPv4"),
        pytest.param("http://0x7f.1/", "IPv4", id="short and hexadecimal"),
        pytest.param("http://0x7f000001/", "IPv4", id="hexadecimal"),
        pytest.param("http://0x7f.0x0.0x0.0x1/", "IPv4", id="hexadecimal in parts"),
        pytest.param("http://2130706433/", "IPv4", id="decimal"),
        pytest.param("http://0177.0.0.1/", "IPv4", id="octal"),
        pytest.param("http://017700000001/", "IPv4", id="octal as one"),
        pytest.param("http://127.0.0.01/", "IPv4", id="a leading zero"),
        pytest.param("http://1.2.3.4.5/", "IPv4", id="five parts"),
        pytest.param("http://127.0.0.256/", "IPv4", id="over 255"),
        pytest.param("http://0x/", "IPv4", id="an empty hexadecimal"),
        pytest.param("http://example.1/", "IPv4", id="a name that ends in a number"),
        pytest.param("http://0/", "IPv4", id="zero"),
        pytest.param("http://②①③⓪⑦⓪⑥④③③/", "IPv4", id="decimal in circles"),
        pytest.param("http://%31%32%37.0.0.1/", "host name", id="escapes in the host"),
        pytest.param("http://a%2eb/", "host name", id="an escaped dot"),
        pytest.param("http://℀.example/", "host name", id="a sign that becomes a/c"),
        pytest.param("http://a..b/", "host name", id="two dots"),
        pytest.param("http://.a/", "host name", id="a dot first"),
        pytest.param("http://-a.b/", "host name", id="a hyphen first"),
        pytest.param("http://" + "a" * 64 + ".b/", "host name", id="a long label"),
        pytest.param("http://" + "a." * 127 + "b/", "host name", id="a long name"),
        pytest.param("http://[::1/", "cannot be read", id="an open bracket"),
        pytest.param("http://[::g]/", "cannot be read", id="no IPv6"),
        pytest.param("http://[1::2::3]/", "IPv6", id="wrong IPv6"),
        pytest.param("http://[fe80::1%25eth0]/", "cannot be read", id="a zone"),
        pytest.param("http://[127.0.0.1]/", "IPv6", id="IPv4 in brackets"),
        pytest.param("http://a.b/" + "x" * 9000, "longer than", id="too long"),
    ],
)
def test_refuses(url: str, reason: str) -> None:
    with pytest.raises(BadAddress, match=reason):
        check_url(url)


def test_writes_itself_back() -> None:
    parsed = check_url("https://[2606:4700::1]:8443/x?y=1#z")
    assert (parsed.url, parsed.loggable, parsed.origin, parsed.authority, parsed.secure) == (
        "https://[2606:4700::1]:8443/x?y=1",
        "https://[2606:4700::1]:8443/x",
        "https://[2606:4700::1]:8443",
        "[2606:4700::1]:8443",
        True,
    )
    assert check_url("http://a.b:80/").url == "http://a.b/"
    assert check_url("http://a.b/").origin == "http://a.b:80"


@pytest.mark.parametrize(
    ("keep_query", "stripped"), [(False, "http://a.b/x"), (True, "http://a.b/x?q=1?2")], ids=["drop", "keep"]
)
def test_strips_the_fragment_always_and_the_query_by_setting(keep_query: bool, stripped: str) -> None:
    assert strip("http://a.b/x?q=1?2#f?g#h", keep_query) == stripped
