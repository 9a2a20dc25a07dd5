-- Everything that is not a catalogue entity. Entity tables are derived from the catalogue at start.
-- Only TEXT, BIGINT and BOOLEAN (and one BYTEA): both databases then compare and order alike;
-- COLLATE "C" compares text by its bytes, as SQLite and the native evaluator do.
-- Instants are microseconds UTC. Every key starts with the tenant; plugin_component is the one
-- table without it, since a plugin's code says nothing about anybody.

-- The server works as this role, which neither owns the tables nor bypasses row-level security.
-- Roles belong to the cluster: another database, or another server starting now, may have made it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'garant_server') THEN
        CREATE ROLE garant_server NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;
DO $$
BEGIN
    -- A superuser may become any role; an ordinary owner must be a member of it.
    IF NOT pg_has_role(current_user, 'garant_server', 'MEMBER') THEN
        EXECUTE format('GRANT garant_server TO %I', current_user);
    END IF;
END
$$;
DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO garant_server', current_schema());
END
$$;

-- One row per version, inserted and never updated: a set that decided once can always be read again.
CREATE TABLE policy_set (
    tenant_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, version)
);

-- Who changed what and why; append-only.
CREATE TABLE policy_change (
    tenant_id TEXT COLLATE "C" NOT NULL,
    set_version BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    policy TEXT COLLATE "C" NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    before TEXT COLLATE "C" NOT NULL,
    after TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, set_version, seq)
);

CREATE TABLE plugin_component (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    bytes BYTEA NOT NULL,
    stored_at BIGINT NOT NULL
);

-- The hash is of a random secret, so it needs no salt and may be looked up before the tenant is known.
CREATE TABLE api_token (
    tenant_id TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    actor_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    country TEXT COLLATE "C",
    recipient_id TEXT COLLATE "C",
    default_purpose TEXT COLLATE "C",
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);
CREATE UNIQUE INDEX api_token_by_hash ON api_token (hash);

-- The fold of consent events: what rules read, derived in the transaction of the event. The events
-- stay the truth; this table can be rebuilt from them at any time.
CREATE TABLE consent_state (
    tenant_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    track TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    -- Which state wins where several are of the same instant: what restricts comes first.
    rank BIGINT NOT NULL,
    proven BOOLEAN NOT NULL,
    confirmed BOOLEAN NOT NULL,
    explicit BOOLEAN NOT NULL,
    method TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, subject_id, purpose, channel, track)
);

-- Upsert keys per source, so that no personal field has to be one.
CREATE TABLE external_id (
    tenant_id TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, entity, source, key)
);
CREATE INDEX external_id_by_record ON external_id (tenant_id, entity, record_id);

-- Which fields changed, never what they held: erasing a record must leave nothing of it here.
CREATE TABLE field_history (
    tenant_id TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C",
    operation TEXT COLLATE "C" NOT NULL,
    fields TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, entity, record_id, version)
);

-- Chained per writer and tenant: hash = sha256(hash of seq - 1 || line). Append-only. A writer is one
-- connection's chain of one process, so that no two of them ever wait for each other.
CREATE TABLE decision_log (
    tenant_id TEXT COLLATE "C" NOT NULL,
    writer TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    line TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, writer, seq)
);

-- Which records a line was about, until ends_at; the line holds only a salted digest of it, so that
-- this row can be destroyed and the chain still verifies.
CREATE TABLE decision_detail (
    tenant_id TEXT COLLATE "C" NOT NULL,
    writer TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    salt TEXT COLLATE "C" NOT NULL,
    refs TEXT COLLATE "C" NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, writer, seq)
);
CREATE INDEX decision_detail_by_end ON decision_detail (ends_at);

-- Shuts a table to every tenant but the connection's, and gives the server what it may do with it.
-- Called here and for every entity table at start; calling it again changes nothing.
CREATE FUNCTION garant_protect(name TEXT, append_only BOOLEAN) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    IF NOT EXISTS (SELECT 1 FROM pg_policies
                   WHERE schemaname = current_schema() AND tablename = name AND policyname = 'garant_tenant') THEN
        EXECUTE format('CREATE POLICY garant_tenant ON %I TO garant_server
                        USING (tenant_id = current_setting(''garant.tenant'', true))
                        WITH CHECK (tenant_id = current_setting(''garant.tenant'', true))', name);
    END IF;
    EXECUTE format('GRANT SELECT, INSERT ON %I TO garant_server', name);
    IF NOT append_only THEN
        EXECUTE format('GRANT UPDATE, DELETE ON %I TO garant_server', name);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION garant_protect(TEXT, BOOLEAN) FROM PUBLIC;

SELECT garant_protect('policy_set', true);
SELECT garant_protect('policy_change', true);
SELECT garant_protect('api_token', false);
SELECT garant_protect('consent_state', false);
SELECT garant_protect('external_id', false);
SELECT garant_protect('field_history', false);
SELECT garant_protect('decision_log', true);
SELECT garant_protect('decision_detail', false);
GRANT SELECT, INSERT ON plugin_component TO garant_server;

-- A token is looked up before its tenant is known, so row-level security would hide it. This runs as
-- the owner and gives one row to whoever knows the hash of a secret of 256 random bits.
CREATE FUNCTION garant_find_token(wanted TEXT) RETURNS SETOF api_token
LANGUAGE sql STABLE SECURITY DEFINER AS $$ SELECT * FROM api_token WHERE hash = wanted COLLATE "C" $$;
REVOKE ALL ON FUNCTION garant_find_token(TEXT) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION garant_find_token(TEXT) TO garant_server;
-- A definer's function must not find another table by the caller's search path.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION garant_find_token(TEXT) SET search_path = %I, pg_temp', current_schema());
END
$$;
