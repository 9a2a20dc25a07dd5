-- Everything that is not a catalogue entity. Entity tables are derived from the catalogue at start.
-- Only TEXT, BIGINT and BOOLEAN (and one BLOB): both databases then compare and order alike.
-- Instants are microseconds UTC. Every key starts with the tenant; plugin_component is the one
-- table without it, since a plugin's code says nothing about anybody.

-- One row per version, inserted and never updated: a set that decided once can always be read again.
CREATE TABLE policy_set (
    tenant_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, version)
) WITHOUT ROWID;

-- Who changed what and why; append-only.
CREATE TABLE policy_change (
    tenant_id TEXT NOT NULL,
    set_version BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    policy TEXT NOT NULL,
    what TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (tenant_id, set_version, seq)
) WITHOUT ROWID;

CREATE TABLE plugin_component (
    digest TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL,
    stored_at BIGINT NOT NULL
);

-- The hash is of a random secret, so it needs no salt and may be looked up before the tenant is known.
CREATE TABLE api_token (
    tenant_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    country TEXT,
    recipient_id TEXT,
    default_purpose TEXT,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash)
) WITHOUT ROWID;
CREATE UNIQUE INDEX api_token_by_hash ON api_token (hash);

-- The fold of consent events: what rules read, derived in the transaction of the event. The events
-- stay the truth; this table can be rebuilt from them at any time.
CREATE TABLE consent_state (
    tenant_id TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL,
    track TEXT NOT NULL,
    status TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- Which state wins where several are of the same instant: what restricts comes first.
    rank BIGINT NOT NULL,
    proven BOOLEAN NOT NULL,
    confirmed BOOLEAN NOT NULL,
    explicit BOOLEAN NOT NULL,
    method TEXT NOT NULL,
    PRIMARY KEY (tenant_id, subject_id, purpose, channel, track)
) WITHOUT ROWID;

-- Upsert keys per source, so that no personal field has to be one.
CREATE TABLE external_id (
    tenant_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    record_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, entity, source, key)
) WITHOUT ROWID;
CREATE INDEX external_id_by_record ON external_id (tenant_id, entity, record_id);

-- Which fields changed, never what they held: erasing a record must leave nothing of it here.
CREATE TABLE field_history (
    tenant_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    record_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    purpose TEXT,
    operation TEXT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (tenant_id, entity, record_id, version)
) WITHOUT ROWID;

-- Chained per writer and tenant: hash = sha256(hash of seq - 1 || line). Append-only. A writer is one
-- connection's chain of one process, so that no two of them ever wait for each other.
CREATE TABLE decision_log (
    tenant_id TEXT NOT NULL,
    writer TEXT NOT NULL,
    seq BIGINT NOT NULL,
    line TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (tenant_id, writer, seq)
) WITHOUT ROWID;

-- Which records a line was about, until ends_at; the line holds only a salted digest of it, so that
-- this row can be destroyed and the chain still verifies.
CREATE TABLE decision_detail (
    tenant_id TEXT NOT NULL,
    writer TEXT NOT NULL,
    seq BIGINT NOT NULL,
    salt TEXT NOT NULL,
    refs TEXT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, writer, seq)
) WITHOUT ROWID;
CREATE INDEX decision_detail_by_end ON decision_detail (ends_at);

-- Append-only is held by the database too.
CREATE TRIGGER policy_set_append_only BEFORE UPDATE ON policy_set BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER policy_set_keep BEFORE DELETE ON policy_set BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER policy_change_append_only BEFORE UPDATE ON policy_change BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER policy_change_keep BEFORE DELETE ON policy_change BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER decision_log_append_only BEFORE UPDATE ON decision_log BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER decision_log_keep BEFORE DELETE ON decision_log BEGIN SELECT RAISE(ABORT, 'append-only'); END;
