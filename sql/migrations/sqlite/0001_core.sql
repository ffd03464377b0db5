-- Accounts, rooms, their members and messages, and the rooms of a first start.

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    display_key TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT 'member',
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER
);

CREATE INDEX users_by_display_key ON users (display_key);

-- A direct room's name_key is '@' and its two users: no room that people name can begin with '@'.
CREATE TABLE rooms (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    arrival INTEGER NOT NULL DEFAULT 0,
    last_seq INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    user_a INTEGER,
    user_b INTEGER
);

CREATE INDEX rooms_by_user_a ON rooms (user_a);

CREATE INDEX rooms_by_user_b ON rooms (user_b);

CREATE TABLE members (
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    state TEXT NOT NULL,
    read_seq INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    requested_at INTEGER,
    PRIMARY KEY (room_id, user_id)
) WITHOUT ROWID;

CREATE INDEX members_by_user ON members (user_id, state);

-- No foreign keys: a message is stored in the transaction that raised its room's last_seq, by a signed-in user.
CREATE TABLE messages (
    room_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    sender_id INTEGER NOT NULL,
    body TEXT NOT NULL,
    nonce TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, seq),
    UNIQUE (sender_id, nonce)
) WITHOUT ROWID;

CREATE INDEX messages_by_time ON messages (sent_at);

CREATE TABLE tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX tokens_by_user ON tokens (user_id);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

INSERT INTO rooms (name, name_key, kind, topic, arrival, created_at) VALUES
    ('Général', 'general', 'public', '', 1, 1767225600000),
    ('Blabla', 'blabla', 'public', '', 0, 1767225600000),
    ('Comptabilité', 'comptabilite', 'moderated', '', 0, 1767225600000),
    ('Informatique', 'informatique', 'moderated', '', 0, 1767225600000),
    ('Marketing', 'marketing', 'moderated', '', 0, 1767225600000);
