"""Identifiers of products: check digits, one of each scheme, none that another product has."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from media_assets.models import ProductIdentifier, identify
from media_assets.models.product_identifier import asin, etim, gtin
from tests import factories


# GS1 General Specifications' examples of lengths, and ISBN-13 of a known book.
@pytest.mark.parametrize(
    "text",
    ["4006381333931", "40063 81333 931", "036000291452", "96385074", "9783161484100", "00036000291452"],
)
def test_a_gtin_with_the_right_check_digit_is_one(text: str) -> None:
    assert gtin(text) == text.replace(" ", "")


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(1, 9))
def test_one_wrong_digit_is_found(digits: str, change: int) -> None:
    body = digits[:12]
    total = sum(int(one) * (3 if place % 2 else 1) for place, one in enumerate(body))
    right = f"{body}{-total % 10}"
    assert gtin(right) == right
    place = int(digits[12]) % 13
    wrong = right[:place] + str((int(right[place]) + change) % 10) + right[place + 1 :]
    with pytest.raises(ValidationError):
        gtin(wrong)


@pytest.mark.parametrize("text", ["", "1", "400638133393", "40063813339311", "400638133393X", "\u0664" * 13])
def test_what_is_no_gtin_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        gtin(text)


def test_an_asin_is_kept_in_capitals() -> None:
    assert asin(" b07x9yz123 ") == "B07X9YZ123"
    for text in ("B07X9YZ12", "B07X9YZ1234", "B07X9YZ12-"):
        with pytest.raises(ValidationError):
            asin(text)


@pytest.mark.django_db
def test_many_products_are_of_one_etim_class() -> None:
    assert (etim(" ec001049"), etim("etim-9.0  EC001049")) == ("EC001049", "ETIM-9.0 EC001049")
    for text in ("EC01049", "EF001049", "001049", "ETIM EC001049", "ETIM-9.0"):
        with pytest.raises(ValidationError, match="EC and six digits"):
            etim(text)
    assert all(identify(factories.product(), {"etim": "ec001049"}) for _ in range(2))


@pytest.mark.django_db
def test_identifiers_are_set_changed_and_removed_together() -> None:
    product, other = factories.product(), factories.product()
    assert identify(product, {"gtin": "4006381333931", "sku": " A 1 ", "old_number": "7"})
    assert not identify(product, {"gtin": "4006-381333931", "sku": "A 1"})
    assert identify(product, {"old_number": ""}) and not identify(product, {"old_number": " "})
    assert sorted(product.identifiers.values_list("scheme", "value")) == [
        ("gtin", "4006381333931"),
        ("sku", "A 1"),
    ]
    with pytest.raises(ValidationError, match="Another product"):
        identify(other, {"asin": "B07X9YZ123", "gtin": "4006381333931"})
    assert not other.identifiers.exists(), "all of them or none"
    for scheme, value in (("GTIN", "1"), ("", "1"), ("a b", "1"), ("sku", "a\nb"), ("sku", "x" * 101)):
        with pytest.raises(ValidationError):
            identify(other, {scheme: value})
    product.delete()
    assert not ProductIdentifier.objects.exists()
