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
