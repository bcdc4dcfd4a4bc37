// Package secret keeps secrets from being printed: a [Value] prints as [redacted]
// however it is formatted, and a [Redactor] removes known values from any text. It does
// not know flows or files.
//
// [New] makes a value. [Redactor.Add] adds a secret, and [Redactor.Redact] removes all of them
// from a text.
package secret

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Constants of redaction.
const (
	// Redacted replaces a secret.
	Redacted = "[redacted]"

	// Long is the least length of a secret that is replaced wherever it appears. A
	// shorter one is replaced only where it is a whole value, because it could be a
	// part of any word.
	Long = 8
)

// A Value is a string that no formatting verb, encoder or logger prints. The
// zero value is the empty, absent secret and prints as an empty string.
type Value struct {
	// A pointer, because fmt does not call the methods of a value in an unexported
	// field. It can then show only an address.
	s *string
}

// New returns a secret value of s.
func New(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{&s}
}

// Reveal returns the secret itself, for the one place that sends it.
func (v Value) Reveal() string {
	if v.s == nil {
		return ""
	}
	return *v.s
}

// String implements [fmt.Stringer].
func (v Value) String() string {
	if v.s == nil {
		return ""
	}
	return Redacted
}

// Format implements [fmt.Formatter], so that no verb reaches the fields.
func (v Value) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte(v.String())) // a fmt.State does not say what to do about it
}

// MarshalText implements [encoding.TextMarshaler].
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// LogValue implements [slog.LogValuer].
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }

// ordinary are words of the protocol and of flowtest itself, in small letters.
// As a password they hide nothing, and without them nothing can be read.
var ordinary = map[string]bool{
	"password": true, "username": true, "passcode": true, "password_verify": true, "verifypassword": true,
	"newpassword": true, "currentpassword": true, "completed": true, "continue": true, "submit_button": true,
	"redacted": true, Redacted: true, "flowtest": true, "interactionid": true, "interactiontoken": true,
	"davinci": true, "pingone": true, "authorize": true, "undefined": true, "deprecated": true,
}

// longestOrdinary is how many bytes the longest of them has.
var longestOrdinary = func() (n int) {
	for word := range ordinary {
		n = max(n, len(word))
	}
	return n
}()

// A Redactor replaces the secrets that were added to it by [Redacted]. It finds
// them in every encoding that it can decode, also where one is in another:
// percent, HTML, the escape sequences of JSON and of programming languages,
// quoted-printable, Base64 and hexadecimal digits; of a secret of several lines
// it finds each line. The zero value has no secrets. Several goroutines may use
// it at once.
//
// A secret of [Long] characters or more is replaced wherever it appears. A
// shorter one is replaced where it is a whole value: a string or number of
// JSON, a value of a form, a query or a cookie, a cell of a table, a quoted
// text, or all of the text. Words of the protocol, such as password, are never
// replaced.
type Redactor struct {
	// Parent has more secrets. A scenario's redactor has the target's as its parent.
	// Optional.
	Parent *Redactor

	mu     sync.Mutex
	values []string
	later  []func() []string
	ready  atomic.Pointer[finder] // for all values, nil after a new one
}

// Add adds secrets. It ignores empty ones.
func (r *Redactor) Add(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(values)
}

func (r *Redactor) add(values []string) {
	for _, v := range values {
		if v != "" && (len(r.values) == 0 || r.values[len(r.values)-1] != v) {
			r.values = append(r.values, v)
			r.ready.Store(nil)
		}
	}
}

// AddLater adds the secrets that source returns. It calls source once, when a text is
// first redacted: most journeys never print their answers.
func (r *Redactor) AddLater(source func() []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.later = append(r.later, source)
	r.ready.Store(nil)
}

// Redact returns text without the secrets of r and its parents. JSON stays JSON.
func (r *Redactor) Redact(text string) string {
	return redacted(text, r.search(text), true)
}

// RedactWords returns a text that a person or flowtest wrote, without the secrets of
// [Long] characters or more. It leaves shorter ones.
func (r *Redactor) RedactWords(text string) string {
	return redacted(text, r.search(text), false)
}

// A Found is the place of a secret in a text.
type Found struct {
	From, To int    // in bytes
	Secret   string // as it was added
	Inside   bool   // it is inside Base64 or hexadecimal digits
}

// Find returns the places of all secrets, sorted by their beginnings, the longest
// first. It finds a secret shorter than [Long] only without a letter or digit beside
// it.
func (r *Redactor) Find(text string) []Found {
	s := r.search(text)
	if s == nil {
		return nil
	}
	defer s.free()
	var out []Found
	for i := range s.found {
		if m := &s.found[i]; !m.form.short || apart(text, m) {
			out = append(out, Found{m.from, m.to, m.form.value, m.hidden})
		}
	}
	slices.SortFunc(out, func(a, b Found) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To)) })
	return out
}

// search looks for all secrets in a text. It returns nil if none is there.
func (r *Redactor) search(text string) *search {
	if text == "" {
		return nil
	}
	var chain [3]*finder // a scenario's, its target's, and one more
	finders := chain[:0]
	for ; r != nil; r = r.Parent {
		if f := r.finder(); !f.empty() {
			finders = append(finders, f)
		}
	}
	if len(finders) == 0 {
		return nil
	}
	s := newSearch(finders, text, 0)
	s.run()
	if len(s.found) == 0 {
		s.free()
		return nil
	}
	return s
}

// finder returns what finds the secrets of r itself.
func (r *Redactor) finder() *finder {
	if f := r.ready.Load(); f != nil {
		return f
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	later := r.later
	r.later = nil
	for _, source := range later {
		r.add(source())
	}
	f := r.ready.Load()
	if f == nil {
		f = newFinder(r.values)
		r.ready.Store(f)
	}
	return f
}

// redacted replaces what was found, of short secrets those that are whole values
// or none. Places that overlap are replaced as one.
func redacted(text string, s *search, short bool) string {
	if s == nil {
		return text
	}
	defer s.free()
	inJSON := isJSON(text)
	places := slices.DeleteFunc(s.found, func(m match) bool {
		return m.form.short && (!short || !whole(text, &m, inJSON))
	})
	slices.SortFunc(places, func(a, b match) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	kept := 0
	for i := 0; i < len(places); {
		from, to := places[i].from, places[i].to
		for i++; i < len(places) && places[i].from < to; i++ {
			to = max(to, places[i].to)
		}
		b.WriteString(text[kept:from])
		if inJSON && isNumber(text, from, to) {
			b.WriteString(`"` + Redacted + `"`)
		} else {
			b.WriteString(Redacted)
		}
		kept = to
	}
	if kept == 0 {
		return text
	}
	b.WriteString(text[kept:])
	return b.String()
}
