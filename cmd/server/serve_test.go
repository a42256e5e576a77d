package main

import (
	"net/http"
	"testing"
	"time"
)

func TestAConnectionIsBounded(t *testing.T) {
	s := newServer(http.NotFoundHandler())
	if s.ReadHeaderTimeout != 5*time.Second || s.IdleTimeout != time.Minute || s.MaxHeaderBytes != 32<<10 || s.ReadTimeout == 0 || s.WriteTimeout == 0 {
		t.Errorf("got %+v", s)
	}
}
