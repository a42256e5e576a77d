package test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// newBlogs are as many other blogs as wanted, each on an address of its own and each with one
// post that replies to ours. It returns the addresses of those posts.
func newBlogs(t testing.TB, count int, target string) []string {
	t.Helper()
	var posts []string
	for n := range count {
		blog := newBlog(t, fmt.Sprintf("127.0.10.%d", n+1), fmt.Sprintf("Writer %d", n), target)
		posts = append(posts, blog+"/reply")
	}
	return posts
}

// newBlog serves a reply to a target by an author, and returns the blog's address.
func newBlog(t testing.TB, host, author, target string) string {
	t.Helper()
	listener, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	blog := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>A reply</title><article class="h-entry">
<p class="p-author h-card"><a class="u-url p-name" href="http://%[1]s/">%[2]s</a></p>
<p>In reply to <a class="u-in-reply-to" href="%[3]s">a post</a></p>
<div class="e-content"><p>%[2]s has read it and says so.</p></div>
<a class="u-url" href="http://%[1]s/reply"><time class="dt-published" datetime="2026-11-01T10:00:00Z">1 November</time></a>
</article>`, r.Host, author, target)
	}))
	blog.Listener.Close()
	blog.Listener = listener
	blog.Start()
	t.Cleanup(blog.Close)
	return blog.URL
}
