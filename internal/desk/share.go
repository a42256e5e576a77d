package desk

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"hark/internal/page"
)

// The most that is taken over from a link into the editor: letters of a title and of
// a text, bytes of an address.
const (
	longestTitle   = 300
	longestShared  = 10_000
	longestAddress = 2048
)

// begun begins a post as a link to the editor asks: one that speaks to a page, for
// bookmarklets (/desk/write?like=https://…), one of what an app shares (title, text
// and url, by the Web Share Target API), or one of a kind (/desk/write?event). It
// only fills in fields: nothing is saved before its writer says so.
func begun(asked url.Values) writePage {
	var shown writePage
	for _, kind := range offered {
		if asked.Has(string(kind)) {
			shown.Draft.turn(kind)
			shown.Draft.More = true // where it stands
		}
	}
	title, text, address := asked.Get("title"), legible(asked.Get("text")), strings.TrimSpace(asked.Get("url"))
	if address == "" {
		text, address = apart(text)
	}
	as := "bookmark-of"
	for _, one := range []struct{ name, as string }{{"reply", "in-reply-to"}, {"bookmark", "bookmark-of"}, {"like", "like-of"}, {"repost", "repost-of"}} {
		if given := strings.TrimSpace(asked.Get(one.name)); given != "" {
			as, address = one.as, given
			break
		}
	}
	shown.take(title, text, as, address)
	return shown
}

// take takes over what was shared, as much of it as fits, and says what does not.
func (p *writePage) take(title, text, as, address string) {
	var left []string
	if title = strings.Join(strings.Fields(legible(title)), " "); utf8.RuneCountInString(title) > longestTitle {
		title, left = cut(title, longestTitle), append(left, fmt.Sprintf("the title was cut at %d letters", longestTitle))
	}
	if utf8.RuneCountInString(text) > longestShared {
		text, left = cut(text, longestShared), append(left, fmt.Sprintf("the text was cut at %d letters", longestShared))
	}
	if address != "" && !isWebAddress(address) {
		address, left = "", append(left, "the address was left out, because it is none of the web, or too long")
	}
	if text == title {
		text = ""
	}
	if as == "bookmark-of" || address == "" { // what answers a page has no title of its own
		p.Draft.Title = title
	}
	if p.Draft.Text = text; address != "" {
		p.Draft.As, p.Draft.InReplyTo = as, address
	}
	if len(left) > 0 {
		p.Problem = "Not all of what was shared could be taken over: " + strings.Join(left, ", ") + "."
	}
	p.Unsaved = text != ""
}

// legible is a text from elsewhere, with the line ends of ours.
func legible(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(strings.ToValidUTF8(text, "\uFFFD")))
}

var lastAddress = regexp.MustCompile(`(?:^|\s)(https?://\S+)$`)

// apart takes the address off the end of a shared text, where many apps put it.
func apart(text string) (rest, address string) {
	if at := lastAddress.FindStringSubmatchIndex(text); at != nil {
		return strings.TrimSpace(text[:at[2]]), text[at[2]:]
	}
	return text, ""
}

func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(s) <= longestAddress && utf8.ValidString(s)
}

// sharePage is what desk/share.html draws: how other pages lead to the editor.
type sharePage struct {
	frame
	Links []bookmarklet
}

// bookmarklet is a link for the bar of a browser. On the page that is open there it
// leads to the editor. Our own pages run no code from links.
type bookmarklet struct {
	Name, Code string
}

// Link is the code as the address of a link. It is made here, of nothing that
// others have said.
func (b bookmarklet) Link() template.URL { return template.URL(b.Code) }

// share shows the bookmarklets.
func (d *Desk) share(w http.ResponseWriter, r *http.Request) (err error) {
	var p sharePage
	if p.frame, err = d.frame(r, "Write from other pages", "write"); err != nil {
		return err
	}
	for _, one := range []struct{ name, as string }{
		{p.book.Say("Keep"), "bookmark"}, {p.book.Say("Reply"), "reply"}, {p.book.Say("Like"), "like"}, {p.book.Say("Share"), "repost"},
	} {
		code, err := d.bookmarklet(one.as)
		if err != nil {
			return err
		}
		p.Links = append(p.Links, bookmarklet{one.name, code})
	}
	page.Installable(w.Header())
	return d.send(w, http.StatusOK, "share", p)
}

// mostQuoted is how many letters of what is selected go into an address, so that it
// is not too long for a server even where each is written as nine.
const mostQuoted = 1000

// bookmarklet is the code of one, which keeps what is selected as a quote.
func (d *Desk) bookmarklet(as string) (string, error) {
	editor, err := json.Marshal(d.url + "/desk/write?" + as + "=")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("javascript:(()=>{const e=encodeURIComponent,s=String(getSelection()).trim().slice(0,%d);"+
		"location.href=%s+e(location.href)+'&title='+e(document.title.slice(0,%d))+(s&&'&text='+e(s.replace(/^/gm,'> ')))})()", mostQuoted, editor, longestTitle), nil
}

// The members of a web app manifest (https://www.w3.org/TR/appmanifest/) with those
// of the Web Share Target API.
type (
	manifest struct {
		Name       string         `json:"name"`
		ID         string         `json:"id"`
		Start      string         `json:"start_url"`
		Scope      string         `json:"scope"`
		Display    string         `json:"display"`
		Background string         `json:"background_color"`
		Theme      string         `json:"theme_color"`
		Icons      []manifestIcon `json:"icons"`
		Share      shareTarget    `json:"share_target"`
	}
	manifestIcon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	shareTarget struct {
		Action  string            `json:"action"`
		Method  string            `json:"method"`
		Enctype string            `json:"enctype"` // without it Chromium complains
		Params  map[string]string `json:"params"`
	}
)

// manifest says what a phone needs to install the desk as an app, to which others
// share. It holds nothing that a reader does not see, and is asked for without cookies.
func (d *Desk) manifest(w http.ResponseWriter, r *http.Request) error {
	site, err := d.settings.Site(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	return json.NewEncoder(w).Encode(manifest{
		Name: site.Title, ID: "/desk/write", Start: "/desk/write", Scope: "/", Display: "minimal-ui", Background: "#fbfaf7", Theme: "#f2f0ea",
		Icons: []manifestIcon{
			{"/static/mark-192.png", "192x192", "image/png", ""}, {"/static/mark-512.png", "512x512", "image/png", ""},
			{"/static/mark-512.png", "512x512", "image/png", "maskable"},
		},
		Share: shareTarget{"/desk/write", http.MethodGet, "application/x-www-form-urlencoded", map[string]string{"title": "title", "text": "text", "url": "url"}},
	})
}
