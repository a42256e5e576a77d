package site

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"hark/internal/authlog"
	"hark/internal/media"
	"hark/internal/mentions"
	"hark/internal/micropub"
	"hark/internal/pingback"
	"hark/internal/posts"
	"hark/internal/webmention"
)

// patience is how long a pingback's caller waits for the verdict: its protocol
// can tell it what is wrong in this one answer only, and WordPress waits 3 s.
const patience = 2 * time.Second

// doors are where other sites and programs knock.
func (s *Site) doors(r chi.Router) {
	form := s.Errors.Handle(s.webmentionForm)
	mention := s.knock(authlog.Webmention, webmention.Handler(s.acceptWebmention, s.refusedWebmention, s.replyWebmention))
	r.HandleFunc("/webmention", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			form(w, r)
			return
		}
		mention.ServeHTTP(w, r)
	})
	get(r, "/webmention/{id:[0-9a-z]+}", s.Errors.Handle(s.webmentionStatus))
	r.Handle("/pingback", s.sheltered(s.knock(authlog.Pingback, pingback.Handler(pingback.Methods{
		Ping:      s.ping,
		Pingbacks: s.pingbacks,
		Refused:   s.refusedPingback,
		Failed:    s.failed("pingback"),
	}))))
	apps := micropub.Handler(micropub.Service{
		Authorize: s.authorize,
		Twice:     s.twice,
		Create:    s.create,
		Update:    s.update,
		Source:    s.source,
		List:      s.sources,
		Delete:    s.remove,
		Undelete:  s.restore,
		Take:      s.takeFile,
		MaxFiles:  media.MaxBytes,
		Unhurried: unhurried,
		Failed:    s.failed("micropub"),

		Categories: s.categories,
		Targets:    s.targets,
		Types:      postTypes(),
		Config:     map[string]any{"media-endpoint": s.URL + "/media", "visibility": []posts.Visibility{posts.Public, posts.Unlisted, posts.Private}},
	}).ServeHTTP
	get(r, "/micropub", apps)
	r.Post("/micropub", apps)
	r.Options("/micropub", apps)
}

// caller is the address of the one who asks, as far as it is known.
func caller(ctx context.Context) netip.Addr { return middleware.GetClientIPAddr(ctx) }

