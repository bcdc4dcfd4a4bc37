package secret

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// A Redactor replaces the secrets that it was told of by [Redacted], in every
// encoding in which they are likely to be met: as they are, in a URL, in JSON,
// in HTML and in Base64. The zero value knows no secret. It may be used by
// several goroutines at once.
type Redactor struct {
	// Parent knows secrets too, and the longest of both goes first. Optional; a
	// scenario's redactor has the target's as its parent.
	Parent *Redactor

	mu     sync.Mutex
	values []string
	later  []func() []string

	forms   []string // the encodings of the first of values
	encoded int      // how many of values are among them
	ready   *finder  // for forms
}

// Add makes values known. Empty ones are passed over: there is nothing to hide.
func (r *Redactor) Add(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(values)
}

func (r *Redactor) add(values []string) {
	for _, v := range values {
		if v != "" {
			r.values = append(r.values, v)
		}
	}
}

// AddLater makes known what source returns when it is first needed: most
// journeys never print what came back to them.
func (r *Redactor) AddLater(source func() []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.later = append(r.later, source)
}

// RedactTyped returns text without the secrets that were added as values, as
// they are and in no other encoding. It is enough for a text that a person
// wrote, and much cheaper than [Redactor.Redact].
func (r *Redactor) RedactTyped(text string) string {
	var held []string
	for ; r != nil; r = r.Parent {
		r.mu.Lock()
		for _, v := range r.values {
			if strings.Contains(text, v) && !slices.Contains(held, v) {
				held = append(held, v)
			}
		}
		r.mu.Unlock()
	}
	switch len(held) {
	case 0:
		return text
	case 1:
		return strings.ReplaceAll(text, held[0], Redacted)
	default:
		return replace(text, newFinder(held))
	}
}

// Redact returns text without any known secret.
func (r *Redactor) Redact(text string) string {
	if r == nil || text == "" {
		return text
	}
	var chain [2]*finder // a scenario's and its target's
	finders := chain[:0]
	for ; r != nil; r = r.Parent {
		if f := r.finder(); f != nil {
			finders = append(finders, f)
		}
	}
	return replace(text, finders...)
}

// finder returns what finds every encoding of what r itself knows, nil where
// that is nothing.
func (r *Redactor) finder() *finder {
	r.mu.Lock()
	defer r.mu.Unlock()
	later := r.later
	r.later = nil
	for _, source := range later {
		r.add(source())
	}
	if r.encoded < len(r.values) {
		for _, v := range r.values[r.encoded:] {
			r.forms = append(r.forms, encodings(v)...)
		}
		r.encoded, r.ready = len(r.values), newFinder(r.forms)
	}
	return r.ready
}

// encodings lists the forms in which v may be met: as it is and encoded, and
// each of these between the quotes of an error text, in JSON or in a page once more.
func encodings(v string) []string {
	forms := append(base64Of(v), v)
	if !strings.ContainsFunc(v, written) {
		return forms // most secrets are minted of letters and digits: they stand everywhere as they are
	}
	plain := jsonInside(v, false)
	forms = append(forms, url.QueryEscape(v), url.PathEscape(v), component(v),
		html.EscapeString(v), htmlNames.Replace(html.EscapeString(v)), htmlHex.Replace(html.EscapeString(v)),
		plain, jsonInside(v, true), strings.ReplaceAll(plain, "/", `\/`), ascii(jsonInside(v, true)), ascii(plain))
	for _, form := range slices.Clone(forms) {
		if !strings.ContainsFunc(form, quotable) {
			continue // it stands between any quotes as it is
		}
		quoted := strconv.Quote(form)
		page := html.EscapeString(form)
		forms = append(forms, quoted[1:len(quoted)-1], jsonInside(form, true), jsonInside(form, false),
			page, htmlNames.Replace(page), htmlHex.Replace(page))
	}
	return forms
}

// quotable reports whether Go, JSON or HTML writes a character in another way.
func quotable(r rune) bool {
	switch r {
	case '"', '\'', '\\', '&', '<', '>':
		return true
	default:
		return r < ' ' || r >= utf8.RuneSelf-1
	}
}

// written reports whether anything writes a character in another way: all but
// those that a URL has no reason to encode.
func written(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
		return false
	default:
		return true
	}
}

// base64Of returns v in Base64, and what of the Base64 of any text that holds v
// is v's alone: there are three ways in which it can lie between the groups of
// three bytes.
func base64Of(v string) (forms []string) {
	const (
		group, letters = 3, 4 // bytes, and the letters that they become
		shortest       = 6    // bytes; Base64 of a shorter secret is a very common piece of text
		least          = 8    // letters; fewer are met by chance
	)
	add := func(form string) {
		forms = append(forms, form)
		if strings.ContainsAny(form, "+/") {
			forms = append(forms, urlLetters.Replace(form))
		}
	}
	text := make([]byte, 0, group+len(v))
	for before := range group {
		text = append(append(text[:0], "\x00\x00"[:before]...), v...)
		encoded := base64.StdEncoding.EncodeToString(text)
		whole := len(text) / group * letters
		first := letters // it shares a group with what stands before it
		if before == 0 {
			first = 0
			if len(v) >= shortest {
				add(encoded)
				add(strings.TrimRight(encoded, "="))
			}
		}
		if whole-first >= least {
			add(encoded[first:whole])
		}
	}
	return forms
}

var urlLetters = strings.NewReplacer("+", "-", "/", "_")

// The other ways to write the quotes of HTML.
var (
	htmlNames = strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;")
	htmlHex   = strings.NewReplacer("&#34;", "&#x22;", "&#39;", "&#x27;")
)

// ascii writes what is not ASCII as JSON's escapes.
func ascii(s string) string {
	quoted := strconv.QuoteToASCII(s)
	if len(quoted) == len(s)+2 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// component returns v as JavaScript's encodeURIComponent writes it.
func component(v string) string {
	return strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").
		Replace(url.QueryEscape(v))
}

// jsonInside returns v as it stands between the quotes of a JSON string.
func jsonInside(v string, escapeHTML bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(escapeHTML)
	if err := e.Encode(v); err != nil {
		return ""
	}
	quoted := strings.TrimSuffix(b.String(), "\n")
	return quoted[1 : len(quoted)-1]
}
