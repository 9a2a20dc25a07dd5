-- How many requests a key may send a minute; null: as many as the server lets any. The function that finds a
-- key answers whole rows, so it needs no change.
ALTER TABLE api_token ADD COLUMN requests_per_minute BIGINT;
