package learn

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// A finisher removes, names and orders hops after all journeys are merged.
type finisher struct{ *merge }

// distinguish makes the text of fields part of a request where only it explains two
// different answers, and reports whether there was such a field.
func (l *learner) distinguish(c conflict) bool {
	screen, found := screenKey(c.s.from), false
	mark := func(key string) {
		f := field{screen, key}
		found = found || !l.distinct[f]
		l.distinct[f] = true
	}
	if c.order || l.asked[c.s.x.Hop] != nil {
		return false
	}
	if (clients{l}).distinguish(&c) {
		return true
	}
	if c.s.starts {
		return false
	}
	if c.s.EventType == "action" {
		mark(c.s.Action)
	}
	form := c.s.request.FormData()
	for _, key := range sorted(form) {
		if form[key] == anything && !(inputReader{l}).input(c.s, key).secret {
			mark(key)
		}
	}
	return found
}

// ambiguous returns what causes a remaining conflict: an unknown value, or a service that
// answered the same request in two ways.
func (l *learner) ambiguous(c *conflict) error {
	if c.order {
		return nil
	}
	var fields []string
	form := c.s.request.FormData()
	for _, key := range sorted(form) {
		if form[key] == anything && l.asked[c.s.x.Hop] == nil {
			fields = append(fields, key)
		}
	}
	screen := "at the start"
	if c.s.from != nil {
		screen = strconv.Quote(title(c.s.from.named()))
	}
	answers := []string{c.hop.Name, nameOf(c.s, nil)}
	if len(fields) > 0 {
		return &AmbiguousError{Screen: screen, Action: c.s.Action, Fields: fields, Answers: answers}
	}
	if c.first != nil && len(typedOtherwise(c.first, c.s)) > 0 {
		return nil // there is a warning for it
	}
	before := "before"
	if c.first != nil {
		before = "at " + c.first.where()
	}
	l.unsure(c.s.where(), "the same request was answered %s with %s and now with %s: the first is kept",
		before, answers[0], answers[1])
	return nil
}

// prune removes the hops that can no longer be reached. A screen that is still shown, but whose
// hop is gone, moves to a hop that shows it.
func (d finisher) prune() {
	d.l.result.Removed = nil
	reached := d.reached()
	for moved := true; moved; {
		moved = false
		for _, h := range d.flow.Hops {
			if s := h.To; s != nil && reached[h] && !reached[s] {
				d.move(s, h)
				moved = true
			}
		}
		reached = d.reached()
	}
	gone := func(h *recordings.Hop) bool { return !reached[h] }
	for _, h := range d.flow.Hops {
		if gone(h) {
			d.l.result.Removed = append(d.l.result.Removed, h.Name)
			continue
		}
		h.From = slices.DeleteFunc(h.From, func(s *recordings.Hop) bool { return !reached[s] || !d.pauses(s) })
	}
	d.flow.Hops = slices.DeleteFunc(d.flow.Hops, gone)
}

// reached returns the hops that can be reached from a start.
func (d finisher) reached() map[*recordings.Hop]bool {
	reached := map[*recordings.Hop]bool{}
	for changed := true; changed; {
		changed = false
		for _, h := range d.flow.Hops {
			way := func(s *recordings.Hop) bool { return reached[s] && d.pauses(s) }
			if !reached[h] && (h.Starts() || slices.ContainsFunc(h.From, way)) {
				reached[h], changed = true, true
			}
		}
	}
	return reached
}

// move makes h hold the screen that s held.
func (d finisher) move(s, h *recordings.Hop) {
	h.To, h.Response = nil, s.Response
	for _, o := range d.flow.Hops {
		if o.To == s {
			o.To = h
		}
		for i := range o.From {
			if o.From[i] == s {
				o.From[i] = h
			}
		}
	}
}

func (d finisher) pauses(h *recordings.Hop) bool { return h.Screen() == h }

