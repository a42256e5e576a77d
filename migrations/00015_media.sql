-- Files that writers upload.

-- +goose Up

-- internal/media. key is made of the bytes, so the same file twice is one row.
CREATE TABLE files (
    key        TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    type       TEXT NOT NULL,
    bytes      BIGINT NOT NULL,
    width      BIGINT NOT NULL,
    height     BIGINT NOT NULL,
    author_id  TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX files_author ON files (author_id, created_at, key);
