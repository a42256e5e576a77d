package desk

import (
	"encoding/json"
	"net/http"
	"strings"
)

// uploaded is what the script of the editor is told of a file that it has sent.
type uploaded struct {
	Address  string `json:"address,omitempty"`
	Name     string `json:"name,omitempty"`
	Alt      string `json:"alt,omitempty"`      // what was said of it before
	Property string `json:"property,omitempty"` // what a post can show it as
	Error    string `json:"error,omitempty"`    // why it is not kept, in a sentence
}

// upload keeps files. A script, which sends one, is answered in JSON.
func (d *Desk) upload(w http.ResponseWriter, r *http.Request) error {
	if _, err := form(w, r, formLimit); err != nil {
		return err
	}
	b := baggageOf(r)
	if !strings.Contains(r.Header.Get("Accept"), "application/json") {
		return d.addFiles(w, r, b)
	}
	switch {
	case len(b.Left) > 0:
		return d.tellWhy(w, r, b.Left[0].Status, uploaded{Name: b.Left[0].Name, Error: b.Left[0].Text})
	case len(b.Files) > 0:
		f := b.Files[0]
		return tell(w, http.StatusCreated, uploaded{Address: f.Path(), Name: f.Name, Alt: f.Alt, Property: propertyOf(f.File)})
	}
	return d.tellWhy(w, r, http.StatusUnprocessableEntity, uploaded{Error: "No file has come. Choose one, then try again."})
}

// tellWhy tells a script why a file is not kept, in the language of the desk.
func (d *Desk) tellWhy(w http.ResponseWriter, r *http.Request, status int, what uploaded) error {
	book, err := d.book(r.Context())
	if err != nil {
		return err
	}
	what.Error = book.Sentence(what.Error)
	return tell(w, status, what)
}

// tell answers a script.
func tell(w http.ResponseWriter, status int, what any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body) // A client that does not listen any more gets no second answer.
	return nil
}
