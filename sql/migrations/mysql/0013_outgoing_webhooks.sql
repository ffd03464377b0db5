-- Where messages of a room are sent on, signed with the secret; sent_seq is the last one that was sent or given up.
CREATE TABLE outgoing_webhooks (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    room_id BIGINT NOT NULL,
    name VARCHAR(64) NOT NULL,
    name_key VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    url VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    secret VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at BIGINT NOT NULL,
    sent_seq BIGINT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    retry_at BIGINT NOT NULL DEFAULT 0,
    trouble VARCHAR(255) NOT NULL DEFAULT '',
    given_up BIGINT NOT NULL DEFAULT 0,
    UNIQUE KEY outgoing_webhooks_by_name_key (name_key),
    KEY outgoing_webhooks_by_room (room_id),
    CONSTRAINT outgoing_webhooks_room FOREIGN KEY (room_id) REFERENCES rooms (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
