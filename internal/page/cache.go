package page

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"
)

// Generations tells the cache what has changed. A generation is a number with a
// name; it moves when the thing of that name changes, and never back.
//
// A number must move after the change can be read and before whoever made the
// change is told so: moved earlier, an old page would be kept under a new number.
type Generations interface {
	// Generations gives the numbers of names, in their order.
	Generations(ctx context.Context, names ...string) ([]uint64, error)
	// Touches gives a number that moves whenever any of the others does.
	Touches(ctx context.Context) (uint64, error)
}

// A Maker makes the answer to a request that the cache cannot answer. It must read
// what the answer depends on afresh, and use nothing of the one who asks.
type Maker func(ctx context.Context) (*Answer, error)

// patience is how long the making of a page may take. It does not end with the
// request that began it, because others may be waiting for the same page.
const patience = 15 * time.Second

// publicCaching lets browsers and proxies keep a page, but ask before each use.
const publicCaching = "no-cache"

// privateCaching keeps an answer out of every cache.
const privateCaching = "private, no-store"

// Cache keeps whole answers for visitors who are not logged in, each compressed, and
// plain where somebody takes it so, found by a key before anything is asked of the
// database but the numbers of the generations.
type Cache struct {
	generations Generations
	shelf       *shelf
	flights     flights
	gzip        gzipper
	brotli      chan *brotli.Writer // one page at a time is pressed
	now         func() time.Time

	hits, misses atomic.Uint64
}

// NewCache makes an empty cache that holds at most maxBytes.
func NewCache(generations Generations, maxBytes int64) *Cache {
	c := &Cache{
		generations: generations,
		shelf:       newShelf(maxBytes),
		brotli:      make(chan *brotli.Writer, 1),
		now:         time.Now,
	}
	c.brotli <- newBrotli(brotliPage)
	return c
}

// Serve answers with the page kept under key, or makes it. The key is the
// canonical path and whatever else changes the page: not the query as it came, and
// nothing that a client could vary to reach maker at will. What a client says of
// caching is not heard.
func (c *Cache) Serve(w http.ResponseWriter, r *http.Request, key string, maker Maker) error {
	if c.Kept(w, r, key) {
		return nil
	}
	c.misses.Add(1)
	p, err := c.fly(r.Context(), key, maker)
	if err != nil {
		return err
	}
	c.send(w, r, p)
	return nil
}

// Kept answers with the page kept under key, if there is one that nothing has
// outdated. It reports whether it did.
func (c *Cache) Kept(w http.ResponseWriter, r *http.Request, key string) bool {
	p, err := c.fresh(r.Context(), key)
	if err != nil || p == nil {
		return false // what is wrong shows when the page is made
	}
	c.hits.Add(1)
	c.press(p, r.Header)
	c.send(w, r, p)
	return true
}

// send answers with a page, whose plain bytes are made again for a client that takes no
// others, and stay then.
func (c *Cache) send(w http.ResponseWriter, r *http.Request, p *kept) {
	wanted := accepted(r.Header)
	if made := p.forms.Load(); r.Method != http.MethodHead && made.folded() && made.choose(wanted) == made[identity] {
		c.shelf.grow(p, int64(p.unfold()))
	}
	p.sendTo(w, r, wanted)
}

// Write answers with what is for this visitor only. It is compressed and tagged,
// but not kept: here, and unless the answer says otherwise anywhere else.
func (c *Cache) Write(w http.ResponseWriter, r *http.Request, a *Answer) {
	answer := newReady(a, privateCaching)
	if accepted(r.Header)[gzipEncoding] > 0 {
		c.addGzip(answer)
	}
	answer.send(w, r)
}

// Stats are figures about the cache, for those who watch over the site.
type Stats struct {
	Hits, Misses uint64
	Pages        int
	Bytes        int64
}

// Stats gives the figures of this moment.
func (c *Cache) Stats() Stats {
	pages, bytes := c.shelf.figures()
	return Stats{Hits: c.hits.Load(), Misses: c.misses.Load(), Pages: pages, Bytes: bytes}
}

// kept is a page on the shelf.
type kept struct {
	*ready
	key     string
	names   []string
	numbers []uint64
	until   time.Time
	stood   atomic.Uint64 // the count of all changes at which its numbers stood last
	pressed atomic.Bool   // brotli is made, being made, or not worth it

	used atomic.Bool // since the clock's hand last passed
	size int64       // guarded by the shelf, as is slot
	slot int
}

