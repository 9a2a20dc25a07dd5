-- The words of records, one row for each word of each field: a word of a field that is masked must not
-- match. Written in the transaction of the record; what is here can be rebuilt from the records.
CREATE TABLE search_term (
    tenant_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    record_id TEXT NOT NULL,
    field TEXT NOT NULL,
    term TEXT NOT NULL,
    -- By record first: a write takes a field's words out and puts the new ones in.
    PRIMARY KEY (tenant_id, entity, record_id, field, term)
) WITHOUT ROWID;
-- A search walks this one and needs nothing else of the row.
CREATE INDEX search_term_by_term ON search_term (tenant_id, entity, term, record_id, field);

-- How far the words of an entity have been rebuilt after its searchable fields changed. It holds a
-- position in the table and nothing of a person.
CREATE TABLE search_state (
    entity TEXT NOT NULL PRIMARY KEY,
    shape TEXT NOT NULL,
    at_tenant TEXT NOT NULL,
    at_record TEXT NOT NULL,
    done BOOLEAN NOT NULL
) WITHOUT ROWID;
