package test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// patience is how long a ping may take: hark leaves more than 15 s between two pings to one
// WordPress, which would refuse the second as a flood.
const patience = 45 * time.Second

func TestWordPress(t *testing.T) {
	t.Parallel()
	w := newWordPress(t)
	s := start(t)
	token := s.owner()
	reader := from(t, "127.0.0.1")

	ours := s.publish(token, "Six years of rain", "<p>The jar was never meant to last.</p>")
	beside := s.publish(token, "The server in the porch", "<p>It talks four times a minute.</p>")
	theirs := ""
	t.Run("a post that links to ours appears beneath it by itself", func(t *testing.T) {
		theirs = w.publish("Two clocks on one wall", clocks("I read <a href=%q>about a jar in the rain</a> and hung a second clock.", ours, beside))
		waitForCite(t, reader, ours, theirs, "Two clocks on one wall", "about a jar in the rain and hung a second clock")
	})
	t.Run("an edit that keeps the link renews what is shown", func(t *testing.T) {
		w.edit(theirs, "Two clocks on one wall", clocks("A year later I read again <a href=%q>about a jar in the rain</a> and hung a third clock.", ours, beside))
		waitForCite(t, reader, ours, theirs, "Two clocks on one wall", "about a jar in the rain and hung a third clock")
	})
	t.Run("the same ping again is known, and shown once", func(t *testing.T) {
		for range 3 {
			if answer := ping(t, reader, s.url+"/pingback", theirs, ours); !strings.Contains(answer, "<int>48</int>") {
				t.Errorf("a ping that was taken before is answered\n%s\nwant fault 48", answer)
			}
		}
		waitForCite(t, reader, ours, theirs, "Two clocks on one wall", "about a jar in the rain and hung a third clock")
	})
	t.Run("an edit that takes the link away withdraws it, once somebody pings again", func(t *testing.T) {
		// WordPress does not announce a link that is gone, so the ping is sent by hand.
		w.edit(theirs, "Two clocks on one wall", "<p>A year has passed and I have no clocks.</p>")
		if answer := ping(t, reader, s.url+"/pingback", theirs, ours); !strings.Contains(answer, "<int>17</int>") {
			t.Errorf("a ping that has lost its link is answered\n%s\nwant fault 17", answer)
		}
		eventually(t, patience, "the mention is withdrawn", func() error {
			if found := citing(reader.page(ours), theirs); len(found) != 0 {
				return fmt.Errorf("it still says %q", text(found[0]))
			}
			return nil
		})
	})

	w.takesWebmentions(true)
	theyTakeWebmentions(t, w, s, token)
	w.takesWebmentions(false)

	wanted := w.publish("Wind chimes", "<p>Mine has a range of four notes.</p>")
	var reply string
	t.Run("our post that links to theirs is listed there as a pingback", func(t *testing.T) {
		reply = s.publish(token, "An error of one neighbour", `<p>A good instrument is <a href="`+wanted+`">a wind chime</a> with an error of one neighbour.</p>`)
		pingback := waitForPingback(t, w, wanted)
		if pingback.AuthorURL != reply {
			t.Errorf("WordPress names %q as its source, want %q", pingback.AuthorURL, reply)
		}
		if !strings.Contains(pingback.Author, "An error of one neighbour") {
			t.Errorf("WordPress names %q as its author, want our title", pingback.Author)
		}
		if !strings.Contains(pingback.Content, "a wind chime") {
			t.Errorf("WordPress quotes %q, want the words around the link", pingback.Content)
		}
	})
	t.Run("our edit at the desk pings them again and they keep one", func(t *testing.T) {
		owner := from(t, "127.0.0.1")
		owner.login(s)
		before := w.pingsReceived()
		edited := owner.edit(s, reply, func(form url.Values) {
			form.Set("text", form.Get("text")+"\n\nThe neighbour has moved.")
		})
		if !strings.Contains(text(reader.page(edited)), "The neighbour has moved.") {
			t.Errorf("%s does not show the edit", edited)
		}
		eventually(t, patience, "WordPress is pinged again", func() error {
			if now := w.pingsReceived(); now == before {
				return fmt.Errorf("it was pinged %d times, before and after", now)
			}
			return nil
		})
		if found := w.comments(wanted); len(found) != 1 {
			t.Errorf("WordPress holds %d comments after the edit, want 1: %+v", len(found), found)
		}
	})
	t.Run("two links of one post arrive both, though they refuse two pingbacks within 15 s", func(t *testing.T) {
		theyRefuseFloods(t, w, reader)
	})
}

