package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"hark/internal/auth"
	"hark/internal/authlog"
	"hark/internal/guard"
	"hark/internal/page"
)

// grace is how long requests under way may take once hark was told to stop.
const grace = 8 * time.Second

// growth is by how many percent the heap grows before it is collected. It is half of
// what is usual, and costs little: most of the heap are finished pages, which the
// collector need not look into.
const growth = 50

type serveCommand struct{}

// Run serves until SIGTERM or SIGINT.
func (serveCommand) Run(c *config, out io.Writer) error {
	s, err := c.check()
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
	}
	alog, err := authlog.Open(c.AuthLog, c.AuthLogIdent)
	if err != nil {
		return err
	}
	defer alog.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if c.DB == "" {
		release, err := claim(c.Data)
		if err != nil {
			return err
		}
		defer release()
	}
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	house, err := build(s, db, alog)
	if err != nil {
		return err
	}
	if err := errors.Join(house.bans.Look(ctx), house.guard.Look(ctx)); err != nil {
		return err
	}
	defer house.media.Close()
	if err := house.media.Sweep(ctx); err != nil {
		slog.Warn("what uploads left behind is not removed", "error", err)
	}
	if err := house.posts.Renew(ctx); err != nil {
		slog.Warn("posts of an earlier version are not rendered anew", "error", err)
	}
	if err := house.outbox.TakeOver(ctx); err != nil {
		slog.Warn("what an earlier version has told is not taken over", "error", err)
	}
	listener, err := listen(s)
	if err != nil {
		return err
	}
	if err := house.welcome(ctx, s, out); err != nil {
		return err
	}
	reopenOnHangup(ctx, alog)
	return house.serve(ctx, listener)
}

// claim keeps a second hark from serving the same directory: each would think
// that nothing changes but by its own hand.
func claim(dir string) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("HARK_DATA: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "hark.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("HARK_DATA: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("HARK_DATA: another hark is serving from %s already; stop it first", dir)
	}
	return func() { file.Close() }, nil
}

func listen(s settings) (net.Listener, error) {
	if s.network == "unix" {
		if c, err := net.Dial("unix", s.address); err == nil {
			c.Close()
			return nil, fmt.Errorf("HARK_ADDR: somebody listens at %s already", s.address)
		}
		os.Remove(s.address) // left by a hark that was killed
	}
	l, err := net.Listen(s.network, s.address)
	if err != nil {
		return nil, fmt.Errorf("HARK_ADDR: %w", err)
	}
	if s.network == "unix" {
		return l, os.Chmod(s.address, 0o660)
	}
	return l, nil
}

// welcome says where hark is, and, as long as there is no owner, prints the link
// with which the owner's account is made.
func (h *house) welcome(ctx context.Context, s settings, out io.Writer) error {
	slog.Info("hark serves", "url", s.url, "address", s.address, "version", version)
	token, err := h.gate.SetupToken(ctx)
	if errors.Is(err, auth.ErrHasOwner) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "To make your account, open %s/setup?token=%s\n", s.url, token)
	return err
}

// reopenOnHangup lets logrotate move the auth log away.
func reopenOnHangup(ctx context.Context, alog *authlog.Log) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	go func() {
		defer signal.Stop(hangup)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangup:
				if err := alog.Reopen(); err != nil {
					slog.Error("auth log not reopened", "error", err)
				}
			}
		}
	}()
}

// newServer bounds what one connection can take of us.
func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ConnContext:       page.ConnContext,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      time.Minute,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
}

// serve answers requests and does jobs until ctx ends. Then requests under way
// are finished, and jobs that cannot be are put back.
func (h *house) serve(ctx context.Context, l net.Listener) error {
	server := newServer(h.handler)
	var working sync.WaitGroup
	jobs, endJobs := context.WithCancel(context.Background())
	counting, endCount := context.WithCancel(context.Background())
	var counted sync.WaitGroup
	defer counted.Wait()
	defer endCount() // after the last job, so that nothing is missed
	defer working.Wait()
	defer endJobs()
	counted.Go(func() { h.guard.Books().Run(counting) })
	working.Go(func() { h.queue.Run(jobs) })
	working.Go(func() { guard.Watch(jobs, h.bans.Look, h.guard.Look) })

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(page.Whole(l)) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	slog.Info("hark stops")
	limited, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(limited); err != nil {
		slog.Warn("requests were cut off", "error", err)
		return server.Close()
	}
	return nil
}
