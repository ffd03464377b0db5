-- Sanctions, the audit, where users came from, one-time passwords, erased accounts and retention.

ALTER TABLE users
    ADD COLUMN one_time_password TINYINT NOT NULL DEFAULT 0,
    ADD COLUMN erased TINYINT NOT NULL DEFAULT 0;

ALTER TABLE rooms ADD COLUMN first_seq BIGINT NOT NULL DEFAULT 1;

CREATE TABLE user_addresses (
    user_id BIGINT NOT NULL,
    address VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, address),
    CONSTRAINT user_addresses_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE sanctions (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind VARCHAR(16) NOT NULL,
    user_id BIGINT,
    network VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    room_id BIGINT,
    reason VARCHAR(1000) NOT NULL,
    by_name VARCHAR(190) NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT,
    lifted_at BIGINT,
    lifted_by VARCHAR(190),
    KEY sanctions_by_user (user_id),
    KEY sanctions_by_room (room_id),
    KEY sanctions_by_lifting (lifted_at, ends_at),
    CONSTRAINT sanctions_user FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT sanctions_room FOREIGN KEY (room_id) REFERENCES rooms (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE audit (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    happened_at BIGINT NOT NULL,
    actor VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    origin VARCHAR(190) NOT NULL,
    action VARCHAR(190) NOT NULL,
    target VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    detail TEXT NOT NULL,
    allowed TINYINT NOT NULL,
    KEY audit_by_time (happened_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
