-- The histories of finance and locations, in tables like those of stock's.

CREATE SCHEMA finance_history;

CREATE TABLE finance_history.movements (LIKE history.movements INCLUDING ALL);
CREATE TABLE finance_history.outcomes (LIKE history.outcomes INCLUDING ALL);
CREATE TABLE finance_history.positions (LIKE history.positions INCLUDING ALL) WITH (fillfactor = 50);

CREATE SCHEMA locations_history;

CREATE TABLE locations_history.movements (LIKE history.movements INCLUDING ALL);
CREATE TABLE locations_history.outcomes (LIKE history.outcomes INCLUDING ALL);
CREATE TABLE locations_history.positions (LIKE history.positions INCLUDING ALL) WITH (fillfactor = 50);
