-- Sanctions, the audit, where users came from, one-time passwords, erased accounts and retention.

ALTER TABLE users ADD COLUMN one_time_password INTEGER NOT NULL DEFAULT 0;

ALTER TABLE users ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;

ALTER TABLE rooms ADD COLUMN first_seq INTEGER NOT NULL DEFAULT 1;

CREATE TABLE user_addresses (
    user_id INTEGER NOT NULL REFERENCES users (id),
    address TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, address)
) WITHOUT ROWID;

CREATE TABLE sanctions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    user_id INTEGER REFERENCES users (id),
    network TEXT,
    room_id INTEGER REFERENCES rooms (id),
    reason TEXT NOT NULL,
    by_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at INTEGER,
    lifted_at INTEGER,
    lifted_by TEXT
);

CREATE INDEX sanctions_by_user ON sanctions (user_id);

CREATE INDEX sanctions_by_lifting ON sanctions (lifted_at, ends_at);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    happened_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    origin TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    allowed INTEGER NOT NULL
);

CREATE INDEX audit_by_time ON audit (happened_at);
