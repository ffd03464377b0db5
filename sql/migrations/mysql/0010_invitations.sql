-- One-time invitations: who has the code may register once; only its hash is kept, and the row goes with its use.
CREATE TABLE invitations (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    code_hash VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    username VARCHAR(190) NOT NULL,
    role VARCHAR(16) NOT NULL,
    by_name VARCHAR(190) NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE KEY invitations_by_code (code_hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
