-- The history of one domain, {history}, in tables like those of stock's, and the rights to it:
-- applied whole for every domain, after every run of the migrations.

CREATE SCHEMA IF NOT EXISTS {history};

CREATE TABLE IF NOT EXISTS {history}.movements (LIKE history.movements INCLUDING ALL);
CREATE TABLE IF NOT EXISTS {history}.outcomes (LIKE history.outcomes INCLUDING ALL);
CREATE TABLE IF NOT EXISTS {history}.positions (LIKE history.positions INCLUDING ALL)
    WITH (fillfactor = 50);

REVOKE ALL ON ALL TABLES IN SCHEMA {history} FROM PUBLIC, {writer}, {reader};
GRANT USAGE ON SCHEMA {history} TO {writer}, {reader};

GRANT INSERT ON {history}.movements, {history}.outcomes TO {writer};
GRANT SELECT, INSERT, UPDATE (next_offset, next_seq) ON {history}.positions TO {writer};

GRANT SELECT ON {history}.movements, {history}.outcomes, {history}.positions TO {reader};
