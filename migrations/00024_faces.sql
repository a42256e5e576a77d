-- +goose Up

-- internal/mentions: whether a face is still somebody's.
CREATE INDEX mentions_face ON mentions (face) WHERE face <> '';
