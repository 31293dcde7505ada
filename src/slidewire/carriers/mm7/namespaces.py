"""The MM7 namespaces: the namespace is the version switch, and each goes with one MM7Version (standards.md 1.2)."""

PREFIX = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"

#: Last word of the namespace -> the MM7Version that we write in it.
VERSIONS = {
    "REL-5-MM7-1-0": "5.3.0",
    "REL-5-MM7-1-1": "5.3.0",
    "REL-5-MM7-1-2": "5.3.0",
    "REL-5-MM7-1-3": "5.3.0",
    "REL-5-MM7-1-4": "5.3.0",
    "REL-5-MM7-1-5": "5.3.0",
    "REL-6-MM7-1-0": "6.3.0",
    "REL-6-MM7-1-1": "6.4.0",
    "REL-6-MM7-1-2": "6.5.0",
    "REL-6-MM7-1-3": "6.6.0",
    "REL-6-MM7-1-4": "6.8.0",
}
