"""Decides products, one line at a time: what it comes to, or why it does not."""

from agents.catalog.rejections import (
    no_product,
    product_exists,
    product_in_use,
    product_retired,
)
from agents.catalog.state import Catalog
from schemas.catalog_rows import Product
from schemas.catalog_structs import ProductEnded, ProductGone, ProductLine, ProductTold
from streams.answers import Rejection


def open_product(catalog: Catalog, product: str) -> Product | Rejection:
    """A product that gets items."""
    found = catalog.products.get(product)
    if found is None:
        return no_product(product)
    return product_retired(product) if found.retired else found


def define(catalog: Catalog, line: ProductLine) -> ProductTold | Rejection:
    """There is a product."""
    if catalog.products.get(line.product) is not None:
        return product_exists(line.product)
    return ProductTold(product=line.product, title=line.title, version=1)


def change(catalog: Catalog, line: ProductLine) -> ProductTold | Rejection:
    """A product has another title."""
    found = open_product(catalog, line.product)
    if isinstance(found, Rejection):
        return found
    return ProductTold(product=line.product, title=line.title, version=found.version + 1)


def retire(catalog: Catalog, line: ProductGone) -> ProductEnded | Rejection:
    """A product gets no items any more."""
    found = open_product(catalog, line.product)
    if isinstance(found, Rejection):
        return found
    if found.items:
        return product_in_use(line.product, found.items)
    return ProductEnded(product=line.product, version=found.version + 1)
