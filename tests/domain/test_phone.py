"""Numbers are read strictly, and judged as the phone library judges them (settled 5)."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.domain.countries import COUNTRIES, country_name
from slidewire.domain.phone import Number, NumberError, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("15557650001", Number("15557650001", "US"), id="a range that is not given out"),
        pytest.param("12025550123", Number("12025550123", "US"), id="the United States"),
        pytest.param("14165550123", Number("14165550123", "CA"), id="Canada"),
        pytest.param("14161550123", Number("14161550123", "US"), id="no Canadian exchange: the main region of 1"),
        pytest.param("17875550123", Number("17875550123", "PR"), id="Puerto Rico"),
        pytest.param("18765550123", Number("18765550123", "JM"), id="Jamaica"),
        pytest.param("18005550123", Number("18005550123", "US"), id="toll-free"),
        pytest.param("447700900123", Number("447700900123", "GB"), id="the United Kingdom"),
        pytest.param("4407700900123", Number("447700900123", "GB"), id="the same with a national zero"),
        pytest.param("112025550123", Number("12025550123", "US"), id="a doubled 1"),
        pytest.param("390612345678", Number("390612345678", "IT"), id="Italy keeps its zero"),
        pytest.param("80012345678", Number("80012345678", "001"), id="international freephone"),
        pytest.param("+4915112345678", Number("4915112345678", "DE"), id="a plus"),
        pytest.param("  4915112345678\r\n\t", Number("4915112345678", "DE"), id="white space around"),
        pytest.param(" +4915112345678", Number("4915112345678", "DE"), id="white space, then a plus"),
    ],
)
def test_reads(text: str, number: Number) -> None:
    assert read_number(text) == number


FORM = "only digits 0-9 with at most one + before them are allowed"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", FORM, id="nothing"),
        pytest.param("+", FORM, id="a plus alone"),
        pytest.param("++15557650001", FORM, id="two pluses"),
        pytest.param("+ 15557650001", FORM, id="a blank behind the plus"),
        pytest.param("1 555 765 0001", FORM, id="blanks inside"),
        pytest.param("1-555-765-0001", FORM, id="hyphens"),
        pytest.param("(1)5557650001", FORM, id="brackets"),
        pytest.param("1555765000a", FORM, id="a letter"),
        pytest.param("1800FLOWERS", FORM, id="a word"),
        pytest.param("١٥٥٥٧٦٥٠٠٠١", FORM, id="Arabic digits"),
        pytest.param("１５５５７６５０００１", FORM, id="full-width digits"),
        pytest.param("1555765000²", FORM, id="a superscript"),
        pytest.param("15557650001,15557650002", FORM, id="two numbers"),
        pytest.param("tel:15557650001", FORM, id="a scheme"),
        pytest.param("1555\x00", FORM, id="a NUL"),
        pytest.param("001", "international form begins with the calling code, not with 00", id="two zeros"),
        pytest.param("0015557650001", "international form begins with the calling code, not with 00", id="00 before"),
        pytest.param("+0015557650001", "international form begins with the calling code, not with 00", id="+00 before"),
        pytest.param("07700900123", "no country has this calling code", id="national form"),
        pytest.param("999123456789", "no country has this calling code", id="a code of nobody"),
        pytest.param("1555", "the number is too short for its country", id="short"),
        pytest.param("155576500012", "the number is too long for its country", id="long"),
        pytest.param("15557650", "the number lacks its area code or its country's code", id="without its area code"),
        pytest.param("9" * 21, "the number is too long", id="21 digits"),
        pytest.param("1" * 1_000_000, "the number is too long", id="a million digits"),
    ],
)
def test_refuses(text: str, reason: str) -> None:
    with pytest.raises(NumberError) as refused:
        read_number(text)
    assert str(refused.value) == reason


def test_asks_for_a_range_in_use_only_when_told_to() -> None:
    with pytest.raises(NumberError, match="no network has this range"):
        read_number("15557650001", valid=True)
    assert read_number("12025550123", valid=True) == Number("12025550123", "US")
    assert read_number("447400123456", valid=True) == Number("447400123456", "GB")


def library_says(digits: str) -> Number | None:
    """What the phone library makes of ``digits``, asked plainly; None for what is not possible."""
    try:
        number = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]
    assert number.country_code is not None
    main = phonenumbers.region_code_for_country_code(number.country_code)
    return Number(e164, phonenumbers.region_code_for_number(number) or main)


def ours_says(digits: str) -> Number | None:
    try:
        return read_number(digits)
    except NumberError:
        return None


def digits_of(lengths: range) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=lengths.start, max_size=lengths.stop - 1)


@given(st.one_of(digits_of(range(7, 10)), digits_of(range(10, 12)).map(lambda rest: rest[:10])).map(lambda s: "1" + s))
def test_north_american_numbers_are_judged_as_by_the_library(digits: str) -> None:
    assert ours_says(digits) == library_says(digits)


@given(digits_of(range(1, 18)).filter(lambda digits: not digits.startswith("00")))
def test_all_numbers_are_judged_as_by_the_library(digits: str) -> None:
    assert ours_says(digits) == library_says(digits)


@pytest.mark.parametrize("rest", ["0000000", "1555123", "2001234", "5550123", "9119999"])
def test_every_area_code_is_judged_as_by_the_library(rest: str) -> None:
    numbers = [f"1{area}{rest}" for area in range(200, 1000)]
    assert [ours_says(number) for number in numbers] == [library_says(number) for number in numbers]


def test_every_region_of_the_library_has_a_name() -> None:
    assert set(COUNTRIES) == {*phonenumbers.SUPPORTED_REGIONS, "001"}
    assert country_name("DE") == "Germany"
    assert country_name("??") == "??"
