package page

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// largestWhole is the most that is gathered: copying more costs what it saves.
const largestWhole = 64 << 10

// Whole wraps a listener so that a page of the cache leaves in one write. net/http
// sends through a buffer of 4 KB, so that a larger answer takes two; measured, the
// second costs more than everything else that hark does for the page. The server
// needs ConnContext too; without it nothing changes.
func Whole(l net.Listener) net.Listener {
	buffers := &sync.Pool{New: func() any { return new(bytes.Buffer) }}
	return &wholeListener{Listener: l, buffers: buffers}
}

// ConnContext lets the cache find the connection of a request. It is made for the
// field of that name of http.Server.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	if whole, ok := conn.(*wholeConn); ok {
		return context.WithValue(ctx, connKey{}, whole)
	}
	return ctx
}

type connKey struct{}

type wholeListener struct {
	net.Listener
	buffers *sync.Pool
}

func (l *wholeListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &wholeConn{Conn: conn, buffers: l.buffers}, nil
}

// wholeConn gathers an answer that was announced until all of it has come.
type wholeConn struct {
	net.Conn
	buffers *sync.Pool

	mu      sync.Mutex
	body    int           // announced, while its head has not come
	missing int           // still to come of head and body
	held    *bytes.Buffer // what came; nil when nothing is held
}

// announce says that an answer with a body of n bytes will now be written in full.
func announce(ctx context.Context, n int) {
	conn, ok := ctx.Value(connKey{}).(*wholeConn)
	if !ok || n > largestWhole {
		return
	}
	conn.mu.Lock()
	conn.body = n
	conn.mu.Unlock()
}

// Write sends b, or holds it while more of an announced answer is to come. The
// lock is not held while bytes leave, so that a slow reader does not keep Close
// from ending the connection.
func (c *wholeConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	if c.body > 0 {
		c.expect(b)
	}
	c.missing -= len(b)
	if c.missing <= 0 && c.held == nil {
		c.missing = 0
		c.mu.Unlock()
		return c.Conn.Write(b)
	}
	if c.held == nil {
		c.held = c.buffers.Get().(*bytes.Buffer)
	}
	c.held.Write(b)
	waiting := c.missing > 0
	c.mu.Unlock()
	if waiting {
		return len(b), nil
	}
	if err := c.release(); err != nil {
		return 0, err
	}
	return len(b), nil
}

// expect reads from the first bytes of an answer how long it will be in all. The
// caller holds the lock.
func (c *wholeConn) expect(first []byte) {
	if head := bytes.Index(first, []byte("\r\n\r\n")); head >= 0 {
		c.missing = head + 4 + c.body
	}
	c.body = 0
}

// release sends what is held, complete or not.
func (c *wholeConn) release() error {
	c.mu.Lock()
	held := c.held
	c.held, c.missing, c.body = nil, 0, 0
	c.mu.Unlock()
	if held == nil {
		return nil
	}
	_, err := c.Conn.Write(held.Bytes())
	held.Reset()
	c.buffers.Put(held)
	return err
}

// SetReadDeadline is what net/http does between two requests. An answer that was
// announced and came out shorter, because something between the cache and the
// connection changed it, goes out here at the latest.
func (c *wholeConn) SetReadDeadline(t time.Time) error {
	if err := c.release(); err != nil {
		return err
	}
	return c.Conn.SetReadDeadline(t)
}

// Close sends what is held, then closes.
func (c *wholeConn) Close() error {
	c.release() // The connection ends either way.
	return c.Conn.Close()
}

// CloseWrite lets net/http say goodbye to a client that is still sending.
func (c *wholeConn) CloseWrite() error {
	err := c.release()
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && err == nil {
		err = half.CloseWrite()
	}
	return err
}

// ReadFrom keeps the way open by which the kernel sends a file.
func (c *wholeConn) ReadFrom(r io.Reader) (int64, error) {
	if err := c.release(); err != nil {
		return 0, err
	}
	return io.Copy(c.Conn, r)
}
