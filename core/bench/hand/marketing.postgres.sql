-- The best that we could write by hand for the purpose `marketing` over the channel e-mail: whoever consented to it and
-- did not object, with the phone number of those who consented to text messages or calls. On the rows of the benchmark it
-- shows what the shipped policies show; it knows none of their exemptions. `OFFSET 0` keeps the planner from hashing everybody's
-- consents for a page of 50: it makes each EXISTS a lookup by index for each row, which is what a page wants.
CREATE VIEW contact WITH (security_invoker = true) AS
SELECT $COLUMNS,
       CASE WHEN EXISTS (SELECT 1 FROM consent_state s
                         WHERE s.tenant_id = c.tenant_id AND s.subject_id = c.id AND s.purpose = 'marketing'
                           AND s.track = 'consent' AND s.channel IN ('sms', 'call', 'any') AND s.status = 'given' OFFSET 0)
            THEN c.phone END AS phone
FROM contact_table c
WHERE EXISTS (SELECT 1 FROM consent_state s
              WHERE s.tenant_id = c.tenant_id AND s.subject_id = c.id AND s.purpose = 'marketing'
                AND s.track = 'consent' AND s.channel IN ('email', 'any') AND s.status = 'given' AND s.proven OFFSET 0)
  AND NOT EXISTS (SELECT 1 FROM consent_state s
                  WHERE s.tenant_id = c.tenant_id AND s.subject_id = c.id AND s.purpose = 'marketing'
                    AND s.track = 'objection' AND s.status = 'objected' OFFSET 0);
GRANT SELECT ON contact TO garant_server;
