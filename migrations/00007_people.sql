-- Several people write.

-- +goose Up

-- internal/auth: since when somebody is let in no more, 0 for not.
ALTER TABLE users ADD COLUMN off_at BIGINT NOT NULL DEFAULT 0;

-- When somebody who has the machine said that the budget of an account is to be
-- full again: those live in the memory of the process that serves.
ALTER TABLE users ADD COLUMN unlocked_at BIGINT NOT NULL DEFAULT 0;

-- Links that work once. user_id is whose it is, empty for one who has no account
-- yet; made_by is empty for one that was made on the machine itself.
CREATE TABLE links (
    token_hash TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    role       TEXT NOT NULL,
    made_by    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX links_kind ON links (kind, user_id);