// knock asks the budgets before anything is read.
func (s *Site) knock(p authlog.Protocol, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := caller(r.Context())
		if wait, ok := s.Guard.Knock(from, s.Inbox.Trusts(r.Context(), from)); !ok {
			s.Guard.Refused(p, authlog.RateLimited, from)
			w.Header().Set("Retry-After", seconds(wait))
			http.Error(w, "Too many pings came from your address. Please send this one again later.", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func seconds(d time.Duration) string { return strconv.Itoa(int((d + time.Second - 1) / time.Second)) }

func (s *Site) failed(door string) func(context.Context, error) {
	return func(_ context.Context, err error) { slog.Error("door failed", "door", door, "error", err) }
}

// What is said again for a while, without looking again.
const (
	missingAgain  = "There is no post at the target address."
	unlinkedAgain = "The source was read a moment ago, and no link to the target was found in it. Once it is there, send this again."
)

// again is the refusal of a ping about which was found out just now that it is in
// vain, nil for every other. A page that does not link can be mended, so its
// sender is told to come back, and not blamed for coming too soon.
func (s *Site) again(source, target string) *mentions.Refusal {
	if s.Guard.JustMissing(target) {
		return &mentions.Refusal{Reason: authlog.NoTarget, Text: missingAgain}
	}
	if wait, just := s.Guard.JustUnlinked(source, target); just {
		return &mentions.Refusal{Reason: authlog.RateLimited, Text: unlinkedAgain, RetryAfter: wait}
	}
	return nil
}

// receive has the inbox take a ping, unless it is known to be in vain. It counts
// what is refused, and what is taken.
func (s *Site) receive(ctx context.Context, p authlog.Protocol, via mentions.Via, source, target string) (mentions.Receipt, error) {
	var taken mentions.Receipt
	var err error
	refusal := s.again(source, target)
	if refusal == nil {
		taken, err = s.Inbox.Receive(ctx, via, source, target, caller(ctx))
		if errors.As(err, &refusal) && refusal.Reason == authlog.NoTarget && !refusal.Closed {
			s.Guard.Missing(target)
		}
	}
	switch {
	case refusal != nil:
		s.Guard.RefusedSource(p, refusal.Reason, caller(ctx), hostOf(source))
		return taken, refusal
	case err == nil:
		s.Guard.Took(p)
	}
	return taken, err
}

// acceptWebmention takes a mention and says where its fate can be read.
func (s *Site) acceptWebmention(ctx context.Context, source, target string) (string, error) {
	taken, err := s.receive(ctx, authlog.Webmention, mentions.Webmention, source, target)
	var refusal *mentions.Refusal
	if !errors.As(err, &refusal) {
		return s.URL + "/webmention/" + taken.ID, senderFull(err)
	}
	return "", &webmention.Error{Status: refusalStatus(refusal), Text: refusal.Text, RetryAfter: refusal.RetryAfter}
}

func (s *Site) refusedWebmention(ctx context.Context, err error) {
	s.Guard.Refused(authlog.Webmention, reason(err), caller(ctx))
}

func (s *Site) refusedPingback(ctx context.Context, err error) {
	s.Guard.Refused(authlog.Pingback, reason(err), caller(ctx))
}

// reason names a refusal of the protocols' own in the words of the log.
func reason(err error) authlog.Reason {
	is := func(webmentions, pingbacks error) bool {
		return errors.Is(err, webmentions) || errors.Is(err, pingbacks)
	}
	switch {
	case is(webmention.ErrBadSource, pingback.ErrBadSource):
		return authlog.BadSource
	case is(webmention.ErrTooLarge, pingback.ErrTooLarge):
		return authlog.TooLarge
	case is(webmention.ErrMethod, pingback.ErrMethod):
		return authlog.BadMethod
	case errors.Is(err, pingback.ErrBadTarget):
		return authlog.NoTarget
	}
	return authlog.Malformed
}

// ping takes a pingback, and waits a little for what can be told only now.
func (s *Site) ping(ctx context.Context, source, target string) (string, error) {
	if _, just := s.Guard.JustUnlinked(source, target); just {
		s.Guard.RefusedSource(authlog.Pingback, authlog.RateLimited, caller(ctx), hostOf(source))
		return "", &pingback.Fault{Code: pingback.SourceNoLink, Text: unlinkedAgain}
	}
	taken, err := s.receive(ctx, authlog.Pingback, mentions.Pingback, source, target)
	var refusal *mentions.Refusal
	if errors.As(err, &refusal) {
		return "", refusalFault(refusal)
	}
	if err != nil {
		return "", err
	}
	m, err := s.Inbox.Verdict(ctx, taken.ID, patience)
	switch {
	case errors.Is(err, mentions.ErrNotFound): // one that was turned away in silence
	case err != nil:
		return "", err
	case m.Denied() && m.Refusal == authlog.Unreachable:
		return "", &pingback.Fault{Code: pingback.UpstreamFailed, Text: m.Reason}
	case m.Denied() && m.Refusal == authlog.NoLink:
		return "", &pingback.Fault{Code: pingback.SourceNoLink, Text: m.Reason}
	case m.Denied():
		return "", &pingback.Fault{Code: pingback.SourceMissing, Text: m.Reason}
	case taken.Known:
		return "", &pingback.Fault{Code: pingback.AlreadyKnown, Text: "This pingback was registered before. The source has been read again."}
	}
	return fmt.Sprintf("Pingback from %s to %s received. Thank you.", source, target), nil
}

// refusalStatus is what HTTP says for a refusal.
func refusalStatus(r *mentions.Refusal) int {
	switch {
	case r.Full:
		return http.StatusServiceUnavailable
	case r.RetryAfter > 0:
		return http.StatusTooManyRequests
	}
	return http.StatusBadRequest
}

// refusalFault is what XML-RPC says for a refusal.
func refusalFault(r *mentions.Refusal) *pingback.Fault {
	f := &pingback.Fault{Code: pingback.TargetMissing, Text: r.Text, RetryAfter: r.RetryAfter}
	switch {
	case r.RetryAfter > 0:
		f.Code, f.Status = pingback.AccessDenied, refusalStatus(r)
	case r.Reason == authlog.BadSource:
		f.Code = pingback.SourceMissing
	case r.Closed:
		f.Code = pingback.TargetRefused
	}
	return f
}

func (s *Site) pingbacks(ctx context.Context, target string) ([]string, error) {
	sources, err := s.Inbox.Sources(ctx, target)
	var refusal *mentions.Refusal
	if errors.As(err, &refusal) {
		return nil, refusalFault(refusal)
	}
	return sources, err
}

// hostOf is the host of an address, for people.
func hostOf(address string) string {
	host, _, _ := strings.Cut(posts.Bare(address), "/")
	return strings.TrimPrefix(host, "www.")
}