// clocks is a text with a link to ours and one to another post beside it. Of several links that
// were taken WordPress remembers only the last, so it pings the first again at every edit.
func clocks(sentence, ours, beside string) string {
	return "<p>Keep the old instrument. " + fmt.Sprintf(sentence, ours) + "</p>" +
		"<p>There is also <a href=\"" + beside + "\">a server</a>.</p>"
}

// waitForCite waits until a post of ours shows exactly one answer from a source, with a title and an excerpt.
func waitForCite(t *testing.T, reader *visitor, post, source, title, excerpt string) {
	t.Helper()
	eventually(t, patience, "the answer of "+source+" is shown", func() error {
		page := reader.page(post)
		found := citing(page, source)
		if len(found) != 1 {
			return fmt.Errorf("%d answers come from there; the page says %q", len(found), text(page))
		}
		class := " " + attr(found[0], "class") + " "
		if !strings.Contains(class, " p-comment ") {
			return fmt.Errorf("it is marked %q, want p-comment", class)
		}
		for _, words := range []string{title, excerpt} {
			if !strings.Contains(text(found[0]), words) {
				return fmt.Errorf("it says %q, want %q", text(found[0]), words)
			}
		}
		return nil
	})
}

// waitForPingback waits until WordPress holds one answer beneath a post, and it is a pingback.
func waitForPingback(t *testing.T, w *wordpress, post string) comment {
	t.Helper()
	var found []comment
	eventually(t, patience, "WordPress lists our pingback", func() error {
		found = w.comments(post)
		if len(found) != 1 || found[0].Type != "pingback" {
			return fmt.Errorf("it lists %+v", found)
		}
		return nil
	})
	return found[0]
}

// ping calls pingback.ping and returns the answer as it stands on the wire.
func ping(t *testing.T, v *visitor, endpoint, source, target string) string {
	t.Helper()
	call := fmt.Sprintf(`<?xml version="1.0"?><methodCall><methodName>pingback.ping</methodName><params>`+
		`<param><value><string>%s</string></value></param><param><value><string>%s</string></value></param></params></methodCall>`, source, target)
	req, err := http.NewRequest(http.MethodPost, endpoint, strings.NewReader(call))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/xml")
	a := v.must(req, nil)
	if a.status != http.StatusOK {
		t.Errorf("a ping is answered %d, want 200:\n%s", a.status, a.body)
	}
	return a.body
}

// edit finds a post's form at the desk, changes it as told and publishes it again. It returns the post's address.
func (v *visitor) edit(s *site, post string, change func(url.Values)) string {
	v.t.Helper()
	form := v.editor(s, post)
	change(form)
	form.Set("do", "publish")
	a := v.post(s.url+"/desk/write", form)
	if a.status != http.StatusSeeOther {
		v.t.Fatalf("the desk answers an edit with %d, want 303:\n%s", a.status, a.body)
	}
	to, err := url.Parse(s.url)
	if err == nil {
		to, err = to.Parse(a.header.Get("Location"))
	}
	if err != nil {
		v.t.Fatal(err)
	}
	return to.String()
}

// editor is the filled form that the owner gets by the edit link on a post's page.
func (v *visitor) editor(s *site, post string) url.Values {
	v.t.Helper()
	links := all(v.page(post), `a[href^="/desk/write/"]`)
	if len(links) == 0 {
		v.t.Fatalf("%s shows its owner no link to the editor", post)
	}
	address := s.url + attr(links[0], "href")
	form := url.Values{}
	page := v.page(address)
	for _, field := range all(page, "form.write input[name], form.write textarea[name]") {
		switch kind := attr(field, "type"); {
		case field.Data == "textarea":
			if field.FirstChild != nil {
				form.Add(attr(field, "name"), field.FirstChild.Data)
			}
		case kind == "radio" || kind == "checkbox":
			if has(field, "checked") {
				form.Add(attr(field, "name"), attr(field, "value"))
			}
		default:
			form.Add(attr(field, "name"), attr(field, "value"))
		}
	}
	if form.Get("id") == "" || form.Get("version") == "" {
		v.t.Fatalf("the editor at %s names no post and version: %v", address, form)
	}
	return form
}
