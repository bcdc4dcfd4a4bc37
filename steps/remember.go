package steps

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// remembered begins the names of remembered values.
const remembered = "remembered"

func memories(v *vocabulary) {
	v.area = "What a scenario remembers"
	v.When(`^I remember "((?:[^"\\]|\\.)*)" as "([^"]*)"$`, rememberPath,
		"Remembers the value at a gjson path of the response. Later sentences have it as ${remembered.NAME}; in a "+
			"table without quotes it is the number or the list that it was.",
		`When I remember "interactionId" as "id"`, path, MemoryName)
	v.When(`^I remember the cookie "([^"]*)" as "([^"]*)"$`, rememberCookie,
		"Remembers the value of the cookie of that name that was set last.",
		`When I remember the cookie "ST" as "session"`, cookie, MemoryName)
	v.When(`^I remember the header "([^"]*)" as "([^"]*)"$`, rememberHeader,
		"Remembers the value of a header of the response.",
		`When I remember the header "Content-Type" as "type"`, answered, MemoryName)
}

// A memory is a remembered value.
type memory struct{ text, json string }

// memoryName is how a value may be called.
var memoryName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[\p{L}\p{N}_][\p{L}\p{N}._ -]*$`)
})

// Remember keeps a value for ${remembered.NAME}, as a sentence of one's own may do. The
// error says which names there cannot be.
func (w *World) Remember(name, value string) error {
	quoted, err := quoteJSON(value)
	if err != nil {
		return err
	}
	return w.keep(name, memory{value, quoted})
}

func (w *World) keep(name string, m memory) error {
	if !memoryName().MatchString(name) {
		return fmt.Errorf("%q is no name for a value, want one of letters, digits, spaces and ._-", name)
	}
	if w.memories == nil {
		w.memories = map[string]memory{}
	}
	w.memories[name] = m
	return nil
}

// recall returns a remembered value.
func (w *World) recall(name string) (string, error) {
	m, ok := w.memories[name]
	if !ok {
		there := "nothing was remembered before"
		if len(w.memories) > 0 {
			there = "there are " + words.List(slices.Sorted(maps.Keys(w.memories)), 0)
		}
		return "", fmt.Errorf("${%s}: no value was remembered by this name, %s", quotable(remembered+"."+name), there)
	}
	return m.text, nil
}

// rememberedJSON returns the value as it was where a text is nothing but its reference.
func (w *World) rememberedJSON(written string) (string, bool) {
	pieces, closed := words.Pieces(written)
	if !closed || len(pieces) != 1 || !pieces[0].Ref {
		return "", false
	}
	name, is := strings.CutPrefix(pieces[0].Text, remembered+".")
	m, ok := w.memories[name]
	return m.json, is && ok
}

func rememberPath(w *World, p, name string) error {
	got, err := found(w, p)
	if err != nil {
		return err
	}
	raw := got.Raw
	if !gjson.Valid(raw) { // as a modifier of a path may make it
		return w.Remember(name, got.String())
	}
	return w.keep(name, memory{got.String(), raw})
}

func rememberCookie(w *World, cookie, name string) error {
	for _, hop := range slices.Backward(w.Hops()) {
		for _, set := range slices.Backward(hop.Header["Set-Cookie"]) {
			if c, err := davinci.ParseSetCookie(set); err == nil && c.Name == cookie {
				return w.Remember(name, c.Value)
			}
		}
	}
	return rejected(w, "no response set the cookie %q", cookie)
}

func rememberHeader(w *World, header, name string) error {
	h := w.Journey.Last().Header
	if len(h.Values(header)) == 0 {
		return rejected(w, "the response has no header %q, it has %s", header,
			words.List(slices.Sorted(maps.Keys(h)), 0))
	}
	return w.Remember(name, strings.Join(h.Values(header), ", "))
}