// fresh gives the page under key if nothing has outdated it.
func (c *Cache) fresh(ctx context.Context, key string) (*kept, error) {
	p := c.shelf.page(key)
	if p == nil || !p.until.IsZero() && !c.now().Before(p.until) {
		return nil, nil
	}
	touches, err := c.generations.Touches(ctx) // before the numbers, so that a later change is seen next time
	if err != nil {
		return nil, fmt.Errorf("read generations: %w", err)
	}
	if touches == p.stood.Load() && touches > 0 {
		return p, nil
	}
	numbers, err := c.generations.Generations(ctx, p.names...)
	if err != nil {
		return nil, fmt.Errorf("read generations: %w", err)
	}
	if !slices.Equal(numbers, p.numbers) {
		return nil, nil
	}
	p.stood.Store(touches)
	return p, nil
}

// produce makes the page, and keeps it if nothing it depends on has moved since
// before it was made.
func (c *Cache) produce(ctx context.Context, key string, maker Maker) (*kept, error) {
	before, err := c.readBefore(ctx, key)
	if err != nil {
		return nil, err
	}
	answer, err := maker(ctx)
	if err != nil {
		c.shelf.remove(key)
		return nil, err
	}
	p := &kept{ready: newReady(answer, publicCaching), key: key, names: answer.DependsOn, until: answer.Until}
	p.size = c.weight(p) + int64(c.addGzip(p.ready))
	p.pressed.Store(!worthwhile(p.contentType, len(answer.Body)))

	if !answer.keepable() {
		c.shelf.remove(key)
		return p, nil
	}
	settled, err := c.settled(ctx, before, p)
	if err != nil {
		return nil, err
	}
	if !settled {
		// It may be old already and is never served again. But its names stay, so
		// that the numbers of the next one can be read before that is made.
		p.numbers = nil
	}
	p.size -= int64(p.fold())
	c.shelf.put(p)
	return p, nil
}

// reading is what the generations said at one time.
type reading struct {
	touches uint64
	names   []string
	numbers []uint64
}

// readBefore reads what can be known before a page is made: how often anything
// was touched, and the numbers that the last page of that key depended on.
func (c *Cache) readBefore(ctx context.Context, key string) (got reading, err error) {
	if got.touches, err = c.generations.Touches(ctx); err != nil {
		return got, fmt.Errorf("read generations: %w", err)
	}
	if last := c.shelf.page(key); last != nil {
		got.names = last.names
	}
	if got.numbers, err = c.generations.Generations(ctx, got.names...); err != nil {
		return got, fmt.Errorf("read generations: %w", err)
	}
	return got, nil
}

// settled fills in the numbers of p and tells whether they are the ones from
// before it was made. That is so if nothing at all was touched meanwhile, or if
// each number was read before too and still stands.
func (c *Cache) settled(ctx context.Context, before reading, p *kept) (bool, error) {
	numbers, err := c.generations.Generations(ctx, p.names...)
	if err != nil {
		return false, fmt.Errorf("read generations: %w", err)
	}
	touches, err := c.generations.Touches(ctx)
	if err != nil {
		return false, fmt.Errorf("read generations: %w", err)
	}
	p.numbers = numbers
	if touches == before.touches {
		return true, nil
	}
	for i, name := range p.names {
		at := slices.Index(before.names, name)
		if at < 0 || before.numbers[at] != numbers[i] {
			return false, nil
		}
	}
	return true, nil
}

// addGzip makes the compressed form that most clients take, and returns its size.
func (c *Cache) addGzip(r *ready) int {
	if !worthwhile(r.contentType, len(r.plain())) {
		return 0
	}
	return r.add(gzipEncoding, c.gzip.compress(r.plain()))
}

// press makes the brotli form of a page that was asked for again, beside the
// request. If another page is being pressed, a later hit will see to it.
func (c *Cache) press(p *kept, h http.Header) {
	if p.pressed.Load() || accepted(h)[brotliEncoding] == 0 {
		return
	}
	select {
	case w := <-c.brotli:
		if p.pressed.Swap(true) {
			c.brotli <- w
			return
		}
		go func() {
			size := p.add(brotliEncoding, brotliBytes(w, p.plain()))
			c.brotli <- w
			c.shelf.grow(p, int64(size))
		}()
	default:
	}
}

// weight is what a page takes beside its compressed forms, its headers guessed.
func (c *Cache) weight(p *kept) int64 {
	const headers = 1 << 10
	return int64(len(p.forms.Load()[identity].body)+len(p.key)) + headers
}
