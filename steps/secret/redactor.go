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

	mu      sync.Mutex
	values  []string
	later   []func() []string
	version int // counts what was added

	ready   *strings.Replacer // for every encoding of what is known
	readyAt int               // the version of the whole chain that it was built for
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
			r.version++
		}
	}
}

// AddLater makes known what source returns when it is first needed: most
// journeys never print what came back to them.
func (r *Redactor) AddLater(source func() []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.later = append(r.later, source)
	r.version++
}

// RedactTyped returns text without the secrets that were added as values, as
// they are and in no other encoding. It is enough for a text that a person
// wrote, and much cheaper than [Redactor.Redact].
func (r *Redactor) RedactTyped(text string) string {
	var held []string
	for ; r != nil; r = r.Parent {
		r.mu.Lock()
		for _, v := range r.values {
			if strings.Contains(text, v) {
				held = append(held, v)
			}
		}
		r.mu.Unlock()
	}
	if len(held) == 0 {
		return text
	}
	return replacer(held).Replace(text)
}

// Redact returns text without any known secret.
func (r *Redactor) Redact(text string) string {
	if r == nil || text == "" {
		return text
	}
	known, version := r.known()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ready == nil || r.readyAt != version {
		seen := map[string]bool{}
		var forms []string
		for _, v := range known {
			for _, form := range encodings(v) {
				if form != "" && !seen[form] {
					seen[form] = true
					forms = append(forms, form)
				}
			}
		}
		r.ready, r.readyAt = replacer(forms), version
	}
	return r.ready.Replace(text)
}

// known returns what r and its parents know, and how much was added to them.
func (r *Redactor) known() (values []string, version int) {
	for ; r != nil; r = r.Parent {
		r.mu.Lock()
		later := r.later
		r.later = nil
		for _, source := range later {
			r.add(source())
		}
		values = append(values, r.values...)
		version += r.version
		r.mu.Unlock()
	}
	return values, version
}

// replacer takes the first form that fits, so the longest come first: else a
// secret that begins with another would leave its tail behind.
func replacer(forms []string) *strings.Replacer {
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(forms))
	for _, form := range forms {
		pairs = append(pairs, form, Redacted)
	}
	return strings.NewReplacer(pairs...)
}

// encodings lists the forms in which v may be met: as it is and encoded, and
// each of these between the quotes of an error text, in JSON or in a page once more.
func encodings(v string) []string {
	forms := []string{v}
	if strings.ContainsFunc(v, written) { // most secrets are minted of letters and digits
		plain := jsonInside(v, false)
		forms = append(forms, url.QueryEscape(v), url.PathEscape(v), component(v),
			html.EscapeString(v), htmlNames.Replace(html.EscapeString(v)), htmlHex.Replace(html.EscapeString(v)),
			plain, jsonInside(v, true), strings.ReplaceAll(plain, "/", `\/`), ascii(jsonInside(v, true)), ascii(plain))
	}
	// Base64 of a very short secret is a very common piece of text.
	if len(v) >= 6 {
		b := []byte(v)
		forms = append(forms, base64.StdEncoding.EncodeToString(b), base64.RawStdEncoding.EncodeToString(b),
			base64.URLEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b))
		forms = append(forms, within(b)...)
	}
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

// within returns what of the Base64 of any text that holds v is v's alone: there
// are three ways in which it can lie between the groups of three bytes.
func within(v []byte) []string {
	const (
		group, letters = 3, 4 // bytes, and the letters that they become
		least          = 8    // letters; fewer are met by chance
	)
	var out []string
	for before := range group {
		text := append(make([]byte, before), v...)
		whole := len(text) / group * letters
		first := 0
		if before > 0 {
			first = letters // it shares a group with what stands before it
		}
		if whole-first < least {
			continue
		}
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			out = append(out, encoding.EncodeToString(text)[first:whole])
		}
	}
	return out
}

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
