-- What the roles of the running system may do: applied whole after every run of the migrations.
-- {writer} and {reader} stand for the roles of STOCKYARD_POSTGRES_WRITER and _READER.

REVOKE ALL ON ALL TABLES IN SCHEMA stockyard, audit, history, finance_history, locations_history
    FROM PUBLIC, {writer}, {reader};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC, {writer}, {reader};
GRANT USAGE ON SCHEMA stockyard, audit, history, finance_history, locations_history
    TO {writer}, {reader};

GRANT SELECT ON stockyard.migrations TO {writer}, {reader};

GRANT INSERT ON audit.log TO {writer};
GRANT EXECUTE ON FUNCTION audit.ensure_month TO {writer};
GRANT SELECT, INSERT, UPDATE (next_offset) ON audit.positions TO {writer};

GRANT INSERT ON history.movements, history.outcomes TO {writer};
GRANT SELECT, INSERT, UPDATE (next_offset, next_seq) ON history.positions TO {writer};

GRANT INSERT ON finance_history.movements, finance_history.outcomes TO {writer};
GRANT SELECT, INSERT, UPDATE (next_offset, next_seq) ON finance_history.positions TO {writer};

GRANT INSERT ON locations_history.movements, locations_history.outcomes TO {writer};
GRANT SELECT, INSERT, UPDATE (next_offset, next_seq) ON locations_history.positions TO {writer};

GRANT SELECT ON audit.log, audit.positions TO {reader};
GRANT SELECT ON history.movements, history.outcomes, history.positions TO {reader};
GRANT SELECT ON finance_history.movements, finance_history.outcomes, finance_history.positions
    TO {reader};
GRANT SELECT ON locations_history.movements, locations_history.outcomes, locations_history.positions
    TO {reader};
