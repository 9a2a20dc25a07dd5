-- Who is told when a record changes. The signing key is derived from the server's secret and is not
-- here: a copy of the database signs nothing.
CREATE TABLE webhook (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    entity TEXT NOT NULL,
    fields TEXT NOT NULL,
    events TEXT NOT NULL,
    purpose TEXT,
    channel TEXT,
    recipient_id TEXT,
    role TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- Records that changed and have a subscriber, until they are fanned out. Written in the transaction of
-- the change, so that a crash loses none; which values changed is not told.
CREATE TABLE record_event (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    entity TEXT NOT NULL,
    record_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- One attempt after another to tell one subscriber of one record. `next_at` is when it may be tried;
-- whoever tries moves it on first, so that no two processes try at once, and a killed one is taken over.
CREATE TABLE webhook_delivery (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    record_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    status BIGINT,
    failure TEXT,
    event TEXT,
    created_at BIGINT NOT NULL,
    settled_at BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX webhook_delivery_due ON webhook_delivery (tenant_id, state, next_at);
CREATE INDEX webhook_delivery_of ON webhook_delivery (tenant_id, webhook_id, id);
-- Attempts about one record are made one after another: is another one under way?
CREATE INDEX webhook_delivery_about ON webhook_delivery (tenant_id, webhook_id, record_id, state);

-- What each subscriber was told last, as a keyed digest: a change that it may not see is no news, and
-- a record that leaves its view is told by id alone.
CREATE TABLE webhook_view (
    tenant_id TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    record_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (tenant_id, webhook_id, record_id)
) WITHOUT ROWID;
