package posts

import "sync"

// paletteBytes bounds what each half of a palette holds.
const paletteBytes = 256 << 10

// palette remembers code that was coloured. A text is drawn anew at every pause of
// who types it, and then to be saved, while most of its code stays as it was; to
// find its colours takes longer than all else. The zero palette is empty.
type palette struct {
	mu         sync.Mutex
	young, old map[block]string // the HTML; what is asked for stays young
	bytes      int              // in young
}

// block is code in a language.
type block struct{ language, code string }

func (p *palette) find(language, code string) (html string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := block{language, code}
	if html, ok = p.young[b]; ok {
		return html, true
	}
	if html, ok = p.old[b]; ok {
		p.add(b, html)
	}
	return html, ok
}

func (p *palette) keep(language, code, html string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(block{language, code}, html)
}

// add makes room, if it must, by forgetting what nobody asked for since it was last
// made.
func (p *palette) add(b block, html string) {
	size := len(b.language) + len(b.code) + len(html)
	if size > paletteBytes {
		return
	}
	if p.young == nil || p.bytes+size > paletteBytes {
		p.young, p.old, p.bytes = map[block]string{}, p.young, 0
	}
	p.young[b] = html
	p.bytes += size
}
