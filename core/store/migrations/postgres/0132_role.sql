-- What the roles of a tenant may do, where somebody has said otherwise than as shipped. It is read with each
-- credential, so a change is in force with the next request.
CREATE TABLE role (
    tenant_id TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
SELECT garant_protect('role', false);

-- A key is looked up before its tenant is known, and what its role may do with it: rights, nothing about
-- anybody.
CREATE FUNCTION garant_find_role(tenant TEXT, wanted TEXT) RETURNS TEXT
LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT body FROM role WHERE tenant_id = tenant COLLATE "C" AND key = wanted COLLATE "C"
$$;
REVOKE ALL ON FUNCTION garant_find_role(TEXT, TEXT) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION garant_find_role(TEXT, TEXT) TO garant_server;
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION garant_find_role(TEXT, TEXT) SET search_path = %I, pg_temp', current_schema());
END
$$;
