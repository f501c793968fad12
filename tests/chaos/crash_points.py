"""The steps at which a worker can be made to kill itself; `crashing_worker` finds them."""

AT_THE_END = ("before the store is closed", "between the store's end and the producer's")
"""Steps of a worker that gives up its partitions: it comes to them when it is asked to end."""
IN_THE_REPLAY = ("in the replay", "between the replay's writes")
"""Steps of a worker whose store lacks something that was committed: mostly, not always."""


def latest_calls(partitions: int) -> dict[str, int]:
    """Step -> the latest call to die at that a worker of so many partitions reaches for certain."""
    return {
        "before the fence": partitions,
        "in the midst of the fence": partitions,
        "after the fence, before the replay": partitions,
        "store open, before the replay": partitions,
        IN_THE_REPLAY[0]: 1,  # one partition may have come to all that was decided
        IN_THE_REPLAY[1]: 1,
        "recovered, before the first decision": partitions,
        "before the produce": partitions,
        "in the midst of the produce": partitions,
        "before the commit": partitions,
        "in the midst of the commit": partitions,
        "between commit and store": partitions,
        "between store and next batch": partitions,
        AT_THE_END[0]: 1,
        AT_THE_END[1]: 1,
    }
