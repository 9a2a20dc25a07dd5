-- The words of records, one row for each word of each field: a word of a field that is masked must not
-- match, and row-level security lets an index serve plain comparisons alone (GIN operators would scan).
-- Written in the transaction of the record; what is here can be rebuilt from the records.
CREATE TABLE search_term (
    tenant_id TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    term TEXT COLLATE "C" NOT NULL,
    -- By record first: a write takes a field's words out and puts the new ones in.
    PRIMARY KEY (tenant_id, entity, record_id, field, term)
);
-- A search walks this one and needs nothing else of the row.
CREATE INDEX search_term_by_term ON search_term (tenant_id, entity, term, record_id, field);
SELECT garant_protect('search_term', false);

-- How far the words of an entity have been rebuilt after its searchable fields changed. It holds a
-- position in the table and nothing of a person; only the owner reads it, at start.
CREATE TABLE search_state (
    entity TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    shape TEXT COLLATE "C" NOT NULL,
    at_tenant TEXT COLLATE "C" NOT NULL,
    at_record TEXT COLLATE "C" NOT NULL,
    done BOOLEAN NOT NULL
);
ALTER TABLE search_state ENABLE ROW LEVEL SECURITY;
