-- What the roles of the running system may do: applied whole after every run of the migrations.
-- {writer} and {reader} stand for the roles of STOCKYARD_POSTGRES_WRITER and _READER.

REVOKE ALL ON ALL TABLES IN SCHEMA stockyard, audit FROM PUBLIC, {writer}, {reader};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC, {writer}, {reader};
GRANT USAGE ON SCHEMA stockyard, audit TO {writer}, {reader};

GRANT SELECT ON stockyard.migrations TO {writer}, {reader};

GRANT INSERT ON audit.log TO {writer};
GRANT EXECUTE ON FUNCTION audit.ensure_month TO {writer};
GRANT SELECT, INSERT, UPDATE (next_offset) ON audit.positions TO {writer};

GRANT SELECT ON audit.log, audit.positions TO {reader};
