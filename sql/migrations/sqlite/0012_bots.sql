-- Accounts of programs: `bot` beside `local`, whose passwords are kept here. A bot has no password.
ALTER TABLE users ADD COLUMN kind TEXT NOT NULL DEFAULT 'local';

-- Through these a program speaks in a room, as its bot; whoever knows the secret may.
CREATE TABLE incoming_webhooks (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id),
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    secret_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
);

CREATE UNIQUE INDEX incoming_webhooks_by_secret ON incoming_webhooks (secret_hash);

CREATE INDEX incoming_webhooks_by_room ON incoming_webhooks (room_id);
