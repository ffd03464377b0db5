-- Files that were uploaded. One is named by the message at seq, or not yet; `gone` ones wait for their bytes to be removed.
CREATE TABLE files (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    public_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    room_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    nonce VARBINARY(256) NOT NULL,
    name VARCHAR(255) NOT NULL,
    size BIGINT NOT NULL,
    type VARCHAR(127) NOT NULL,
    digest VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    width INTEGER,
    height INTEGER,
    preview_size INTEGER NOT NULL DEFAULT 0,
    preview_digest VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    seq BIGINT,
    place INTEGER NOT NULL DEFAULT 0,
    gone TINYINT NOT NULL DEFAULT 0,
    UNIQUE KEY files_by_public_id (public_id),
    UNIQUE KEY files_by_nonce (user_id, nonce),
    KEY files_by_message (room_id, seq),
    KEY files_by_state (gone, seq, created_at),
    KEY files_by_digest (digest),
    KEY files_by_preview (preview_digest)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- How many files a message names: a page without any costs no further query.
ALTER TABLE messages ADD COLUMN files INTEGER NOT NULL DEFAULT 0;
