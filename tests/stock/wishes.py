"""What is asked of one warehouse, at random, for Hypothesis."""

from typing import Any

from hypothesis import strategies as st

from tests.stock.reasons import ACCOUNTS, ALLOWED

DAYS = ("2026-12-01T00:00:00Z", "2026-12-01t00:00:00.000+00:00", "2026-11-30T12:00:00.5Z")

skus = st.sampled_from(["A", "B", "\u00c4 1"] * 3 + ["H"])
channels = st.sampled_from(
    [{}, {}, {}, {"channel": "web"}, {"channel": "web"}, {"channel": "shop"}]
)
names = st.sampled_from(["r1", "r2", "r3", "r4", "r5", "r6"])
counts = st.sampled_from(["c1", "c2", "c3"])
nth = st.integers(0, 5)  # of the promises or counts there are; the last is not there
mosts = st.sampled_from([1, 2, 99])
actors = st.sampled_from(["ann", "bob", "eve"] * 3 + [None, ""])
seconds = st.sampled_from([1, 20, 90, 31_536_000])
moves = st.sampled_from(
    [
        (source, target, reason)
        for reason, (sources, targets, _) in ALLOWED.items()
        for source in sources.split()
        for target in targets.split()
    ]
)
any_moves = st.tuples(
    st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS), st.sampled_from(list(ALLOWED))
)


def lines(amount: str, amounts: st.SearchStrategy[int]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """One to four lines, a SKU perhaps on several."""
    return st.lists(st.fixed_dictionaries({"sku": skus, amount: amounts}), min_size=1, max_size=4)


quantities = lines("quantity", st.integers(1, 6))


def channel_of(pool: Any) -> str:
    """Whose pool it is."""
    return str(pool["channel"])


policies = st.lists(
    st.fixed_dictionaries(
        {"sku": skus},
        optional={
            "safety_stock": st.sampled_from([0, 1, 5, 10**15]),
            "recover_point": st.sampled_from([0, 4, 9, 10**15]),
            "negative_limit": st.sampled_from([0, 4, 9, 10**15]),
        },
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda line: line["sku"],
)
pools_of_skus = st.lists(
    st.fixed_dictionaries(
        {
            "sku": skus,
            "pools": st.lists(
                st.fixed_dictionaries(
                    {"channel": st.sampled_from(["web", "shop", "kiosk"])},
                    optional={
                        "quantity": st.sampled_from([0, 3, 8, 10**15]),
                        "safety_stock": st.sampled_from([0, 2, 6]),
                        "low_point": st.sampled_from([0, 2, 4]),
                        "recover_point": st.sampled_from([4, 7]),
                    },
                ),
                max_size=3,
                unique_by=channel_of,
            ),
        }
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda line: line["sku"],
)
