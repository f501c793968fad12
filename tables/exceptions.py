"""What can go wrong between us and PostgreSQL, each with what the operator can do about it."""


class TablesError(Exception):
    """Any error of the tables that waiting does not mend."""


class WrongVersion(TablesError):
    """The database was made by a newer version of this code, or not yet brought to this one."""


class ForeignDatabase(TablesError):
    """The database holds another installation's log."""


class AnotherSink(TablesError):
    """Something else writes the same tables."""
