package pingback

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func benchmark(b *testing.B, body string) {
	h := Handler(Methods{Ping: func(context.Context, string, string) (string, error) { return "ok", nil }})
	b.Run("handler", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := httptest.NewRequest(http.MethodPost, "/pingback", strings.NewReader(body))
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
	})
	b.Run("decoder", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			decodeCall([]byte(body), "text/xml")
		}
	})
	b.Run("kept connection, client included", func(b *testing.B) {
		server := httptest.NewServer(h)
		defer server.Close()
		client := server.Client()
		for b.Loop() {
			res, err := client.Post(server.URL, "text/xml", strings.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	})
}

func BenchmarkMalformed(b *testing.B) { benchmark(b, "hello") }

func BenchmarkBrokenXML(b *testing.B) { benchmark(b, "<html><body><p>hello") }

func BenchmarkUnknownMethod(b *testing.B) {
	benchmark(b, callOf("wp.getUsersBlogs", typed("admin"), typed("secret")))
}

func BenchmarkPing(b *testing.B) { benchmark(b, callOf(pingMethod, typed(source), typed(target))) }
