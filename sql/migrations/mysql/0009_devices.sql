-- What people are told of a sign-in's token: when and from where it was used last, and what its client calls itself.
ALTER TABLE tokens
    ADD COLUMN last_used_at BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN address VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    ADD COLUMN public_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN device VARCHAR(190) NOT NULL DEFAULT '';

-- Nobody is signed out by the upgrade: what was there counts as used now.
UPDATE tokens SET last_used_at = UNIX_TIMESTAMP() * 1000, public_id = LEFT(SHA2(CONCAT(UUID(), RAND()), 256), 12);

ALTER TABLE tokens
    ADD UNIQUE KEY tokens_by_public_id (public_id),
    ADD KEY tokens_by_use (last_used_at);
