"""The finance actor: bytes in from the runtime, decided by the decider, bytes out."""

from typing import Any

from agents.finance.changes import changed
from agents.finance.decider import decide
from agents.finance.evolve import evolve
from agents.finance.loading import load
from agents.finance.policy import costs_of
from schemas.finance_structs import CODEC, COMMAND_STRUCTS, FinanceRejected, Invalid, encode
from streams.actor import Decision, Moment, Rows
from streams.answers import Answers, Rejection, invalid


class FinanceActor(Answers):
    """Decides a partition's finance commands; keeps no state of its own."""

    def __init__(self) -> None:
        super().__init__(CODEC, COMMAND_STRUCTS, FinanceRejected)

    def decide(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        """Decide one command on the rows as they are."""
        if isinstance(command, Invalid):
            return self.refuse(command, invalid(command.path, command.problem), moment)
        books = load(command, rows)
        event = decide(books, command, moment)
        if isinstance(event, Rejection):
            return self.refuse(command, event, moment)
        changes = changed(books, evolve(books, event), event, rows, moment.log_time_ms)
        return Decision(encode(event), changes, [], type(event).__name__, "", costs_of(event))

    def expire(self, key: bytes, _value: bytes, _rows: Rows, _moment: Moment, /) -> Decision:
        """Forget a receipt, or a cost that was told of one that never came."""
        return Decision(None, {key: None}, [], "ReceiptForgotten")
