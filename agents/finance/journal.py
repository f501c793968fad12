"""The journal of an event: what it adds to the accounts of the general ledger, summing to zero."""

from collections import defaultdict

from schemas.accounts import Account
from schemas.finance_accounts import CONTRA_IN, CONTRA_OUT, REASONED, ContraAccount, GlAccount
from schemas.finance_structs import JournalLine


class Journal:
    """Gathers debits (above zero) and credits by account and currency."""

    def __init__(self) -> None:
        self._sums: dict[tuple[GlAccount, str], int] = {}

    def post(self, account: GlAccount, currency: str | None, amount: int) -> None:
        """Add to an account; nothing of no currency is nothing."""
        if amount:
            assert currency, "an amount has a currency"
            key = account, currency
            self._sums[key] = self._sums.get(key, 0) + amount

    def lines(self) -> list[JournalLine]:
        """What came together, in the order in which accounts were first named."""
        balance: dict[str, int] = defaultdict(int)
        for (_, currency), amount in self._sums.items():
            balance[currency] += amount
        assert not any(balance.values()), "what one account gains another loses"
        return [
            JournalLine(account=account, currency=currency, amount=amount)
            for (account, currency), amount in self._sums.items()
            if amount
        ]


def contra_in(source: Account, reasoned: ContraAccount | None) -> ContraAccount:
    """What inventory is booked against for units from there."""
    return reasoned if reasoned and source in REASONED else CONTRA_IN[source]


def contra_out(target: Account, reasoned: ContraAccount | None) -> ContraAccount:
    """What inventory is booked against for units that go there."""
    return reasoned if reasoned and target in REASONED else CONTRA_OUT[target]
