package mentions

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/picture"
	"hark/internal/posts"
	"hark/internal/queue"
)

// face is the job that fetches the photo of an author.
const face queue.Kind = "face"

const (
	// FaceSide is how many pixels a face measures at most: it is drawn at 40, on
	// screens of two pixels to one.
	FaceSide = 80

	facesAtOnce = 4
	photoAge    = 30 * 24 * time.Hour // after which a photo is looked at again
)

// fillFace gives a mention the face of its author, if it is known, and has it
// fetched if it is not, or was long ago. Nobody's photo is asked for before
// somebody may see it.
func (i *Inbox) fillFace(tx *database.Tx, r *record) error {
	if r.Photo == "" || r.State != Shown && r.State != Held {
		return nil
	}
	var read int64
	err := tx.QueryRow("SELECT hash, read_at FROM photos WHERE address = $1", r.Photo).Scan(&r.Face, &read)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("look for face: %w", err)
	}
	if err == nil && i.now().Sub(database.Time(read)) < photoAge {
		return nil
	}
	return i.queue.Enqueue(tx, face, r.Photo)
}

// fetchFace is the handler of the job. A photo that is none, or cannot be had,
// is remembered as such: initials stand for it.
func (i *Inbox) fetchFace(ctx context.Context, job queue.Job) error {
	var address string
	if err := json.Unmarshal(job.Payload, &address); err != nil {
		return queue.Permanent(err)
	}
	page, err := i.fetch.Get(ctx, address, http.Header{"Accept": {"image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.1"}})
	switch {
	case errors.Is(err, fetch.ErrBusy):
		return i.db.InTx(ctx, func(tx *database.Tx) error { return i.queue.EnqueueAt(tx, face, address, i.now().Add(busyRest)) })
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && !errors.Is(err, fetch.ErrForbidden) && job.Try < photoTries:
		return err
	}
	var small *picture.Picture
	if err == nil && page.Status == http.StatusOK && !page.Cut {
		if small, err = i.pictures.Face(ctx, page.Body, FaceSide); ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if small == nil {
		i.log.Info("no face", "photo", address, "error", err)
	}
	return i.db.InTx(ctx, func(tx *database.Tx) error { return i.keepFace(tx, address, small) })
}

// photoTries is how often a photo is asked for whose host does not answer.
const photoTries = 3

// keepFace writes a face and gives it to all mentions with that photo. With none
// the one that was there before stays: a photo that is gone for now was theirs.
func (i *Inbox) keepFace(tx *database.Tx, address string, small *picture.Picture) error {
	hash := ""
	if small != nil {
		sum := sha256.Sum256(small.Bytes)
		hash = hex.EncodeToString(sum[:16])
		if _, err := tx.Exec("INSERT INTO faces (hash, type, bytes) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING",
			hash, small.Type, small.Bytes); err != nil {
			return fmt.Errorf("keep face: %w", err)
		}
	}
	err := tx.QueryRow(`
		INSERT INTO photos (address, hash, read_at) VALUES ($1, $2, $3)
		ON CONFLICT (address) DO UPDATE
		SET hash = CASE WHEN excluded.hash = '' THEN photos.hash ELSE excluded.hash END, read_at = excluded.read_at
		RETURNING hash`, address, hash, i.now().Unix()).Scan(&hash)
	if err != nil {
		return fmt.Errorf("keep face: %w", err)
	}
	rows, err := tx.Query("UPDATE mentions SET face = $1 WHERE author_photo = $2 AND author_photo <> '' AND face <> $1 RETURNING post_id", hash, address)
	if err != nil {
		return fmt.Errorf("give face: %w", err)
	}
	ids, err := database.Column(rows)
	if err != nil {
		return err
	}
	for _, id := range ids {
		tx.Touch(posts.Generation(id), Generation)
	}
	return nil
}

// Face reads a face by its name, whoever may see it, else ErrNotFound.
func (i *Inbox) Face(ctx context.Context, name string) (*picture.Picture, error) {
	return i.face(ctx, "SELECT type, bytes FROM faces WHERE hash = $1", name)
}

// ShownFace reads the face of somebody of whom something is shown, else
// ErrNotFound: whose words wait, or are spam, has no picture here either.
func (i *Inbox) ShownFace(ctx context.Context, name string) (*picture.Picture, error) {
	return i.face(ctx, `
		SELECT type, bytes FROM faces
		WHERE hash = $1 AND EXISTS (
			SELECT 1 FROM photos JOIN mentions ON author_photo = photos.address AND author_photo <> ''
			WHERE photos.hash = faces.hash AND `+stateOf(true)+` = 'shown')`, name)
}

func (i *Inbox) face(ctx context.Context, query, name string) (*picture.Picture, error) {
	var p picture.Picture
	err := i.db.QueryRow(ctx, query, name).Scan(&p.Type, &p.Bytes)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read face: %w", err)
	}
	return &p, nil
}
