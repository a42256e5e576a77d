package site

import (
	"html/template"

	"golang.org/x/text/language"

	"hark/internal/posts"
)

// tongue is the attributes that say in which language a post is written, and from
// which side it is read; empty for one in the site's.
func tongue(p *posts.Post) template.HTMLAttr {
	if p.Lang == "" {
		return ""
	}
	direction := "ltr"
	if tag, err := language.Parse(p.Lang); err == nil {
		switch script, _ := tag.Script(); script.String() {
		case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg":
			direction = "rtl"
		}
	}
	return template.HTMLAttr(`lang="` + escape(p.Lang) + `" dir="` + direction + `"`)
}
