-- A key of a source may stand for several records: whoever sends a key and cannot see the record behind
-- it must be answered as if nobody had ever sent it, so a further record is made. `put_by` is who sent
-- the key; for them it is no secret that it is taken.
CREATE TABLE external_id_new (
    tenant_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    record_id TEXT NOT NULL,
    put_by TEXT,
    PRIMARY KEY (tenant_id, entity, source, key, record_id)
) WITHOUT ROWID;
INSERT INTO external_id_new (tenant_id, entity, source, key, record_id)
    SELECT tenant_id, entity, source, key, record_id FROM external_id;
DROP TABLE external_id;
ALTER TABLE external_id_new RENAME TO external_id;
CREATE INDEX external_id_by_record ON external_id (tenant_id, entity, record_id);
