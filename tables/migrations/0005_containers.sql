-- The history of locations knows containers too, under names that no SKU has: it is filled again,
-- from the first event, so that none of a container's is missing.

TRUNCATE locations_history.movements, locations_history.outcomes, locations_history.positions;