// finish writes the head of the recording.
func (d finisher) finish() {
	if d.l.o.Policy != "" {
		d.l.policy = d.l.o.Policy
	}
	d.flow.Policy = cmp.Or(d.l.policy, d.flow.Policy)
	if asked := d.l.o.Asked; asked != nil {
		d.flow.Client = cmp.Or(d.flow.Client, asked.Client)
	}
	d.flow.Meta = d.l.meta()
	d.flow.Dir = ""
	d.settle()
	for _, h := range d.flow.Hops {
		h.Line = 0
	}
}

// unnamed reports whether a body has no name of its own yet.
func unnamed(b *recordings.Body) bool { return b.File == "body.json" || b.File == "body.html" }

// slots returns the bodies of a response, with the suffixes of their file names.
func slots(r *recordings.Response) []slot {
	return []slot{{&r.JSON, ".json"}, {&r.Detailed, ".detailed.json"}, {&r.HTML, ".html"}}
}

type slot struct {
	body **recordings.Body
	ext  string
}

// settle gives each text a file of its own: hops that shared a file may have different
// answers now.
func (d finisher) settle() {
	taken, text := map[string]bool{}, map[string][]byte{}
	for _, h := range d.flow.Hops {
		for _, b := range bodies(h) {
			taken[b.File] = true
		}
	}
	for _, h := range d.flow.Hops {
		if h.To != nil {
			continue
		}
		for _, s := range slots(&h.Response) {
			b := *s.body
			if b == nil {
				continue
			}
			other, known := text[b.File]
			if unnamed(b) || known && !bytes.Equal(other, b.Text) {
				b = b.Rename(numbered(strings.ToLower(h.Name), s.ext, func(name string) bool { return taken[name] }))
				taken[b.File] = true
				*s.body = b
			}
			text[b.File] = b.Text
		}
	}
}

// numbered returns base and ext, with a number between them where that is taken.
func numbered(base, ext string, taken func(name string) bool) string {
	name := base + ext
	for n := 2; taken(name); n++ {
		name = base + "-" + strconv.Itoa(n) + ext
	}
	return name
}

// Verify reads the files of a written recording again and looks for secrets in
// all their encodings. Its error names every place, and never a value: the
// files must not be kept then.
func Verify(fsys fs.FS, secrets []string) error {
	f := newFinder(secrets)
	var found []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if f.in(name) {
			found = append(found, path.Dir(name)+"/…:0")
		}
		before := len(found)
		for i, line := range strings.Split(string(text), "\n") {
			if f.in(line) {
				found = append(found, fmt.Sprintf("%s:%d", name, i+1))
			}
		}
		if len(found) == before && f.in(string(text)) {
			found = append(found, name+":1") // it goes over several lines
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what was written: %w", err)
	}
	if len(found) > 0 {
		return fmt.Errorf("a secret is left at %s: the files must not be kept", strings.Join(found, ", "))
	}
	return nil
}

// collect notes the secrets in the places of a request and its response where the protocol
// has them: cookies and the Authorization header.
func (l reader) collect(x *davinci.Exchange) {
	for _, c := range x.SetCookies() {
		l.cookies = append(l.cookies, c.Value)
	}
	for _, line := range x.Header.Values("Cookie") {
		for pair := range strings.SplitSeq(line, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			if name != handleID {
				l.cookies = append(l.cookies, value)
			}
		}
	}
	kind, value, _ := strings.Cut(x.Header.Get("Authorization"), " ")
	if value != "" {
		l.tokens = append(l.tokens, value)
	}
	if plain, err := base64.StdEncoding.DecodeString(value); err == nil && strings.EqualFold(kind, "Basic") {
		if _, password, ok := strings.Cut(string(plain), ":"); ok {
			l.tokens = append(l.tokens, password)
		}
	}
	if path.Base(x.URL.Path) == "token" && bytes.HasPrefix(bytes.TrimSpace(x.Response), []byte("{")) {
		for _, name := range []string{"access_token", "id_token", "refresh_token"} {
			l.tokens = append(l.tokens, gjson.GetBytes(x.Response, name).String())
		}
	}
}
