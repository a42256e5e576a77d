package page

import "sync"

// largestShare is the part of the shelf that one page may take: a few huge pages
// must not drive out all others.
const largestShare = 4

// shelf holds pages up to a number of bytes. When it is full, a hand goes round
// like a clock's: a page that was used since the hand's last visit stays for one
// more round, one that was not goes. So a crawler that reads each old post once
// does not drive out the pages that people read.
type shelf struct {
	mu    sync.RWMutex
	pages map[string]*kept
	ring  []*kept
	hand  int
	bytes int64
	max   int64
}

func newShelf(max int64) *shelf {
	return &shelf{pages: make(map[string]*kept), max: max}
}

// page gives what stands under key, however old it is.
func (s *shelf) page(key string) *kept {
	s.mu.RLock()
	p := s.pages[key]
	s.mu.RUnlock()
	if p != nil && !p.used.Load() {
		p.used.Store(true)
	}
	return p
}

// put places p where the last page of its key stood.
func (s *shelf) put(p *kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.take(s.pages[p.key])
	if p.size > s.max/largestShare {
		return
	}
	p.slot = len(s.ring)
	s.ring = append(s.ring, p)
	s.pages[p.key] = p
	s.bytes += p.size
	s.makeRoom()
}

// grow notes that p, if it still stands here, has become larger.
func (s *shelf) grow(p *kept, by int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pages[p.key] != p {
		return
	}
	p.size += by
	s.bytes += by
	if p.size > s.max/largestShare {
		s.take(p)
	}
	s.makeRoom()
}

func (s *shelf) remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.take(s.pages[key])
}

func (s *shelf) figures() (pages int, bytes int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.ring), s.bytes
}

// makeRoom moves the hand until everything fits. The caller holds the lock.
func (s *shelf) makeRoom() {
	for s.bytes > s.max {
		if s.hand >= len(s.ring) {
			s.hand = 0
		}
		if p := s.ring[s.hand]; p.used.Swap(false) {
			s.hand++
		} else {
			s.take(p)
		}
	}
}

// take removes p; the last of the ring moves to its place. The caller holds the
// lock.
func (s *shelf) take(p *kept) {
	if p == nil {
		return
	}
	last := s.ring[len(s.ring)-1]
	s.ring[p.slot], last.slot = last, p.slot
	s.ring[len(s.ring)-1] = nil
	s.ring = s.ring[:len(s.ring)-1]
	delete(s.pages, p.key)
	s.bytes -= p.size
}
