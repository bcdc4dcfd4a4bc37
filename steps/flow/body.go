package flow

import (
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// top is what stands at the top of a response, which is read once for all that
// a hop is judged by.
type top struct {
	valid      bool   // the body is a JSON object
	text       string // of a valid one
	properties []property
	cookies    []*http.Cookie
}

type property struct {
	name  string
	value gjson.Result
}

// body returns the hop's top, read when it is first asked for.
func (h *Hop) body() *top {
	if h.top != nil {
		return h.top
	}
	h.top = &top{cookies: setCookies(h.Header)}
	if !h.isJSON() || !gjson.ValidBytes(h.Body) {
		return h.top
	}
	const usual = 18 // properties of a screen or an end
	h.top.valid, h.top.text, h.top.properties = true, string(h.Body), make([]property, 0, usual)
	gjson.Parse(h.top.text).ForEach(func(name, value gjson.Result) bool {
		h.top.properties = append(h.top.properties, property{name.Str, value})
		return true
	})
	return h.top
}

// setCookies reads the cookies that a response sets.
func setCookies(header http.Header) []*http.Cookie {
	var out []*http.Cookie
	for _, line := range header["Set-Cookie"] {
		if c, err := http.ParseSetCookie(strings.TrimSpace(line)); err == nil {
			out = append(out, c)
		}
	}
	return out
}

// get returns the first value with a name, which may not exist.
func (t *top) get(name string) gjson.Result {
	for i := range t.properties {
		if p := &t.properties[i]; p.name == name {
			return p.value
		}
	}
	return gjson.Result{}
}

// find returns the first value at a path, names with dots between them: of a
// name that stands there twice the first that holds the rest of the path.
func (t *top) find(path string) gjson.Result {
	name, rest, deep := strings.Cut(path, ".")
	if !deep {
		return t.get(name)
	}
	for i := range t.properties {
		// Not a string: gjson would look at the text in it.
		if p := &t.properties[i]; p.name == name && p.value.Type == gjson.JSON {
			if v := p.value.Get(rest); v.Exists() {
				return v
			}
		}
	}
	return gjson.Result{}
}

// secrets returns what came back that nobody may see.
func (h *Hop) secrets() []string {
	b := h.body()
	find := b.find
	if !b.valid { // one that broke off, and a page with an object in it, hold secrets too
		find = func(path string) gjson.Result { return gjson.GetBytes(h.Body, path) }
	}
	var out []string
	for _, path := range davinci.SecretPaths() {
		if v := find(path); v.Type == gjson.String {
			out = append(out, v.Str)
		}
	}
	for _, c := range b.cookies {
		if c.Name != "interactionId" {
			out = append(out, c.Value)
		}
	}
	return out
}
