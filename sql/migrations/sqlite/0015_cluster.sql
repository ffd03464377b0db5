-- The servers that share a database: never more than one here, and both tables stay empty.
CREATE TABLE servers (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    version TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    online INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    beat_ms INTEGER NOT NULL
);

CREATE TABLE changes (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    server TEXT NOT NULL,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    other INTEGER NOT NULL,
    detail TEXT NOT NULL,
    at_ms INTEGER NOT NULL
);

CREATE INDEX changes_by_time ON changes (at_ms);
