-- What posts were before, what is left of those that are gone, and what they begin with.

-- +goose Up

-- internal/posts: who saved the post as it is, empty for its author.
ALTER TABLE posts ADD COLUMN saved_by TEXT NOT NULL DEFAULT '';

-- What a post was before it was changed. version is the one of the post that it was,
-- state its words and what was chosen about it as JSON, of so many bytes.
CREATE TABLE revisions (
    post_id  TEXT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    version  BIGINT NOT NULL,
    saved_by TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    bytes    BIGINT NOT NULL,
    state    TEXT NOT NULL,
    PRIMARY KEY (post_id, version)
);

-- The addresses of posts that were deleted for good: they are gone, and no other
-- post gets them.
CREATE TABLE tombstones (
    path    TEXT PRIMARY KEY,
    gone_at BIGINT NOT NULL
);
CREATE INDEX posts_deleted ON posts (deleted_at) WHERE status = 'deleted';

-- What posts begin with that are written again and again. state is as in revisions.
CREATE TABLE templates (
    id        TEXT PRIMARY KEY,
    author_id TEXT NOT NULL REFERENCES users (id),
    name      TEXT NOT NULL,
    state     TEXT NOT NULL,
    version   BIGINT NOT NULL,
    saved_at  BIGINT NOT NULL
);
CREATE INDEX templates_author ON templates (author_id);

-- What was deleted long ago is looked for by a job.
INSERT INTO jobs (id, kind, payload, run_at_ms, tries, taken, dead, error, created_at)
SELECT 'purge', 'purge', '""', 0, 0, FALSE, FALSE, '', 0 WHERE EXISTS (SELECT 1 FROM posts WHERE status = 'deleted');
