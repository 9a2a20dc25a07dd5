-- A key of a source may stand for several records: whoever sends a key and cannot see the record behind
-- it must be answered as if nobody had ever sent it, so a further record is made. `put_by` is who sent
-- the key; for them it is no secret that it is taken.
ALTER TABLE external_id ADD COLUMN put_by TEXT COLLATE "C";
ALTER TABLE external_id DROP CONSTRAINT external_id_pkey;
ALTER TABLE external_id ADD PRIMARY KEY (tenant_id, entity, source, key, record_id);
