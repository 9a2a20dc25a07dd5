-- What a client asked once under a key of its own (header Idempotency-Key), so that asking again does
-- not do it again. The request is kept as a digest; the answer is sealed by the server's secret, since
-- it may hold personal data, and goes when it expires. No answer: under way, or ended nobody knows how.
CREATE TABLE idempotency_key (
    tenant_id TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    answer TEXT,
    set_version BIGINT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, actor_id, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_key_by_end ON idempotency_key (tenant_id, expires_at);
