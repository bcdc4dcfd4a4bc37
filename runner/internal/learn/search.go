package learn

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A finder finds secrets in text, however they are written: as they are, as
// URLs, JSON and HTML write them, in Base64 at any of the three places of a
// group, within the parts of a JWT, and one of these within another.
type finder struct {
	plain []string // as they are
	first map[[4]byte][]string
	short []string

	begins [256]bool // how one of first begins
}

// newFinder makes a finder. Values shorter than three characters cannot be
// told from other text and are left out.
func newFinder(secrets []string) *finder {
	f := &finder{first: map[[4]byte][]string{}}
	for _, s := range secrets {
		if len(s) < shortest || slices.Contains(f.plain, s) {
			continue
		}
		f.plain = append(f.plain, s)
		forms := spellings(s)
		if len(s) >= minLength {
			forms = append(forms, base64Cores(s)...)
		}
		for _, form := range forms {
			if len(form) < minPrefix {
				f.short = append(f.short, form)
				continue
			}
			key := [minPrefix]byte([]byte(form))
			f.begins[form[0]] = true
			f.first[key] = append(f.first[key], form)
		}
	}
	return f
}

const minPrefix = 4

// base64Cores returns what of a value's Base64 is the same whatever stands
// before and after it, for the three places at which it may begin in a group.
func base64Cores(s string) []string {
	var out []string
	for before := range 3 {
		padded := append(make([]byte, before), s...)
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := e.EncodeToString(padded)
			from := []int{0, 2, 3}[before]
			to := len(padded) / 3 * 4
			if to-from >= minLength {
				out = append(out, text[from:to])
			}
		}
	}
	return out
}

// in reports whether a secret is in text.
func (f *finder) in(text string) bool { return f.deep(text, 0) }

// depth is how many encodings may lie within one another.
const depth = 4

func (f *finder) deep(text string, level int) bool {
	if f.here(text) {
		return true
	}
	if level == depth {
		return false
	}
	for _, other := range decodings(text) {
		if f.deep(other, level+1) {
			return true
		}
	}
	return false
}

// here looks for the secrets as they are spelled, in one pass.
func (f *finder) here(text string) bool {
	for i := 0; i+minPrefix <= len(text); i++ {
		if !f.begins[text[i]] {
			continue
		}
		forms, ok := f.first[[minPrefix]byte([]byte(text[i:i+minPrefix]))]
		if !ok {
			continue
		}
		for _, form := range forms {
			if strings.HasPrefix(text[i:], form) && (len(form) >= minLength || alone(text, i, i+len(form))) {
				return true
			}
		}
	}
	return slices.ContainsFunc(f.short, func(s string) bool { return find(text, s) >= 0 })
}

var (
	jsonEscape  = regexp.MustCompile(`\\(u[0-9a-fA-F]{4}|["\\/bfnrt])`)
	percentText = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
)

// decodings returns what a text may mean.
func decodings(text string) []string {
	var out []string
	add := func(other string) {
		if other != text && other != "" {
			out = append(out, other)
		}
	}
	if strings.Contains(text, "&") {
		add(html.UnescapeString(text))
	}
	if strings.ContainsRune(text, '\\') {
		add(jsonEscape.ReplaceAllStringFunc(text, unescapeJSON))
	}
	if strings.ContainsRune(text, '%') {
		add(percentText.ReplaceAllStringFunc(text, unescapePercent))
		if strings.ContainsRune(text, '+') {
			add(percentText.ReplaceAllStringFunc(strings.ReplaceAll(text, "+", " "), unescapePercent))
		}
	}
	for token := range base64Runs(text) {
		if plain := unbase64(token); plain != nil && utf8.Valid(plain) {
			add(string(plain))
		}
	}
	return out
}

// leastBase64 is how long a run of Base64 is at least that is looked into.
const leastBase64 = 12

// base64Runs returns the runs of characters that may be Base64.
func base64Runs(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		from := 0
		for i := range len(text) + 1 {
			if i < len(text) && isBase64[text[i]] {
				continue
			}
			if i-from >= leastBase64 && !yield(text[from:i]) {
				return
			}
			from = i + 1
		}
	}
}

// isBase64 holds the characters of both alphabets.
var isBase64 = func() (is [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_") {
		is[c] = true
	}
	return is
}()

func unescapeJSON(m string) string {
	if m[1] == 'u' {
		var r rune
		if _, err := fmt.Sscanf(m[2:], "%x", &r); err != nil {
			return m
		}
		return string(r)
	}
	at := strings.IndexByte(`"\/bfnrt`, m[1])
	return string("\"\\/\b\f\n\r\t"[at])
}

func unescapePercent(m string) string {
	n, err := strconv.ParseUint(m[1:], 16, 8)
	if err != nil {
		return m
	}
	return string([]byte{byte(n)})
}

// unbase64 decodes either alphabet, with or without padding, or returns nil.
func unbase64(token string) []byte {
	token = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(token, "="))
	if len(token)%4 == 1 {
		token = token[:len(token)-1]
	}
	plain, err := base64.RawStdEncoding.DecodeString(token)
	if err != nil {
		return nil
	}
	return bytes.TrimRight(plain, "\x00")
}
