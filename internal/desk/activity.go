package desk

import (
	"fmt"
	"net/http"
	"net/url"

	"hark/internal/auth"
	"hark/internal/authlog"
)

// activityPage is what desk/activity.html draws.
type activityPage struct {
	accountFrame
	Rows          []happening
	Newest, Older string
	Strangers     string // how many others there were, in a sentence
}

// happening is something that happened to the account, in words.
type happening struct {
	Words, Browser, From string
	When                 when
	Bad                  bool
}

// activity shows what happened to the account of who is signed in.
func (d *Desk) activity(w http.ResponseWriter, r *http.Request) error {
	var p activityPage
	if err := d.fillAccount(r, &p.accountFrame, "activity"); err != nil {
		return err
	}
	before := r.URL.Query().Get("before")
	list, err := d.gate.Activity(r.Context(), p.User.ID, before, perPage+1)
	if err != nil {
		return err
	}
	const path = accountPath + "/activity"
	if before != "" {
		p.Newest = path
	}
	if len(list) > perPage {
		list = list[:perPage]
		p.Older = path + "?" + url.Values{"before": {list[perPage-1].ID}}.Encode()
	}
	for _, one := range list {
		p.Rows = append(p.Rows, d.happening(one))
	}
	if p.User.Role == auth.Owner {
		if p.Strangers, err = d.strangers(r); err != nil {
			return err
		}
	}
	return d.send(w, http.StatusOK, "activity", p)
}

func (d *Desk) strangers(r *http.Request) (string, error) {
	n, err := d.gate.Strangers(r.Context())
	switch {
	case err != nil || n == 0:
		return "", err
	case n == 1:
		return "Besides, one try to sign in came with a name or a token that nobody here has.", nil
	}
	return fmt.Sprintf("Besides, %d tries to sign in came with names or tokens that nobody here has.", n), nil
}

func (d *Desk) happening(a auth.Activity) happening {
	drawn := happening{Words: happened(a), Browser: browser(a.Agent), From: fromWhere(a.Address), When: d.when(a.At)}
	drawn.Bad = a.What == auth.Refused || a.What == auth.TurnedAway
	if a.Agent == "" {
		drawn.Browser = ""
	}
	switch {
	case a.What == auth.RoleChanged || a.What == auth.SwitchedOff || a.What == auth.SwitchedOn:
		drawn.Browser = "by ‘" + a.Agent + "’"
	case a.How == authlog.Token || a.How == authlog.IndieAuth || a.What == auth.TokenMade || a.What == auth.TokenRevoked:
		drawn.Browser = ""
		if a.Agent != "" {
			drawn.Browser = "‘" + a.Agent + "’"
		}
	}
	if a.How == "command" {
		drawn.From = ""
	}
	switch {
	case a.What != auth.Refused:
	case a.Times == 2:
		drawn.Words += ", twice within the hour"
	case a.Times > 2:
		drawn.Words += fmt.Sprintf(", %d times within the hour", a.Times)
	}
	return drawn
}

// happened says what happened, without where.
func happened(a auth.Activity) string {
	type pair struct {
		what auth.What
		how  authlog.Method
	}
	words := map[pair]string{
		{auth.SignedIn, authlog.Password}:        "Signed in by password",
		{auth.SignedIn, authlog.Passkey}:         "Signed in by passkey",
		{auth.SignedIn, authlog.RecoveryCode}:    "Signed in by recovery code",
		{auth.SignedIn, authlog.Reset}:           "Signed in by a link that sets the password",
		{auth.SignedIn, authlog.IndieAuth}:       "Signed in elsewhere by the address of this site",
		{auth.SignedIn, authlog.Token}:           "An app came in",
		{auth.Refused, authlog.Password}:         "A wrong password",
		{auth.Refused, authlog.SecondFactor}:     "A wrong one-time code, after the right password",
		{auth.Refused, authlog.RecoveryCode}:     "A wrong recovery code, after the right password",
		{auth.Refused, authlog.Passkey}:          "A passkey that was refused",
		{auth.Refused, authlog.Token}:            "An app was refused: its token is revoked, has expired or does not allow it",
		{auth.Refused, authlog.IndieAuth}:        "An app was refused: its code or its proof was wrong, or came a second time",
		{auth.TokenMade, authlog.IndieAuth}:      "An app fetched the token that it was allowed",
		{auth.PasswordChanged, authlog.Password}: "A new password",
		{auth.TokenMade, "command"}:              "An app was given a token, on the machine itself",
		{auth.PasswordChanged, "command"}:        "A new password, set on the machine itself",
		{auth.PasswordChanged, authlog.Reset}:    "A new password, chosen by a link",
		{auth.CodesOff, "command"}:               "One-time codes switched off, on the machine itself",
		{auth.RoleChanged, auth.Owner}:           "This is an owner’s account now",
		{auth.RoleChanged, auth.Editor}:          "This is an editor’s account now",
		{auth.RoleChanged, auth.Author}:          "This is an author’s account now",
	}
	if said := words[pair{a.What, a.How}]; said != "" {
		return said
	}
	switch a.What {
	case auth.SignedIn:
		return "Signed in"
	case auth.TurnedAway:
		return "Turned away unread, after too many tries"
	case auth.SignedOut:
		return "Signed out"
	case auth.Ended:
		return "Other sessions were ended"
	case auth.NewBrowser:
		return "A browser came that was not seen before"
	case auth.Unlocked:
		return "Unlocked on the machine itself, after too many tries"
	case auth.TokenMade:
		return "An app was given a token"
	case auth.TokenRevoked:
		return "The token of an app was revoked"
	case auth.PasskeyAdded:
		return "A passkey was added"
	case auth.PasskeyRemoved:
		return "A passkey was removed"
	case auth.CodesOn:
		return "One-time codes switched on"
	case auth.CodesOff:
		return "One-time codes switched off"
	case auth.RecoveryRenewed:
		return "New recovery codes; those before them count no more"
	case auth.SwitchedOff:
		return "The account was switched off"
	case auth.SwitchedOn:
		return "The account was switched on again"
	case auth.PasswordChanged:
		return "A new password"
	}
	return "A try that was refused"
}
