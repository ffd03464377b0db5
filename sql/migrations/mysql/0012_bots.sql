-- Accounts of programs: `bot` beside `local`, whose passwords are kept here. A bot has no password.
ALTER TABLE users ADD COLUMN kind VARCHAR(16) NOT NULL DEFAULT 'local';

-- Through these a program speaks in a room, as its bot; whoever knows the secret may.
CREATE TABLE incoming_webhooks (
    user_id BIGINT NOT NULL PRIMARY KEY,
    room_id BIGINT NOT NULL,
    secret_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    UNIQUE KEY incoming_webhooks_by_secret (secret_hash),
    KEY incoming_webhooks_by_room (room_id),
    CONSTRAINT incoming_webhooks_user FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT incoming_webhooks_room FOREIGN KEY (room_id) REFERENCES rooms (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
