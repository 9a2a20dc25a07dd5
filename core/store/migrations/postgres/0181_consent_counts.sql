-- Whether a state is the one that counts through a channel, among those of its purpose through the channel and
-- through any: so that whoever asks finds it with one look. Derived with the state, like everything here.
ALTER TABLE consent_state ADD COLUMN for_email BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE consent_state ADD COLUMN for_sms BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE consent_state ADD COLUMN for_call BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE consent_state ADD COLUMN for_post BOOLEAN NOT NULL DEFAULT TRUE;
UPDATE consent_state AS s SET for_email = FALSE WHERE s.channel IN ('any', 'email') AND EXISTS (
    SELECT 1 FROM consent_state AS b
    WHERE b.tenant_id = s.tenant_id AND b.subject_id = s.subject_id AND b.purpose = s.purpose AND b.track = s.track
      AND b.channel = CASE s.channel WHEN 'any' THEN 'email' ELSE 'any' END
      AND (b.at > s.at OR (b.at = s.at AND (b.rank > s.rank OR (b.rank = s.rank AND s.channel = 'any')))));
UPDATE consent_state AS s SET for_sms = FALSE WHERE s.channel IN ('any', 'sms') AND EXISTS (
    SELECT 1 FROM consent_state AS b
    WHERE b.tenant_id = s.tenant_id AND b.subject_id = s.subject_id AND b.purpose = s.purpose AND b.track = s.track
      AND b.channel = CASE s.channel WHEN 'any' THEN 'sms' ELSE 'any' END
      AND (b.at > s.at OR (b.at = s.at AND (b.rank > s.rank OR (b.rank = s.rank AND s.channel = 'any')))));
UPDATE consent_state AS s SET for_call = FALSE WHERE s.channel IN ('any', 'call') AND EXISTS (
    SELECT 1 FROM consent_state AS b
    WHERE b.tenant_id = s.tenant_id AND b.subject_id = s.subject_id AND b.purpose = s.purpose AND b.track = s.track
      AND b.channel = CASE s.channel WHEN 'any' THEN 'call' ELSE 'any' END
      AND (b.at > s.at OR (b.at = s.at AND (b.rank > s.rank OR (b.rank = s.rank AND s.channel = 'any')))));
UPDATE consent_state AS s SET for_post = FALSE WHERE s.channel IN ('any', 'post') AND EXISTS (
    SELECT 1 FROM consent_state AS b
    WHERE b.tenant_id = s.tenant_id AND b.subject_id = s.subject_id AND b.purpose = s.purpose AND b.track = s.track
      AND b.channel = CASE s.channel WHEN 'any' THEN 'post' ELSE 'any' END
      AND (b.at > s.at OR (b.at = s.at AND (b.rank > s.rank OR (b.rank = s.rank AND s.channel = 'any')))));
