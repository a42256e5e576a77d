package site

import (
	"bytes"
	"encoding/json"
	"strings"
)

// The objects of JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/).
type (
	jsonRoot struct {
		Version     string       `json:"version"`
		Title       string       `json:"title"`
		Home        string       `json:"home_page_url"`
		Self        string       `json:"feed_url"`
		Description string       `json:"description,omitempty"`
		Language    string       `json:"language,omitempty"`
		Authors     []jsonAuthor `json:"authors"`
		Hubs        []jsonHub    `json:"hubs,omitempty"`
		Items       []jsonItem   `json:"items"`
	}
	jsonHub struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	}
	jsonAuthor struct {
		Name string `json:"name"`
		URL  string `json:"url,omitempty"`
	}
	jsonFile struct {
		URL   string `json:"url"`
		Type  string `json:"mime_type"`
		Title string `json:"title,omitempty"`
		Bytes int64  `json:"size_in_bytes,omitempty"`
	}
	jsonItem struct {
		ID        string       `json:"id"`
		URL       string       `json:"url"`
		External  string       `json:"external_url,omitempty"`
		Title     string       `json:"title,omitempty"`
		HTML      string       `json:"content_html"`
		Summary   string       `json:"summary,omitempty"`
		Published string       `json:"date_published"`
		Modified  string       `json:"date_modified"`
		Tags      []string     `json:"tags,omitempty"`
		Authors   []jsonAuthor `json:"authors,omitempty"`
		Language  string       `json:"language,omitempty"`
		Image     string       `json:"image,omitempty"`
		Files     []jsonFile   `json:"attachments,omitempty"`
	}
)

func jsonFeed(f feed) ([]byte, error) {
	root := jsonRoot{
		Version:     "https://jsonfeed.org/version/1.1",
		Title:       f.title,
		Home:        f.home,
		Self:        f.self,
		Description: f.description,
		Language:    f.language,
		Authors:     []jsonAuthor{{f.author, f.home}},
		Items:       make([]jsonItem, 0, len(f.items)),
	}
	if f.hub != "" {
		root.Hubs = []jsonHub{{"WebSub", f.hub}}
	}
	for _, it := range f.items {
		root.Items = append(root.Items, it.json())
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(root); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (it item) json() jsonItem {
	j := jsonItem{
		ID: it.id, URL: it.address, Title: it.title, HTML: it.content,
		Published: machine(it.published), Modified: machine(it.updated), Tags: it.tags,
	}
	if it.title != "" {
		j.Summary = it.summary
	}
	if it.author != (person{}) {
		j.Authors = []jsonAuthor{{it.author.name, it.author.url}}
	}
	j.Language = it.lang
	for _, f := range it.files {
		j.Files = append(j.Files, jsonFile{f.address, f.mediaType, f.title, f.bytes})
		if j.Image == "" && strings.HasPrefix(f.mediaType, "image/") {
			j.Image = f.address
		}
	}
	for _, r := range it.responses {
		if r.property == "bookmark-of" {
			j.External = r.target
			break
		}
	}
	return j
}
