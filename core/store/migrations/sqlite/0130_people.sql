-- People who sign in, their sessions, and the keys of clients. What tells who somebody is (name, e-mail) lies
-- in the entity `user`; here are credentials alone, and of the e-mail a keyed hash.

CREATE TABLE account (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    -- Keyed hash of the e-mail's normal form: what somebody signs in by.
    login TEXT NOT NULL,
    role TEXT NOT NULL,
    country TEXT,
    -- Argon2id in PHC form; none until the invitation was accepted.
    password TEXT,
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
-- Nobody shares a login; and it is what every sign-in is looked up by.
CREATE UNIQUE INDEX account_by_login ON account (tenant_id, login);

-- What lets somebody set a password once: an invitation, or a reset. The hash is of 256 random bits.
CREATE TABLE account_ticket (
    tenant_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);
-- A new ticket takes the place of those before.
CREATE INDEX account_ticket_of ON account_ticket (tenant_id, user_id);

-- A session is there or it is over: ending one deletes it, so the next request finds nothing.
CREATE TABLE user_session (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Written at most once a minute.
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
-- Looked up before the tenant is known.
CREATE UNIQUE INDEX user_session_by_hash ON user_session (hash);
-- Somebody's own sessions, and signing out everywhere.
CREATE INDEX user_session_of ON user_session (tenant_id, user_id);
-- What is over is cleared away.
CREATE INDEX user_session_by_end ON user_session (tenant_id, ends_at);

-- Failed attempts by what they are counted under: a keyed hash of an account, of an address, or of both.
CREATE TABLE attempt (
    tenant_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, subject)
);
CREATE INDEX attempt_by_time ON attempt (tenant_id, last_at);

-- Keys of clients are the tokens that were there before, with a name that may be told (id, prefix), what they
-- may be used for, and their end. An old token goes on under the beginning of its hash.
ALTER TABLE api_token ADD COLUMN id TEXT;
ALTER TABLE api_token ADD COLUMN prefix TEXT;
-- Keys of purposes, separated by spaces; null: all that the role may name.
ALTER TABLE api_token ADD COLUMN purposes TEXT;
ALTER TABLE api_token ADD COLUMN created_by TEXT;
ALTER TABLE api_token ADD COLUMN used_at BIGINT;
ALTER TABLE api_token ADD COLUMN revoked_at BIGINT;
-- The key that takes its place, during the overlap of a rotation and after.
ALTER TABLE api_token ADD COLUMN rotated_to TEXT;
UPDATE api_token SET id = substr(hash, 1, 32), prefix = '';
CREATE UNIQUE INDEX api_token_by_id ON api_token (tenant_id, id);
