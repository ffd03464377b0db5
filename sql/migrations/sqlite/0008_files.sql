-- Files that were uploaded. One is named by the message at seq, or not yet; `gone` ones wait for their bytes to be removed.
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    room_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    nonce TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    type TEXT NOT NULL,
    digest TEXT NOT NULL,
    width INTEGER,
    height INTEGER,
    preview_size INTEGER NOT NULL DEFAULT 0,
    preview_digest TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    seq INTEGER,
    place INTEGER NOT NULL DEFAULT 0,
    gone INTEGER NOT NULL DEFAULT 0,
    UNIQUE (user_id, nonce)
);

CREATE INDEX files_by_message ON files (room_id, seq);

CREATE INDEX files_by_state ON files (gone, seq, created_at);

CREATE INDEX files_by_digest ON files (digest);

CREATE INDEX files_by_preview ON files (preview_digest);

-- How many files a message names: a page without any costs no further query.
ALTER TABLE messages ADD COLUMN files INTEGER NOT NULL DEFAULT 0;
