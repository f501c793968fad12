"""What of a partition is under way, and up to where all of it is done."""


class Window:
    """The unfinished offsets of one partition, and their bytes."""

    def __init__(self) -> None:
        self._unfinished: dict[int, int] = {}  # offset -> bytes, in the log's order
        self._next: int | None = None  # behind the last that was begun
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._unfinished)

    def begin(self, offset: int, size_bytes: int) -> None:
        """A record, later than any before, is now to be delivered."""
        assert self._next is None or offset >= self._next, "a log is read in its order"
        self._unfinished[offset] = size_bytes
        self._next = offset + 1
        self.size_bytes += size_bytes

    def done(self, offset: int) -> None:
        """It was taken, or is a dead letter."""
        self.size_bytes -= self._unfinished.pop(offset)

    def position(self, read_to: int) -> int:
        """Where the log has to be read again from; `read_to` where nothing is under way."""
        return next(iter(self._unfinished), read_to)
