package page

import "net/http"

// wording is what is said of a status: what a reader sees at the head of the page and beneath it.
type wording struct{ title, text string }

// wordsFor says what happened and what to do, without jargon.
func wordsFor(status int) wording {
	switch status {
	case http.StatusUnauthorized:
		return wording{"Sign in first",
			"This is open only to those who are signed in."}
	case http.StatusForbidden:
		return wording{"This is not open to you",
			"You may not do this from here. If it is your site, sign in and try again."}
	case http.StatusNotFound:
		return wording{"Nothing here by that name",
			"There is no page at this address. It may have been mistyped, or cut short on its way to you."}
	case http.StatusMethodNotAllowed:
		return wording{"That does not work here",
			"This address does not take requests of that kind."}
	case http.StatusConflict:
		return wording{"Somebody else was here",
			"This was changed elsewhere while you were at it. Go back, keep a copy of your words, and load the page again."}
	case http.StatusGone:
		return wording{"This page is gone",
			"There was a page at this address. It was taken down and will not come back."}
	case http.StatusRequestEntityTooLarge:
		return wording{"That is too large",
			"What you sent is larger than this site takes. Make it smaller and send it again."}
	case http.StatusUnsupportedMediaType:
		return wording{"That kind is not taken here",
			"This site does not know what to do with data of that kind."}
	case http.StatusTooManyRequests:
		return wording{"Too many, too fast",
			"More came from your address than this site answers. Wait a minute, then try again."}
	case http.StatusServiceUnavailable:
		return wording{"Busy just now",
			"The site could not answer in time. Try again in a minute."}
	case http.StatusInsufficientStorage:
		return wording{"The disk is full",
			"There is no room to save this. Nothing you typed is lost: go back and it still stands in the form. Make room on the disk, then save again; the site needs no restart."}
	}
	if status < 500 {
		return wording{"That could not be understood",
			"Something in the request was missing or not as it should be. Go back, look over what you entered, and try again."}
	}
	return wording{"Something went wrong here",
		"The fault is on this side, not yours, and has been written down. Try again in a little while."}
}

func headline(status int) string { return wordsFor(status).title }
func sentence(status int) string { return wordsFor(status).text }

// worded is text, or the usual sentence where there is none.
func worded(status int, text string) string {
	if text == "" {
		return sentence(status)
	}
	return text
}
