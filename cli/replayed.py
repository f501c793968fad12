"""What a changelog holds at its last stamp, for the books."""

from cli.committed import Record
from streams import keys
from streams import stamp as stamps
from streams.stamp import Stamp


class Replica:
    """Rows from changelog records, a transaction at a time: `pairs` are true at `stamp`."""

    def __init__(self) -> None:
        self.stamp: Stamp | None = None
        self.pairs: dict[bytes, bytes] = {}
        self._torn: dict[bytes, bytes | None] = {}

    def feed(self, record: Record) -> None:
        """Take the next record."""
        if record.key == stamps.KEY and record.value is not None:
            self.stamp = Stamp.decode(record.value)
            for key, value in self._torn.items():
                if value is None:
                    self.pairs.pop(key, None)
                else:
                    self.pairs[key] = value
            self._torn.clear()
        elif record.key is not None and not record.key.startswith(keys.ID):
            self._torn[record.key] = record.value
