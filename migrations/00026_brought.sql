-- +goose Up

-- internal/courier: the address that a file has here, once it was brought.
ALTER TABLE errands ADD COLUMN here TEXT NOT NULL DEFAULT '';
