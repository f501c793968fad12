"""The steps at which a worker can be made to kill itself; `crashing_worker` finds them."""


def latest_calls(partitions: int) -> dict[str, int]:
    """Step -> the latest call to die at that a worker of so many partitions reaches for certain."""
    return {
        "before the produce": partitions,
        "in the midst of the produce": partitions,
        "before the commit": partitions,
        "in the midst of the commit": partitions,
        "between commit and store": partitions,
        "between store and next batch": partitions,
        "after the fence, before the replay": partitions,
        "in the replay": 1,  # one partition may have come to all that was decided
    }
