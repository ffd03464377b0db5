-- The servers that share this database, each with a row that it renews. They are in no backup.
CREATE TABLE servers (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    name VARCHAR(190) NOT NULL,
    address VARCHAR(190) NOT NULL,
    version VARCHAR(64) NOT NULL,
    fingerprint VARCHAR(128) NOT NULL,
    online INTEGER NOT NULL,
    since_ms BIGINT NOT NULL,
    beat_ms BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- What one of these servers did and the others apply. Ids are not in the order of the commits. In no backup.
CREATE TABLE changes (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    server VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    number BIGINT NOT NULL,
    other BIGINT NOT NULL,
    detail MEDIUMTEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    KEY changes_by_time (at_ms)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
