package site

import (
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/go-chi/chi/v5"
)

// The routes of requests that no route of the router is for.
const (
	fromCache = "(cache)"
	nowhere   = "(none)"
)

// requests counts requests by their route and the class of their status. There
// are as many as the router has routes.
type requests struct {
	writers sync.Pool // of *noting

	cached classes // asked often, so without a look into the map

	mu sync.RWMutex
	of map[string]*classes
}

// classes counts statuses by their first digit.
type classes [6]atomic.Uint64

func (c *classes) count(status int) {
	if class := status / 100; class > 0 && class < len(c) {
		c[class].Add(1)
	}
}

func (q *requests) route(pattern string) *classes {
	q.mu.RLock()
	c := q.of[pattern]
	q.mu.RUnlock()
	if c != nil {
		return c
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.of == nil {
		q.of = map[string]*classes{}
	}
	if q.of[pattern] == nil {
		q.of[pattern] = &classes{}
	}
	return q.of[pattern]
}

// each goes through all counts that are not zero.
func (q *requests) each(f func(route string, class int, n uint64)) {
	all := func(route string, c *classes) {
		for class := range c {
			if n := c[class].Load(); n > 0 {
				f(route, class, n)
			}
		}
	}
	all(fromCache, &q.cached)
	q.mu.RLock()
	defer q.mu.RUnlock()
	for route, c := range q.of {
		all(route, c)
	}
}

// noting is a writer of answers that notes the status.
type noting struct {
	http.ResponseWriter
	status int
}

func (n *noting) WriteHeader(status int) {
	if n.status < http.StatusOK { // an early hint is no answer yet
		n.status = status
	}
	n.ResponseWriter.WriteHeader(status)
}

func (n *noting) Write(p []byte) (int, error) {
	if n.status < http.StatusOK {
		n.status = http.StatusOK
	}
	return n.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// note has do answer by a writer that notes the status, which it returns; 0 if
// nothing was answered.
func (q *requests) note(w http.ResponseWriter, do func(http.ResponseWriter)) int {
	n, _ := q.writers.Get().(*noting)
	if n == nil {
		n = &noting{}
	}
	n.ResponseWriter, n.status = w, 0
	do(n)
	status := n.status
	n.ResponseWriter = nil
	q.writers.Put(n)
	return status
}

// Count counts requests by their routes. It belongs into the router, which knows
// them.
func (s *Site) Count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := s.requests.note(w, func(w http.ResponseWriter) { next.ServeHTTP(w, r) })
		if status == 0 {
			status = http.StatusOK // as net/http does
		}
		pattern := nowhere
		if route := chi.RouteContext(r.Context()); route != nil && route.RoutePattern() != "" {
			pattern = route.RoutePattern()
		}
		s.requests.route(pattern).count(status)
	})
}
