// Package akismet asks Akismet, a service that knows the spam of many sites,
// about mentions. See https://akismet.com/developers/detailed-docs/.
package akismet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

const (
	service   = "https://rest.akismet.com"
	maxAnswer = 4 << 10
	thanks    = "Thanks" // "Thanks for making the web a better place."
)

// Comment is what Akismet is told of a mention. The more it knows, the better
// it judges; what is empty it is not told. Spam and Ham have to be told the
// same as Check was, or it will not know what is meant.
type Comment struct {
	IP        netip.Addr // who brought it; the service asks for it always
	UserAgent string     // with which program
	Referrer  string
	Permalink string // the post that is mentioned
	Type      string // comment, reply, pingback, …
	Author    string
	AuthorURL string
	Content   string
	Date      time.Time // when it came
	Lang      string    // the languages of the blog, as "en, de"
	Recheck   bool      // it was asked about before
	Test      bool      // nothing is to be learned from it
}

// Verdict is what Akismet thinks of a mention.
type Verdict struct {
	Spam    bool
	Discard bool   // spam so plain that nobody need see it
	Unsure  bool   // it has found nothing so far, and looks on
	Alert   string // what the owner should know about the account, in one line; often empty
}

// Error is an answer that is no verdict. With Status 200 the service
// understood and refused, mostly for the key, and will refuse again.
type Error struct {
	Status     int
	Text       string        // what the service says of it, in one line
	RetryAfter time.Duration // when to come again, zero if nothing is said of it
}

func (e *Error) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("akismet answered with status %d", e.Status)
	}
	return fmt.Sprintf("akismet answered with status %d: %s", e.Status, e.Text)
}

// Client asks with one key for one blog. New is its only door.
type Client struct {
	http   *http.Client
	base   string
	key    string
	blog   string
	secret *strings.Replacer // takes the key out of a text
}

// New makes a client that asks the service at base, the real one if base is
// empty, by way of client. The service wants a User-Agent that names the
// program; it is for client to give it.
func New(client *http.Client, base, key, blog string) *Client {
	if base == "" {
		base = service
	}
	direct := *client
	direct.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the key is for this service alone
	}
	c := &Client{http: &direct, base: strings.TrimSuffix(base, "/"), key: key, blog: blog, secret: strings.NewReplacer()}
	if key != "" {
		c.secret = strings.NewReplacer(key, "[key]", url.QueryEscape(key), "[key]")
	}
	return c
}

// String is without the key, for logs.
func (c *Client) String() string {
	return "akismet for " + c.blog
}

// Verify asks whether the key is good for the blog.
func (c *Client) Verify(ctx context.Context) error {
	answer, err := c.ask(ctx, "verify-key", url.Values{})
	if err != nil {
		return err
	}
	if answer.body != "valid" {
		return answer.refusal()
	}
	return nil
}

// Check asks what to think of a comment.
func (c *Client) Check(ctx context.Context, about Comment) (Verdict, error) {
	answer, err := c.ask(ctx, "comment-check", about.form())
	if err != nil {
		return Verdict{}, err
	}
	if answer.body != "true" && answer.body != "false" || answer.says("X-Akismet-Error") != "" {
		return Verdict{}, answer.refusal()
	}
	v := Verdict{Spam: answer.body == "true", Alert: answer.alert()}
	if v.Spam {
		v.Discard = answer.says("X-Akismet-Pro-Tip") == "discard"
	} else {
		v.Unsure = answer.says("X-Akismet-Recheck-After") != ""
	}
	return v, nil
}

// Spam tells the service that it missed spam.
func (c *Client) Spam(ctx context.Context, missed Comment) error {
	return c.teach(ctx, "submit-spam", missed)
}

// Ham tells the service that it took for spam what is none.
func (c *Client) Ham(ctx context.Context, wronged Comment) error {
	return c.teach(ctx, "submit-ham", wronged)
}

func (c *Client) teach(ctx context.Context, call string, comment Comment) error {
	answer, err := c.ask(ctx, call, comment.form())
	if err != nil {
		return err
	}
	if !strings.HasPrefix(answer.body, thanks) {
		return answer.refusal()
	}
	return nil
}

// ask makes one call. What comes back has status 200.
func (c *Client) ask(ctx context.Context, call string, form url.Values) (*reply, error) {
	form.Set("api_key", c.key)
	form.Set("blog", c.blog)
	answer, err := c.post(ctx, c.base+"/1.1/"+call, form)
	if err != nil {
		return nil, fmt.Errorf("akismet %s: %w", call, c.hide(err))
	}
	if answer.status != http.StatusOK {
		return nil, answer.refusal()
	}
	return answer, nil
}

func (c *Client) post(ctx context.Context, to string, form url.Values) (*reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	return &reply{
		status: res.StatusCode,
		header: res.Header,
		body:   strings.TrimSpace(string(body)),
		secret: c.secret,
	}, nil
}

// hide keeps the key out of the text of an error that quotes what the other
// side sent.
func (c *Client) hide(err error) error {
	if text := c.secret.Replace(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}

func (about Comment) form() url.Values {
	form := url.Values{"blog_charset": {"UTF-8"}}
	set := func(name, value string) {
		if value != "" {
			form.Set(name, value)
		}
	}
	if about.IP.IsValid() {
		set("user_ip", about.IP.Unmap().WithZone("").String())
	}
	set("user_agent", about.UserAgent)
	set("referrer", about.Referrer)
	set("permalink", about.Permalink)
	set("comment_type", about.Type)
	set("comment_author", about.Author)
	set("comment_author_url", about.AuthorURL)
	set("comment_content", about.Content)
	set("blog_lang", about.Lang)
	if !about.Date.IsZero() {
		set("comment_date_gmt", about.Date.UTC().Format(time.RFC3339))
	}
	if about.Recheck {
		set("recheck_reason", "recheck")
	}
	if about.Test {
		set("is_test", "true")
	}
	return form
}
