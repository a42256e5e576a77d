-- What proves who somebody is beside the password, or in its place.

-- +goose Up

-- internal/auth, one-time codes. The secret must be readable, since a code is made
-- from it; confirmed_at is 0 until a first code has shown that the app has it too.
-- step is the time step of the code that was used last: none of it or before it
-- counts again.
CREATE TABLE codes (
    user_id      TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret       TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL,
    step         BIGINT NOT NULL
);

-- Those that are left; one that is used is gone.
CREATE TABLE recovery_codes (
    code_hash TEXT PRIMARY KEY,
    user_id   TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

-- Logins that wait for a code, after the right password.
CREATE TABLE pending_logins (
    token_hash TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pending_logins_user ON pending_logins (user_id);

-- When somebody who is signed in last showed again that it is the same person.
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;

-- credential is what the browser calls the passkey, record its public key and what
-- else is to be known of it, as JSON; counter counts its uses, as far as it counts.
CREATE TABLE passkeys (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential TEXT NOT NULL UNIQUE,
    record     TEXT NOT NULL,
    counter    BIGINT NOT NULL,
    name       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX passkeys_user ON passkeys (user_id);

-- What was asked of a browser and waits for its answer. user_id is who adds a
-- passkey, empty where somebody signs in.
CREATE TABLE ceremonies (
    token_hash TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL,
    asked      TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX ceremonies_user ON ceremonies (user_id, expires_at);
