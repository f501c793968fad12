"""Conversion: exact or refused, there and back, against fractions."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.gtin import check_digit, gtin_14
from schemas.units import in_base, nearest, parts_of, written
from tests.catalog.oracle import is_gtin
from tests.examples import EXAMPLES

ratios = st.tuples(
    st.integers(1, 60) | st.integers(1, 10**12) | st.sampled_from([10**9, 10**12]),
    st.integers(1, 60) | st.integers(1, 10**12) | st.sampled_from([10**9, 3**20]),
)
decimals = st.builds(
    lambda sign, whole, text: f"{sign}{whole}" + (f".{text}" if text else ""),
    st.sampled_from(["", "", "-"]),
    st.integers(0, 100) | st.integers(0, 10**16 - 1),
    st.text("0123456789", max_size=9) | st.sampled_from(["", "5", "25", "50", "000000001"]),
)


@EXAMPLES
@given(decimals)
def test_a_decimal_is_read_exactly_and_written_the_same(text: str) -> None:
    parts = parts_of(text)
    assert Fraction(parts, 10**9) == Fraction(text)
    assert Fraction(written(parts)) == Fraction(text)
    assert parts_of(written(parts)) == parts
    assert len(written(parts)) <= len(text)


@EXAMPLES
@given(decimals | st.integers(-(10**20), 10**20), ratios)
def test_a_conversion_is_exact_or_refused_with_the_nearest_that_are(
    quantity: str | int, ratio: tuple[int, int]
) -> None:
    parts = parts_of(quantity)
    wanted = Fraction(quantity) * Fraction(*ratio)
    base = in_base(parts, *ratio)
    assert (base is not None) == (wanted.denominator == 1)
    if base is not None:
        assert base == wanted
        assert Fraction(base) / Fraction(*ratio) == Fraction(quantity)  # and back
    below, above = (Fraction(one, 10**9) for one in nearest(parts, *ratio))
    assert below <= Fraction(quantity) < above
    for one in (below, above):
        assert (one * Fraction(*ratio)).denominator == 1
        assert in_base(int(one * 10**9), *ratio) == one * Fraction(*ratio)
        assert Fraction(written(int(one * 10**9))) == one
    assert below == Fraction(quantity) or base is None


@given(st.integers(-300, 300), st.integers(1, 30), st.integers(1, 30))
def test_there_is_none_nearer(tenths: int, numerator: int, denominator: int) -> None:
    step = Fraction(1, 10**9)
    quantity, ratio = Fraction(tenths, 10), Fraction(numerator, denominator)
    below, above = (Fraction(one, 10**9) for one in nearest(tenths * 10**8, numerator, denominator))
    # whole base units between the two, and which quantities those would be
    for base in range(ceil(below * ratio) + 1, floor(above * ratio) + 1):
        between = base / ratio
        assert between in (below, above) or (between / step).denominator != 1, quantity


@pytest.mark.parametrize(
    "text",
    ["", ".5", "5.", "1e3", "+1", "01", " 1", "1 ", "1,5", "0x1", "NaN", "Infinity", "1_0",
     "1.0000000001", "12345678901234567", "\u0661", "--1", "1.5.5", "1\n"],
)  # fmt: skip
def test_what_is_no_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no decimal"):
        parts_of(text)


@pytest.mark.parametrize("value", [1.0, 2.5, True, False, None, [], {}])
def test_a_fraction_of_json_is_no_quantity(value: object) -> None:
    with pytest.raises(ValueError, match="is no integer and no decimal in a string"):
        parts_of(value)


@EXAMPLES
@given(st.text("0123456789", min_size=1, max_size=15) | st.text(max_size=14))
def test_a_number_is_one_of_gs1_where_its_weights_say_so(text: str) -> None:
    try:
        found = gtin_14(text)
    except ValueError:
        assert not is_gtin(text)
    else:
        assert is_gtin(text)
        assert found == text.rjust(14, "0")
        assert gtin_14(found) == found


@EXAMPLES
@given(st.text("0123456789", min_size=13, max_size=13).filter(lambda text: text.strip("0")))
def test_a_digit_that_is_wrong_is_found(text: str) -> None:
    whole = text + str(check_digit(text))
    assert gtin_14(whole) == whole
    for place, digit in enumerate(whole):
        other = str((int(digit) + 1 + place % 9) % 10)
        with pytest.raises(ValueError, match="check digit"):
            gtin_14(whole[:place] + other + whole[place + 1 :])
