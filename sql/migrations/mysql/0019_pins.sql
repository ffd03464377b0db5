-- The messages that stand above their rooms' timelines; the one pinned last has the greatest id.
CREATE TABLE pinned_messages (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    pinned_at BIGINT NOT NULL,
    UNIQUE KEY pinned_messages_by_place (room_id, seq),
    KEY pinned_messages_by_user (user_id),
    CONSTRAINT pinned_messages_room FOREIGN KEY (room_id) REFERENCES rooms (id),
    CONSTRAINT pinned_messages_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
