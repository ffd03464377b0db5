-- What users choose for all their devices (room_id 0: for no room), counted by version, and the messages that they have saved.
CREATE TABLE own_settings (
    user_id BIGINT NOT NULL,
    room_id BIGINT NOT NULL,
    name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    value TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (user_id, room_id, name),
    CONSTRAINT own_settings_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE saved_messages (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    saved_at BIGINT NOT NULL,
    UNIQUE KEY saved_messages_by_user (user_id, room_id, seq),
    KEY saved_messages_by_place (room_id, seq),
    CONSTRAINT saved_messages_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
