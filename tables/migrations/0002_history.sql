-- History: where in the audit log an event stands, by SKU and by command. The bodies stay there.
-- Derived: emptied by its owner, all three tables in one TRUNCATE, it is filled again.

CREATE SCHEMA history;

CREATE TABLE history.movements (
    recorded_at timestamptz NOT NULL,
    appended_at timestamptz NOT NULL,  -- names the month of the audit log
    seq         bigint      NOT NULL,
    "offset"    bigint      NOT NULL,
    partition   integer     NOT NULL,
    warehouse   text        NOT NULL COLLATE "C",
    sku         text        NOT NULL COLLATE "C",
    PRIMARY KEY (warehouse, sku, recorded_at, partition, seq)
);

CREATE TABLE history.outcomes (
    appended_at timestamptz NOT NULL,
    seq         bigint      NOT NULL,
    "offset"    bigint      NOT NULL,
    partition   integer     NOT NULL,
    warehouse   text        NOT NULL COLLATE "C",
    command_id  text        NOT NULL COLLATE "C",
    PRIMARY KEY (warehouse, command_id, partition, seq)
);

CREATE TABLE history.positions (
    topic       text    NOT NULL COLLATE "C",
    partition   integer NOT NULL,
    next_offset bigint  NOT NULL CHECK (next_offset >= 0),
    next_seq    bigint  NOT NULL DEFAULT 0 CHECK (next_seq >= 0),
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);
