-- +goose Up

-- internal/posts. Keys of posts that were deleted for good, which no other post gets.
CREATE TABLE purged (
    id TEXT PRIMARY KEY
);
INSERT INTO purged (id)
SELECT post_id FROM deliveries WHERE post_id <> '' AND post_id NOT IN (SELECT id FROM posts)
UNION
SELECT post_id FROM mentions WHERE post_id <> '' AND post_id NOT IN (SELECT id FROM posts);
