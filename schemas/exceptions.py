"""What can go wrong in reading the language."""


class SchemaError(Exception):
    """Any error of the schemas."""


class Unreadable(SchemaError):
    """The bytes name no command: no JSON object, or none with a valid id and key."""
