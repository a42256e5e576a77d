package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver named "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// shared is how many connections one process holds to PostgreSQL.
const shared = 16

func openPostgres(ctx context.Context, address string) (*DB, error) {
	pool, err := sql.Open("pgx", address)
	if err != nil {
		return nil, fmt.Errorf("open the PostgreSQL database: %w", err)
	}
	pool.SetMaxOpenConns(shared)
	pool.SetMaxIdleConns(shared / 2)
	if err := migratePostgres(ctx, pool); err != nil {
		return nil, errors.Join(fmt.Errorf("open the PostgreSQL database: %w", err), pool.Close())
	}
	return &DB{write: pool, read: pool, postgres: true}, nil
}

// mostTries is how often a change is begun that others are in the way of.
const mostTries = 8

// retry begins a change anew that PostgreSQL has taken back because it and
// another waited for each other.
func retry(ctx context.Context, change func() error) (err error) {
	for try := range mostTries {
		var refused *pgconn.PgError
		if err = change(); !errors.As(err, &refused) || refused.Code != deadlock && refused.Code != outrun {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(rand.IntN(10<<try)+1) * time.Millisecond):
		}
	}
	return err
}

// What PostgreSQL says when only another try helps (appendix A of its manual).
const (
	deadlock = "40P01"
	outrun   = "40001"
)

// migratePostgres lets one of several processes that start together migrate,
// while the others wait.
func migratePostgres(ctx context.Context, pool *sql.DB) error {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	return migrate(ctx, pool, goose.DialectPostgres, nil, goose.WithSessionLocker(locker))
}
