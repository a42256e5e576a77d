package posts

// Status is where a post is on its way.
type Status string

// A post is a draft until it is published, at once or when its time has come; a
// deleted one can be restored.
const (
	Draft     Status = "draft"
	Scheduled Status = "scheduled"
	Published Status = "published"
	Deleted   Status = "deleted"
)

// quoted is the status as it stands in a query. It is no argument there, since SQLite
// compiles a statement anew for each argument that decides whether an index will do.
func (s Status) quoted() string {
	switch s {
	case Draft, Scheduled, Published, Deleted:
		return "'" + string(s) + "'"
	}
	return "''" // no post has another
}

// Visibility says who may see a post once it is published.
type Visibility string

// An unlisted post has a page like any other, and stands in no list, feed or
// count. A private one is only there for those who may change it, and for the readers
// whom it names.
const (
	Public   Visibility = "public"
	Unlisted Visibility = "unlisted"
	Private  Visibility = "private"
)

// Open tells whether everybody may see the post, and other sites may be told of it.
func (p *Post) Open() bool { return p.Status == Published && p.Visibility != Private }

// Listed tells whether the post stands in lists and feeds.
func (p *Post) Listed() bool { return p.Open() && p.listed() }

// WasListed tells whether the post stood in lists and feeds when it was deleted.
func (p *Post) WasListed() bool {
	return p.Status == Deleted && !p.Published.IsZero() && p.Path != "" && p.listed()
}

func (p *Post) listed() bool { return p.Visibility == Public && !p.Apart }
