"""What can go wrong at the edge, beside the problems that a client is told of."""


class ApiError(Exception):
    """Any error of the API that no request causes."""


class HomeInUse(ApiError):
    """Another process has this API's directory."""
