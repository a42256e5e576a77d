package auth

import "slices"

// Roles.
const (
	Owner  = "owner"
	Editor = "editor"
	Author = "author"
)

// Roles lists the roles, the one that may do most first.
func Roles() []string { return []string{Owner, Editor, Author} }

// Right is something that a role may do.
type Right string

// The rights.
const (
	Write    Right = "write"     // own posts
	WriteAll Right = "write-all" // everybody's posts
	Decide   Right = "decide"    // in the inbox
	Tell     Right = "tell"      // what is told to others: see it, and have it told again
	Defend   Right = "defend"    // the defence
	Choose   Right = "choose"    // the settings
	Invite   Right = "invite"    // the people
)

// Grant says which roles have a right. docs/accounts.md has the same table.
type Grant struct {
	Right Right
	Words string
	Roles []string
}

// Grants are what each role may do.
func Grants() []Grant {
	return []Grant{
		{Write, "Write; change, delete and restore one’s own posts, and see what was told of them; upload files, and describe and delete one’s own", []string{Owner, Editor, Author}},
		{WriteAll, "Change, delete and restore everybody’s posts; see, describe and delete everybody’s files", []string{Owner, Editor}},
		{Decide, "Decide in the inbox, and make rules", []string{Owner, Editor}},
		{Tell, "See all of the outbox, and have others told again", []string{Owner, Editor}},
		{Defend, "See the defence, ban addresses, change budgets", []string{Owner}},
		{Choose, "Change the settings", []string{Owner}},
		{Invite, "Invite people, change what they may do, switch them off", []string{Owner}},
	}
}

// May reports whether a role has a right.
func May(role string, right Right) bool {
	for _, g := range Grants() {
		if g.Right == right {
			return slices.Contains(g.Roles, role)
		}
	}
	return false
}

// May reports whether somebody has a right; nobody has none.
func (u *User) May(right Right) bool { return u != nil && May(u.Role, right) }

// MayChange reports whether somebody may change the posts of an author.
func (u *User) MayChange(authorID string) bool {
	return u.May(WriteAll) || u.May(Write) && authorID != "" && authorID == u.ID
}
