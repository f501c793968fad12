"""The rejections of the catalogue's commands, in words and details."""

from streams.answers import Rejection


def product_exists(product: str) -> Rejection:
    """The name is in use, for good."""
    return Rejection("PRODUCT_EXISTS", f"product {product} exists", {"product": product})


def no_product(product: str) -> Rejection:
    """No such product."""
    text = f"product {product} is not known in this catalogue"
    return Rejection("PRODUCT_NOT_FOUND", text, {"product": product})


def product_retired(product: str) -> Rejection:
    """It gets no items, and changes no more."""
    return Rejection("PRODUCT_RETIRED", f"product {product} is retired", {"product": product})


def product_in_use(product: str, items: int) -> Rejection:
    """It has items that are not retired."""
    text = f"product {product} has {items} items that are not retired"
    return Rejection("PRODUCT_IN_USE", text, {"product": product, "items": items})


def item_exists(sku: str) -> Rejection:
    """The SKU is in use, for good."""
    return Rejection("ITEM_EXISTS", f"item {sku} exists", {"sku": sku})


def no_item(sku: str) -> Rejection:
    """No such item."""
    return Rejection("ITEM_NOT_FOUND", f"item {sku} is not known in this catalogue", {"sku": sku})


def item_retired(sku: str) -> Rejection:
    """It changes no more, and comes into no kit."""
    return Rejection("ITEM_RETIRED", f"item {sku} is retired", {"sku": sku})


def invalid_gtin(gtin: str, problem: str) -> Rejection:
    """It is no number of GS1's."""
    details = {"gtin": gtin, "problem": problem}
    return Rejection("GTIN_INVALID", f"GTIN {gtin} {problem}", details)


def gtin_taken(gtin: str, sku: str) -> Rejection:
    """A number is on one item."""
    return Rejection("GTIN_TAKEN", f"GTIN {gtin} is on item {sku}", {"gtin": gtin, "sku": sku})


def no_gtin(gtin: str) -> Rejection:
    """The number is on nothing."""
    return Rejection("GTIN_NOT_FOUND", f"GTIN {gtin} is on no item", {"gtin": gtin})


def unknown_unit(sku: str, unit: str) -> Rejection:
    """The item is not counted so."""
    text = f"item {sku} has no unit {unit}"
    return Rejection("UNIT_UNKNOWN", text, {"sku": sku, "unit": unit})


def unit_is_base(sku: str, unit: str) -> Rejection:
    """One base unit is one base unit, and nothing else can be said of it."""
    text = f"{unit} is the base unit of item {sku}"
    return Rejection("UNIT_IS_BASE", text, {"sku": sku, "unit": unit})


def unit_in_use(sku: str, unit: str, gtin: str) -> Rejection:
    """A number is on one of the unit, which would not be what it was."""
    text = f"GTIN {gtin} is on a {unit} of item {sku}"
    return Rejection("UNIT_IN_USE", text, {"sku": sku, "unit": unit, "gtin": gtin})


def no_kit(sku: str) -> Rejection:
    """The item is not put together of others."""
    return Rejection("KIT_NOT_FOUND", f"item {sku} is no kit", {"sku": sku})


def kit_cycle(sku: str, component: str) -> Rejection:
    """A kit would be in itself."""
    text = f"kit {sku} is in {component}" if component != sku else f"kit {sku} is in itself"
    return Rejection("KIT_CYCLE", text, {"sku": sku, "component": component})


def kit_too_large(sku: str, field: str, value: int, limit: int) -> Rejection:
    """A kit, or one that it is in, would be more than can be told in one command."""
    text = f"kit {sku}: {field} would be {value}, above {limit}"
    details = {"sku": sku, "field": field, "value": value, "limit": limit}
    return Rejection("KIT_TOO_LARGE", text, details)


def above_limit(field: str, value: int, limit: int, **whose: str) -> Rejection:
    """Something would be more than is kept."""
    name = " ".join(f"{kind} {one}" for kind, one in whose.items())
    text = f"{name}: {field} would be {value}, above {limit}"
    return Rejection(
        "QUANTITY_LIMIT", text, whose | {"field": field, "value": value, "limit": limit}
    )
