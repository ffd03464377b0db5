-- What people are told of a sign-in's token: when and from where it was used last, and what its client calls itself.
ALTER TABLE tokens ADD COLUMN last_used_at INTEGER NOT NULL DEFAULT 0;

ALTER TABLE tokens ADD COLUMN address TEXT NOT NULL DEFAULT '';

ALTER TABLE tokens ADD COLUMN public_id TEXT NOT NULL DEFAULT '';

ALTER TABLE tokens ADD COLUMN device TEXT NOT NULL DEFAULT '';

-- Nobody is signed out by the upgrade: what was there counts as used now.
UPDATE tokens SET last_used_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000, public_id = lower(hex(randomblob(6)));

CREATE UNIQUE INDEX tokens_by_public_id ON tokens (public_id);

CREATE INDEX tokens_by_use ON tokens (last_used_at);
