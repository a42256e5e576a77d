package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// maxAnswers is how many bytes a server may say in a conversation.
const maxAnswers = 1 << 20

var (
	errOpenLine = errors.New("a password on an unencrypted line")
	errTalks    = errors.New("the server says too much")
)

// line is a connection that ends with the context of its conversation. The
// library would keep it open when a conversation fails, and knows no context
// once it has begun.
type line struct {
	ctx    context.Context
	server Server
	conn   net.Conn
	stop   func() bool
}

// dial opens the line, encrypted from the first byte if the server wants that.
// Its ctx is the library's, which is over when the conversation begins.
func (l *line) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.server.address())
	if err != nil {
		return nil, &dialError{err}
	}
	l.conn, l.stop = conn, context.AfterFunc(l.ctx, func() { conn.Close() })
	if l.server.Security == None && l.server.User != "" && !loopback(conn.RemoteAddr()) {
		return nil, errOpenLine
	}
	bounded := &boundedConn{Conn: conn, left: maxAnswers}
	if l.server.Security != TLS {
		return bounded, nil
	}
	encrypted := tls.Client(bounded, l.server.tls())
	return encrypted, encrypted.HandshakeContext(ctx)
}

func (l *line) end(after time.Duration) {
	if l.conn != nil {
		_ = l.conn.SetDeadline(time.Now().Add(after))
	}
}

func (l *line) hangUp() {
	if l.conn != nil {
		l.stop()
		l.conn.Close()
	}
}

// loopback tells whether the other end is this machine, by the address that was
// reached. A name can lead anywhere.
func loopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// dialError is that nobody answered at all.
type dialError struct{ error }

func (e *dialError) Unwrap() error { return e.error }

// boundedConn reads so many bytes and no more: the library reads a line however
// long it is.
type boundedConn struct {
	net.Conn
	left int
}

func (c *boundedConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTalks
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}
