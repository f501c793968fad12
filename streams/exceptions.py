"""What can go wrong in the runtime, each with what the operator can do about it."""


class StreamsError(Exception):
    """Any error of the runtime."""


class ConfigurationError(StreamsError):
    """A setting is wrong, or the cluster is not as the settings say."""


class StoreError(StreamsError):
    """RocksDB failed: not the command's fault, so the batch is dropped and tried again."""


class StoreCorrupt(StoreError):
    """A store's bytes are not what was written: it is set aside and rebuilt from the changelog."""


class Unreachable(StreamsError):
    """Kafka does not answer, or is still starting: try again later."""


class Defect(StreamsError):
    """Our own rules contradict each other on a row; a person must look before anything goes on."""


class LogLost(StreamsError):
    """Kafka no longer has what was committed; nothing may be decided until a person looked."""


class Displaced(StreamsError):
    """The changelog is longer than what a partition was recovered from: it is opened anew."""


class LogBehind(LogLost):
    """A log of ours alone ends before what was committed: lost, or its leader is an old one."""


class ClockAhead(StreamsError):
    """A record claims a time that this machine's clock has not nearly reached."""
