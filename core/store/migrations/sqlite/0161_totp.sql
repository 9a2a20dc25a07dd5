-- The second factor of those who have one. The secret is sealed by the server; here lies nothing that gives a
-- code. It counts once its user has shown a code of it.
CREATE TABLE account_totp (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    secret TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    -- The last step of time whose code was taken: no code is taken twice, nor an older one.
    last_step BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);

-- Keyed hashes of what takes the place of a code once; a code that was used is gone.
CREATE TABLE account_recovery (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, hash)
);
