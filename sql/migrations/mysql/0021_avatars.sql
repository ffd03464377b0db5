-- Readable from: 20
-- The pictures that users show of themselves, in base64; users.avatar names one by its content, without reading it.
CREATE TABLE avatars (
    user_id BIGINT NOT NULL PRIMARY KEY,
    data TEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    CONSTRAINT avatars_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

ALTER TABLE users ADD COLUMN avatar VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '';
