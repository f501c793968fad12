"""Each rule on lines of the real file: what ships, what comes back, what is refused and why."""

import pytest

from cli.sales import Movement, Reason, Refusal, judge, sku_of, warehouse_of
from tests.load.lines import MORNING, SHIPPED, line


def reason_of(**changed: object) -> Reason | None:
    judged = judge(line(1, **changed))
    return judged.reason if isinstance(judged, Refusal) else None


def test_a_sale_leaves_the_warehouse_of_its_country() -> None:
    assert judge(SHIPPED) == Movement(1, "489434", "UNITED-KINGDOM", "85048", -12, MORNING)


def test_a_cancellation_comes_back() -> None:
    judged = judge(line(invoice="C489449", quantity=-12, country="Australia"))
    assert judged == Movement(1, "C489449", "AUSTRALIA", "85048", 12, MORNING)


def test_a_gift_to_a_known_customer_ships() -> None:
    assert reason_of(price=0.0, customer="16126") is None


def test_a_sale_to_nobody_known_ships_where_it_has_a_price() -> None:
    assert reason_of(customer="") is None


@pytest.mark.parametrize(
    ("code", "description", "what"),
    [
        ("POST", "POSTAGE", "postage"),
        ("DOT", "DOTCOM POSTAGE", "postage of the web shop"),
        ("C2", "CARRIAGE", "carriage"),
        ("M", "Manual", "a manual entry of money"),
        ("m", "Manual", "a manual entry of money"),
        ("D", "Discount", "a discount"),
        ("S", "SAMPLES", "samples, booked as money"),
        ("B", "Adjust bad debt", "a bad debt"),
        ("BANK CHARGES", " Bank Charges", "bank charges"),
        ("AMAZONFEE", "AMAZON FEE", "a marketplace's fee"),
        ("CRUK", "CRUK Commission", "a charity's commission"),
        ("ADJUST", "Adjustment by john on 26/01/2010 16", "an adjustment of money"),
        ("ADJUST2", "Adjustment by Peter on Jun 25 2010 ", "an adjustment of money"),
        ("gift_0001_20", "Dotcomgiftshop Gift Voucher £20.00", "a gift voucher"),
        ("TEST001", "This is a test product.", "a test product"),
        ("PADS", "PADS TO MATCH ALL CUSHIONS", "a note that cushions come with pads"),
    ],
)
def test_what_is_no_goods_is_refused(code: str, description: str, what: str) -> None:
    judged = judge(line(code=code, description=description))
    assert isinstance(judged, Refusal)
    assert judged.reason is Reason.NO_GOODS
    assert what in judged.problem


@pytest.mark.parametrize("code", ["DCGS0058", "DCGSSBOY", "SP1002", "15056BL", "47503J ", "POSTER"])
def test_goods_of_another_shape_ship(code: str) -> None:
    assert reason_of(code=code) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"invoice": "A506401"}, Reason.ODD_INVOICE),
        ({"invoice": ""}, Reason.ODD_INVOICE),
        ({"invoice": "C"}, Reason.ODD_INVOICE),
        ({"quantity": -96, "price": 0.0, "customer": ""}, Reason.NEGATIVE_SALE),
        ({"invoice": "C496350", "quantity": 1}, Reason.POSITIVE_CANCELLATION),
        ({"quantity": 0}, Reason.ODD_QUANTITY),
        ({"quantity": 10**12 + 1}, Reason.ODD_QUANTITY),
        ({"description": "", "price": 0.0, "customer": ""}, Reason.NO_DESCRIPTION),
        ({"description": "  "}, Reason.NO_DESCRIPTION),
        ({"price": -53594.36}, Reason.NEGATIVE_PRICE),
        ({"description": "found", "price": 0.0, "customer": ""}, Reason.NO_PRICE),
        ({"country": "Unspecified"}, Reason.NO_WAREHOUSE),
        ({"country": ""}, Reason.NO_WAREHOUSE),
        ({"country": "日本"}, Reason.NO_WAREHOUSE),
        ({"country": "X" * 65}, Reason.NO_WAREHOUSE),
        ({"code": ""}, Reason.ODD_CODE),
        ({"code": "9" * 65}, Reason.ODD_CODE),
        ({"code": "85\x00048"}, Reason.ODD_CODE),
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict[str, object], reason: Reason) -> None:
    assert reason_of(**changed) is reason


def test_a_refusal_names_the_line_and_keeps_it() -> None:
    odd = line(264, quantity=-96)
    assert judge(odd) == Refusal(
        264, Reason.NEGATIVE_SALE, "quantity -96 on an invoice that cancels nothing", odd
    )


@pytest.mark.parametrize(
    ("typed", "sku"),
    [("85123a", "85123A"), ("15056bl", "15056BL"), ("47503J ", "47503J"), ("e\u0301", "\xc9")],
)
def test_a_code_is_one_sku_however_it_was_typed(typed: str, sku: str) -> None:
    assert sku_of(typed) == sku


@pytest.mark.parametrize(
    ("country", "warehouse"),
    [
        ("United Kingdom", "UNITED-KINGDOM"),
        ("EIRE", "EIRE"),
        ("Channel Islands", "CHANNEL-ISLANDS"),
        ("Côte d'Ivoire", "COTE-D-IVOIRE"),
        (" usa ", "USA"),
    ],
)
def test_a_country_has_a_warehouse(country: str, warehouse: str) -> None:
    assert warehouse_of(country) == warehouse
