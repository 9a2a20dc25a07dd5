-- How many requests a key may send a minute; null: as many as the server lets any.
ALTER TABLE api_token ADD COLUMN requests_per_minute BIGINT;
