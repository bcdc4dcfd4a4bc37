package learn

import (
	"bytes"
	"strconv"
	"strings"

	"flowtest/recordings"
)

// unnamed reports whether a body has no name of its own yet.
func unnamed(b *recordings.Body) bool { return b.File == "body.json" || b.File == "body.html" }

// slots are the places of a hop's own bodies, with the ends of their names.
func slots(h *recordings.Hop) []slot {
	r := &h.Response
	return []slot{{&r.JSON, ".json"}, {&r.Detailed, ".detailed.json"}, {&r.HTML, ".html"}}
}

type slot struct {
	body **recordings.Body
	ext  string
}

// settle gives each text a file of its own: hops that shared one may be
// answered differently now.
func (d *drawing) settle() {
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
		for _, s := range slots(h) {
			b := *s.body
			if b == nil {
				continue
			}
			other, known := text[b.File]
			if unnamed(b) || known && !bytes.Equal(other, b.Text) {
				b = b.Rename(free(taken, strings.ToLower(h.Name), s.ext))
				*s.body = b
			}
			text[b.File] = b.Text
		}
	}
}

// free takes a file name that nobody has.
func free(taken map[string]bool, base, ext string) string {
	name := base + ext
	for n := 2; taken[name]; n++ {
		name = base + "-" + strconv.Itoa(n) + ext
	}
	taken[name] = true
	return name
}
