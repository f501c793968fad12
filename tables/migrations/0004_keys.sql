-- A history's rows are kept by the key of their domain, which need not be a warehouse.

ALTER TABLE history.movements RENAME COLUMN warehouse TO key;
ALTER TABLE history.outcomes RENAME COLUMN warehouse TO key;
ALTER TABLE finance_history.movements RENAME COLUMN warehouse TO key;
ALTER TABLE finance_history.outcomes RENAME COLUMN warehouse TO key;
ALTER TABLE locations_history.movements RENAME COLUMN warehouse TO key;
ALTER TABLE locations_history.outcomes RENAME COLUMN warehouse TO key;
