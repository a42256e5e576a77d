package authlog

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"
)

// writeTimeout is how long the system log may take to read a line, and hungPause
// how long it is left alone after it did not.
const (
	writeTimeout = 200 * time.Millisecond
	hungPause    = time.Second
)

// errHung says that the system log did not read in time a moment ago.
var errHung = errors.New("the system log does not read")

// socket sends each line as one RFC 3164 datagram, as syslog(3) does: to the
// local socket without a host, to another machine with it.
type socket struct {
	network, address string
	tag              tag
	conn             net.Conn
	resume           time.Time
}

func newSocket(network, address string, tag tag) *socket {
	return &socket{network: network, address: address, tag: tag}
}

func (s *socket) write(l line) error {
	if time.Now().Before(s.resume) {
		return errHung
	}
	datagram := []byte(s.datagram(l))
	err := s.send(datagram)
	if err != nil {
		err = s.send(datagram) // one reconnect: the system log may have been restarted
	}
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		s.resume = time.Now().Add(hungPause)
	}
	return err
}

func (s *socket) datagram(l line) string {
	host := ""
	if s.network == "udp" {
		host = s.tag.host + " "
	}
	return "<" + strconv.Itoa(l.priority) + ">" + l.at.Format(time.Stamp) + " " + host + s.tag.ident + l.message
}

// send writes to the connection, made first if there is none, and gives it up
// when that fails.
func (s *socket) send(datagram []byte) error {
	if s.conn == nil {
		conn, err := net.DialTimeout(s.network, s.address, writeTimeout)
		if err != nil {
			return fmt.Errorf("reach the system log at %s: %w", s.address, err)
		}
		s.conn = conn
	}
	err := s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err == nil {
		_, err = s.conn.Write(datagram)
	}
	if err != nil {
		s.conn.Close()
		s.conn = nil
		return fmt.Errorf("write to the system log at %s: %w", s.address, err)
	}
	return nil
}

func (s *socket) reopen() error {
	s.resume = time.Time{}
	return s.Close()
}

func (s *socket) Close() error {
	if s.conn == nil {
		return nil
	}
	conn := s.conn
	s.conn = nil
	return conn.Close()
}
