"""What can go wrong at the edge, beside the problems that a client is told of."""


class ApiError(Exception):
    """Any error of the API that no request causes."""


class OutdatedReplica(ApiError):
    """The copy does not belong to the changelog as it is now: it is rebuilt from the start."""


class HomeInUse(ApiError):
    """Another process has this API's directory."""
