-- Apps are let in by IndieAuth.

-- +goose Up

-- internal/auth: of a token that an app asked for, the address of the app, whom it
-- was told that the user is, all that was allowed (scope may be less for now), when
-- that ends (0 for never), whether the app renews its token, and when it did last.
-- A token that was made by hand has none of it.
ALTER TABLE tokens ADD COLUMN client TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN me TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN granted TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN renews BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE tokens ADD COLUMN renewed_at BIGINT NOT NULL DEFAULT 0;

-- What a user has allowed an app, until the app fetches it. life is in seconds, 0
-- for until it is revoked. A code that was used stays for a while with the token
-- that it gave: shown once more, it takes that back.
CREATE TABLE authorizations (
    code_hash  TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client     TEXT NOT NULL,
    name       TEXT NOT NULL,
    redirect   TEXT NOT NULL,
    challenge  TEXT NOT NULL,
    me         TEXT NOT NULL,
    scope      TEXT NOT NULL,
    life       BIGINT NOT NULL,
    renews     BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    token_id   TEXT NOT NULL
);
CREATE INDEX authorizations_user ON authorizations (user_id);
CREATE INDEX authorizations_age ON authorizations (created_at);

-- Each renews a token once, and gives the next. Those that were used stay, so that
-- a stolen one gives itself away.
CREATE TABLE refresh_tokens (
    token_hash TEXT PRIMARY KEY,
    token_id   TEXT NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX refresh_tokens_token ON refresh_tokens (token_id);

-- The apps that a user lets in though they give no proof (PKCE).
CREATE TABLE old_apps (
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, client)
);
