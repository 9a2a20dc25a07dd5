-- People who sign in, their sessions, and the keys of clients. What tells who somebody is (name, e-mail) lies
-- in the entity `user`; here are credentials alone, and of the e-mail a keyed hash.

CREATE TABLE account (
    tenant_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    -- Keyed hash of the e-mail's normal form: what somebody signs in by.
    login TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    country TEXT COLLATE "C",
    -- Argon2id in PHC form; none until the invitation was accepted.
    password TEXT COLLATE "C",
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
-- Nobody shares a login; and it is what every sign-in is looked up by.
CREATE UNIQUE INDEX account_by_login ON account (tenant_id, login);

-- What lets somebody set a password once: an invitation, or a reset. The hash is of 256 random bits.
CREATE TABLE account_ticket (
    tenant_id TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);
-- A new ticket takes the place of those before.
CREATE INDEX account_ticket_of ON account_ticket (tenant_id, user_id);

-- A session is there or it is over: ending one deletes it, so the next request finds nothing.
CREATE TABLE user_session (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
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
    tenant_id TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, subject)
);
CREATE INDEX attempt_by_time ON attempt (tenant_id, last_at);

-- Keys of clients are the tokens that were there before, with a name that may be told (id, prefix), what they
-- may be used for, and their end. An old token goes on under the beginning of its hash.
ALTER TABLE api_token ADD COLUMN id TEXT COLLATE "C";
ALTER TABLE api_token ADD COLUMN prefix TEXT COLLATE "C";
-- Keys of purposes, separated by spaces; null: all that the role may name.
ALTER TABLE api_token ADD COLUMN purposes TEXT COLLATE "C";
ALTER TABLE api_token ADD COLUMN created_by TEXT COLLATE "C";
ALTER TABLE api_token ADD COLUMN used_at BIGINT;
ALTER TABLE api_token ADD COLUMN revoked_at BIGINT;
-- The key that takes its place, during the overlap of a rotation and after.
ALTER TABLE api_token ADD COLUMN rotated_to TEXT COLLATE "C";
UPDATE api_token SET id = substr(hash, 1, 32), prefix = '';
CREATE UNIQUE INDEX api_token_by_id ON api_token (tenant_id, id);
SELECT garant_protect('account', false);
SELECT garant_protect('account_ticket', false);
SELECT garant_protect('user_session', false);
SELECT garant_protect('attempt', false);

-- As with tokens: whoever knows the hash of a secret of 256 random bits is given the one row.
CREATE FUNCTION garant_find_session(wanted TEXT) RETURNS SETOF user_session
LANGUAGE sql STABLE SECURITY DEFINER AS $$ SELECT * FROM user_session WHERE hash = wanted COLLATE "C" $$;
REVOKE ALL ON FUNCTION garant_find_session(TEXT) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION garant_find_session(TEXT) TO garant_server;
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION garant_find_session(TEXT) SET search_path = %I, pg_temp', current_schema());
END
$$;
