-- Everybody who writes has a page.

-- +goose Up

-- internal/auth. address is the last part of the path of somebody's page, made from
-- the name that is shown; empty until it is made. links are addresses of other
-- pages of theirs, one a line; photo is the path of a picture of this site.
ALTER TABLE users ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN bio TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN links TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN photo TEXT NOT NULL DEFAULT '';
-- Every address that a page has or had.
CREATE TABLE author_names (
    name    TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX author_names_user ON author_names (user_id);

-- internal/posts: an author's posts, those that stand in lists among them.
CREATE INDEX posts_author ON posts (author_id, status, published_at, id, listed);
