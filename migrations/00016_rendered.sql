-- By which rules the HTML of a post was made.

-- +goose Up

-- internal/posts: rendered counts up with the renderer, so that what an older one
-- has made is found and made anew.
ALTER TABLE posts ADD COLUMN rendered BIGINT NOT NULL DEFAULT 0;
CREATE INDEX posts_rendered ON posts (rendered, id);
