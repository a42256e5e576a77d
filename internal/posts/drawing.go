package posts

import (
	"html/template"
	"maps"
	"sync"
)

// drawing is what follows from the words of a post.
type drawing struct {
	html     template.HTML
	hashtags []string
	summary  string
	words    int
}

// lastDrawn remembers the text that was drawn last. The editor shows a text, looks at
// its links and saves it, and a long one takes its time to draw.
type lastDrawn struct {
	mu   sync.Mutex
	text string
	as   As
	drawing
}

// of is the drawing of a text.
func (l *lastDrawn) of(text string, as As, render *Renderer) (d drawing) {
	if d, ok := l.find(text, as); ok {
		return d
	}
	d.html, d.hashtags = render.Render(text, as)
	d.summary, d.words = gist(d.html)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text, l.as, l.drawing = text, as, d
	return d
}

func (l *lastDrawn) find(text string, as As) (drawing, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	same := l.text == text && l.as.Key == as.Key && l.as.Lang == as.Lang && l.as.Raw == as.Raw && maps.Equal(l.as.Authors, as.Authors)
	return l.drawing, same && l.html != ""
}
