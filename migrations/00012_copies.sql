-- What is being written, and is not in a post yet.

-- +goose Up

-- internal/posts. post_id is the post that is changed, or a key of its own where
-- none is saved yet. fields is what stands in the form. version counts up with
-- what the tab sends that writes.
CREATE TABLE copies (
    post_id   TEXT NOT NULL,
    writer_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    fresh     BOOLEAN NOT NULL,
    tab       TEXT NOT NULL,
    version   BIGINT NOT NULL,
    fields    TEXT NOT NULL,
    saved_at  BIGINT NOT NULL,
    PRIMARY KEY (writer_id, post_id)
);
