package micropub

import (
	"cmp"
	"context"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// queries are what can be asked for by GET, in the order in which they are told.
var queries = []string{"config", "source", "syndicate-to", "category", "post-types", "channel"}

// editing are the scopes of which one is needed to see a post as it is edited,
// drafts among them.
const editing = "create update delete undelete"

// query answers a GET (Micropub, section 3.7).
func (h *handler) query(w http.ResponseWriter, r *http.Request) error {
	token, err := headerToken(r)
	if err != nil {
		return err
	}
	asked := r.URL.Query()
	q, scope := asked.Get("q"), ""
	if q == "source" {
		scope = editing
	}
	ctx, err := h.authorize(r.Context(), token, scope)
	if err != nil {
		return err
	}
	body, err := h.reply(ctx, q, asked)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, body)
	return nil
}

// reply is the answer to a query.
func (h *handler) reply(ctx context.Context, q string, asked url.Values) (any, error) {
	none := []string{} // there is one channel
	switch q {
	case "config":
		targets, err := h.targets(ctx)
		config := map[string]any{"q": queries, "syndicate-to": targets, "post-types": h.service.Types}
		maps.Copy(config, h.service.Config)
		return config, err
	case "source":
		return h.source(ctx, asked)
	case "syndicate-to":
		targets, err := h.targets(ctx)
		if err != nil {
			return nil, err
		}
		return part("syndicate-to", targets, asked)
	case "category":
		list, err := h.service.Categories(ctx, cmp.Or(asked.Get("filter"), asked.Get("search")))
		if err != nil {
			return nil, err
		}
		return part("categories", append(none, list...), asked)
	case "post-types":
		return part("post-types", h.service.Types, asked)
	case "channel":
		return map[string]any{"channels": none}, nil
	case "":
		return nil, Invalid("The parameter q is missing. It can be %s.", strings.Join(queries, ", "))
	}
	return nil, Invalid("The query q=%s is not supported here. It can be %s.", shorten(q), strings.Join(queries, ", "))
}

// part is as much of a list as was asked for.
func part[T any](name string, list []T, asked url.Values) (map[string]any, error) {
	skip, err := number(asked.Get("offset"), "offset", 0, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	limit, err := number(asked.Get("limit"), "limit", len(list), 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	list = list[min(skip, len(list)):]
	return map[string]any{name: list[:min(limit, len(list))]}, nil
}

// targets are the places to which a post can be copied, an empty list for none.
func (h *handler) targets(ctx context.Context) ([]Target, error) {
	if h.service.Targets == nil {
		return []Target{}, nil
	}
	list, err := h.service.Targets(ctx)
	return append([]Target{}, list...), err
}

// source is one post, or a page of posts. With properties named, only those are
// given, and of one post without its type (Micropub, section 3.7.3).
func (h *handler) source(ctx context.Context, asked url.Values) (any, error) {
	wanted := append(asked["properties"], asked["properties[]"]...)
	if address := asked.Get("url"); address != "" {
		item, err := h.service.Source(ctx, address)
		if err != nil || len(wanted) == 0 {
			return item, err
		}
		return map[string]any{"properties": item.Properties.only(wanted)}, nil
	}
	listing, err := readListing(asked)
	if err != nil {
		return nil, err
	}
	items, after, err := h.service.List(ctx, listing)
	if err != nil {
		return nil, err
	}
	page := map[string]any{"items": append([]Item{}, items...)}
	if len(wanted) > 0 {
		for n := range items {
			page["items"].([]Item)[n].Properties = items[n].Properties.only(wanted)
		}
	}
	if after != "" {
		page["paging"] = map[string]string{"after": after}
	}
	return page, nil
}

// mostItems bounds a page of posts.
const mostItems = 100

func readListing(asked url.Values) (Listing, error) {
	l := Listing{Kind: asked.Get("post-type"), After: asked.Get("after")}
	if limit := asked.Get("limit"); limit != "" {
		n, err := strconv.Atoi(limit)
		if err != nil || n < 1 || n > mostItems {
			return l, Invalid("limit must be a number from 1 to %d.", mostItems)
		}
		l.Limit = n
	}
	return l, nil
}

// only are the properties with these names.
func (p Properties) only(names []string) Properties {
	some := Properties{}
	for name, values := range p {
		if slices.Contains(names, name) {
			some[name] = values
		}
	}
	return some
}
