package visitors

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"hark/internal/database"
)

// Admit lets a reader be known by a token, who has shown by Return that an address is
// theirs. The token that the browser held before opens nothing any more.
func (b *Book) Admit(ctx context.Context, me, before string) (token string, err error) {
	token = rand.Text() + rand.Text()
	now := b.Now()
	err = b.DB.InTx(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec("DELETE FROM visitors WHERE expires_at <= $1 OR token_hash = $2", now.Unix(), digest(before)); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO visitors (token_hash, address, begun_at, seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)",
			digest(token), me, now.Unix(), now.Add(StayLife).Unix()); err != nil {
			return err
		}
		_, err := tx.Exec(fmt.Sprintf(`
			DELETE FROM visitors
			WHERE address = $1 AND token_hash <> $2 AND token_hash NOT IN (
				SELECT token_hash FROM visitors WHERE address = $1 AND token_hash <> $2
				ORDER BY begun_at DESC, token_hash LIMIT %d)`, mostAtOne-1), me, digest(token))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("admit a reader: %w", err)
	}
	return token, nil
}

// Who is the address of the reader who holds a token, ErrNobody for none.
func (b *Book) Who(ctx context.Context, token string) (address string, err error) {
	if token == "" {
		return "", ErrNobody
	}
	var seen int64
	now := b.Now()
	err = b.DB.QueryRow(ctx, "SELECT address, seen_at FROM visitors WHERE token_hash = $1 AND expires_at > $2", digest(token), now.Unix()).Scan(&address, &seen)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNobody
	}
	if err != nil {
		return "", fmt.Errorf("find a reader: %w", err)
	}
	if now.Sub(database.Time(seen)) >= seenEvery {
		b.seen(ctx, token, now)
	}
	return address, nil
}

// seen may fail, on a full disk for example, without sending anybody away.
func (b *Book) seen(ctx context.Context, token string, now time.Time) {
	err := b.DB.InTx(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("UPDATE visitors SET seen_at = $1 WHERE token_hash = $2", now.Unix(), digest(token))
		return err
	})
	if err != nil {
		slog.Warn("the visit of a reader is not remembered", "error", err)
	}
}

// Leave has a token open nothing any more.
func (b *Book) Leave(ctx context.Context, token string) error {
	return b.end(ctx, "token_hash = $1", digest(token))
}

// End ends all stays of the reader with an address.
func (b *Book) End(ctx context.Context, address string) error {
	return b.end(ctx, "address = $1", address)
}

func (b *Book) end(ctx context.Context, which, value string) error {
	err := b.DB.InTx(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("DELETE FROM visitors WHERE "+which, value)
		return err
	})
	if err != nil {
		return fmt.Errorf("end the stay of a reader: %w", err)
	}
	return nil
}

// Visitor is a reader who is signed in, in one browser or several.
type Visitor struct {
	Address  string
	Browsers int
	Begun    time.Time // in the last of them
	Seen     time.Time // to the hour
}

// mostListed is how many visitors are listed.
const mostListed = 500

// Visitors are those who are signed in, who signed in last first.
func (b *Book) Visitors(ctx context.Context) (list []Visitor, err error) {
	rows, err := b.DB.Query(ctx, fmt.Sprintf(`
		SELECT address, count(*), max(begun_at), max(seen_at)
		FROM visitors
		WHERE expires_at > $1
		GROUP BY address
		ORDER BY max(begun_at) DESC, address
		LIMIT %d`, mostListed), b.Now().Unix())
	if err != nil {
		return nil, fmt.Errorf("list readers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var v Visitor
		var begun, seen int64
		if err := rows.Scan(&v.Address, &v.Browsers, &begun, &seen); err != nil {
			return nil, fmt.Errorf("list readers: %w", err)
		}
		v.Begun, v.Seen = database.Time(begun), database.Time(seen)
		list = append(list, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list readers: %w", err)
	}
	return list, nil
}
