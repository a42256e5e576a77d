package posts

import (
	"html/template"

	"golang.org/x/text/language"

	"hark/internal/words"
)

// Tongue is the attributes that say in which language words are, and from which side
// they are read.
func Tongue(lang string) template.HTMLAttr { return tongue(lang, words.FromRight(lang)) }

func tongue(lang string, right bool) template.HTMLAttr {
	direction := "ltr"
	if right {
		direction = "rtl"
	}
	return template.HTMLAttr(`lang="` + template.HTMLEscapeString(lang) + `" dir="` + direction + `"`)
}

// Surroundings are the language of a site and that of a page around its posts.
type Surroundings struct {
	site, around string
	right        bool // the site's is read from the right
}

// Around looks at the languages once for all posts of a page.
func Around(site, around string) Surroundings {
	return Surroundings{site, around, words.FromRight(site)}
}

// Tongue is that of a post there: its own or else that of the site. It is empty for one
// without its own in the language of the page around it, unless that is read from the
// right: a feed has no page around its posts.
func (s Surroundings) Tongue(p *Post) template.HTMLAttr {
	switch {
	case p.Lang != "":
		return Tongue(p.Lang)
	case s.site == s.around && !s.right:
		return ""
	}
	return tongue(s.site, s.right)
}

// labels are the words beside a text that are read aloud, in its language.
type labels struct {
	table, back, done, open, link, contents string
}

var labelsOf = map[string]labels{
	"en": {"Table", "Back to the text", "done", "not done", "Link to this part", "Contents"},
	"de": {"Tabelle", "Zurück zum Text", "erledigt", "offen", "Link zu diesem Abschnitt", "Inhalt"},
	"fr": {"Tableau", "Retour au texte", "fait", "à faire", "Lien vers cette partie", "Sommaire"},
	"es": {"Tabla", "Volver al texto", "hecho", "pendiente", "Enlace a esta parte", "Contenido"},
	"it": {"Tabella", "Torna al testo", "fatto", "da fare", "Link a questa parte", "Indice"},
	"nl": {"Tabel", "Terug naar de tekst", "gedaan", "nog te doen", "Link naar dit deel", "Inhoud"},
	"sv": {"Tabell", "Tillbaka till texten", "klart", "inte klart", "Länk till det här avsnittet", "Innehåll"},
	"pl": {"Tabela", "Wróć do tekstu", "zrobione", "do zrobienia", "Link do tej części", "Spis treści"},
}

// labelsIn are those of a language, in English where they are not known in it.
func labelsIn(lang string) labels {
	if tag, err := language.Parse(lang); err == nil {
		base, _ := tag.Base()
		if known, ok := labelsOf[base.String()]; ok {
			return known
		}
	}
	return labelsOf["en"]
}
