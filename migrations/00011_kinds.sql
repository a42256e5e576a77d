-- What a post is, who may see it, and where it stands.

-- +goose Up

-- internal/posts. visibility is public, unlisted or private. apart is true for a
-- page, which stands at /{slug} and in no list. listed follows from both, so that
-- lists ask one thing. series_key is the series as it stands in addresses.
ALTER TABLE posts ADD COLUMN visibility TEXT NOT NULL DEFAULT 'public';
ALTER TABLE posts ADD COLUMN apart BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE posts ADD COLUMN listed BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE posts ADD COLUMN pinned BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE posts ADD COLUMN lang TEXT NOT NULL DEFAULT '';
ALTER TABLE posts ADD COLUMN series TEXT NOT NULL DEFAULT '';
ALTER TABLE posts ADD COLUMN series_key TEXT NOT NULL DEFAULT '';
CREATE INDEX posts_listed ON posts (status, published_at, id) WHERE listed;
DROP INDEX posts_kind;
CREATE INDEX posts_kind ON posts (status, kind, published_at, id) WHERE listed;
CREATE INDEX posts_series ON posts (series_key, published_at, id) WHERE series_key <> '';
CREATE INDEX posts_pinned ON posts (published_at) WHERE pinned;
CREATE INDEX posts_apart ON posts (published_at) WHERE apart;
