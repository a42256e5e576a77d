-- Who has uploaded which file, and where it is used.

-- +goose Up

-- internal/media. The same file may come from several: each has a row with the name
-- that it had there, and with what it shows. files.name and files.author_id are those
-- of the first.
CREATE TABLE uploads (
    file_key   TEXT NOT NULL REFERENCES files (key) ON DELETE CASCADE,
    author_id  TEXT NOT NULL REFERENCES users (id),
    name       TEXT NOT NULL,
    alt        TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (file_key, author_id)
);
CREATE INDEX uploads_author ON uploads (author_id, created_at, file_key);
CREATE INDEX uploads_newest ON uploads (created_at, file_key, author_id);
INSERT INTO uploads (file_key, author_id, name, alt, created_at)
SELECT key, author_id, name, '', created_at FROM files;
DROP INDEX files_author;

-- internal/media. The files that a post names, in its text or its properties. There
-- may be none with such a key.
CREATE TABLE post_files (
    post_id  TEXT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    file_key TEXT NOT NULL,
    PRIMARY KEY (post_id, file_key)
);
CREATE INDEX post_files_file ON post_files (file_key);
INSERT INTO post_files (post_id, file_key)
SELECT posts.id, files.key FROM posts JOIN files
ON posts.content LIKE '%/media/' || files.key || '%' OR posts.properties LIKE '%/media/' || files.key || '%';

-- internal/media. The same of what is being written.
CREATE TABLE copy_files (
    writer_id TEXT NOT NULL,
    post_id   TEXT NOT NULL,
    file_key  TEXT NOT NULL,
    PRIMARY KEY (writer_id, post_id, file_key),
    FOREIGN KEY (writer_id, post_id) REFERENCES copies (writer_id, post_id) ON DELETE CASCADE
);
CREATE INDEX copy_files_file ON copy_files (file_key);
