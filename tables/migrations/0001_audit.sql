-- The audit log: every record of the events and dead-letters topics, as it was stored, for ever.

CREATE SCHEMA audit;

CREATE TABLE audit.log (
    appended_at timestamptz NOT NULL,  -- the record's timestamp in Kafka, whole milliseconds
    "offset"    bigint      NOT NULL,
    partition   integer     NOT NULL,
    topic       text        NOT NULL COLLATE "C",
    key         bytea,
    headers     bytea[],               -- name, value, name, value, ..; NULL where there are none
    value       bytea                  -- NULL: a tombstone
) PARTITION BY RANGE (appended_at);

COMMENT ON TABLE audit.log IS
    'Insert-only. One row per record, unique by (topic, partition, offset) in each month.';

CREATE FUNCTION audit.refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on %.% refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation',
              HINT = 'The audit log only grows. A correction is a new event, on the events topic.';
END
$$;

-- ALWAYS: also where session_replication_role is replica. Statement triggers are not inherited by
-- partitions, so that ensure_month gives each its own.
CREATE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.log
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
ALTER TABLE audit.log ENABLE ALWAYS TRIGGER refuse;

-- The writer may call this, and so needs no right to create anything itself.
CREATE FUNCTION audit.ensure_month(moment timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    first timestamptz := date_trunc('month', moment);
    after timestamptz := first + interval '1 month';
    month text := 'log_' || to_char(first, 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit.ensure_month', 0));
    IF to_regclass(format('audit.%I', month)) IS NOT NULL THEN
        RETURN month;
    END IF;
    -- Made beside the log and then attached: that lock lets readers and the writer go on.
    EXECUTE format(
        'CREATE TABLE audit.%I (LIKE audit.log, UNIQUE (topic, partition, "offset"),'
        ' CHECK (appended_at >= %L AND appended_at < %L))', month, first, after);
    EXECUTE format(
        'CREATE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.%I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse()', month);
    EXECUTE format('ALTER TABLE audit.%I ENABLE ALWAYS TRIGGER refuse', month);
    EXECUTE format(
        'ALTER TABLE audit.log ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)',
        month, first, after);
    RETURN month;
END
$$;

CREATE TABLE audit.positions (
    topic       text    NOT NULL COLLATE "C",
    partition   integer NOT NULL,
    next_offset bigint  NOT NULL CHECK (next_offset >= 0),
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

COMMENT ON TABLE audit.positions IS
    'What the log is complete to; moved in the transaction that adds the rows, never back.';

CREATE FUNCTION audit.only_forward() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.next_offset < OLD.next_offset
        OR (NEW.topic, NEW.partition) IS DISTINCT FROM (OLD.topic, OLD.partition) THEN
        RAISE EXCEPTION 'position of %/% refused: % to %',
            OLD.topic, OLD.partition, OLD.next_offset, NEW.next_offset
            USING ERRCODE = 'restrict_violation', HINT = 'A position only moves forward.';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER only_forward BEFORE UPDATE ON audit.positions
    FOR EACH ROW EXECUTE FUNCTION audit.only_forward();
CREATE TRIGGER refuse BEFORE DELETE OR TRUNCATE ON audit.positions
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
ALTER TABLE audit.positions ENABLE ALWAYS TRIGGER only_forward, ENABLE ALWAYS TRIGGER refuse;
