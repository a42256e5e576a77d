package settings

import "context"

// Readers is what the owner has chosen about readers who show who they are.
type Readers struct {
	Door string // Yes: they can; empty: nobody is asked, and nobody is known
}

// Open tells whether readers can show who they are.
func (r Readers) Open() bool { return r.Door == Yes }

func (r *Readers) fields() map[string]*string { return map[string]*string{"readers": &r.Door} }

func (r *Readers) check() error {
	if r.Door != "" && r.Door != Yes {
		return &Invalid{"readers", "This is chosen or not."}
	}
	return nil
}

// Readers reads what was chosen about readers. The door is shut until it is opened.
func (s *Store) Readers(ctx context.Context) (Readers, error) {
	var readers Readers
	return readers, s.read(ctx, readers.fields())
}

// SaveReaders keeps it as Save does.
func (s *Store) SaveReaders(ctx context.Context, readers Readers) error {
	if err := readers.check(); err != nil {
		return err
	}
	var was Readers
	return s.write(ctx, readers.fields(), was.fields())
}
