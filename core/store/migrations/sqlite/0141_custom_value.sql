-- Values of fields that tenants defined, each in a row of its own beside the record, in the column of its
-- type: a mask takes away one field and not the others, and plain comparisons are served by an index under
-- row-level security, where operators that look into a document are not. No table or column is made for a
-- tenant: all share these, a definition is data, and a new field costs no lock.
CREATE TABLE custom_value (
    tenant_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    record_id TEXT NOT NULL,
    field TEXT NOT NULL,
    -- Empty for the value itself; of a choice of several, one more row for each key chosen.
    item TEXT NOT NULL,
    text_value TEXT,
    -- The same without regard to case.
    fold_value TEXT,
    -- Integers, scaled decimals, days, microseconds, and true as 1.
    number_value BIGINT,
    -- By record first: a row is read by its record, and written and erased with it.
    PRIMARY KEY (tenant_id, entity, record_id, field, item)
) WITHOUT ROWID;
-- A filter finds records by a value; a column that a field's type does not use is not indexed.
CREATE INDEX custom_value_by_text ON custom_value (tenant_id, entity, field, text_value, record_id)
    WHERE text_value IS NOT NULL;
CREATE INDEX custom_value_by_fold ON custom_value (tenant_id, entity, field, fold_value, record_id)
    WHERE fold_value IS NOT NULL;
CREATE INDEX custom_value_by_number ON custom_value (tenant_id, entity, field, number_value, record_id)
    WHERE number_value IS NOT NULL;

-- Records of the objects that tenants defined: what every record has; the fields lie in custom_value.
CREATE TABLE custom_record (
    tenant_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    collected_at BIGINT,
    collected_for TEXT,
    PRIMARY KEY (tenant_id, entity, id)
) WITHOUT ROWID;
