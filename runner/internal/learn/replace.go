package learn

import (
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An index finds the values that are known in a text in one pass.
type index struct {
	first map[[minPrefix]byte][]spelled // by how they begin, the longest first
	short []spelled                     // those that are shorter than that
	whole map[string]*known             // values as they are

	begins [256]bool // how one of first begins
}

// A spelled is one way in which a known value is written.
type spelled struct {
	form string
	k    *known
}

func newIndex(all []known) *index {
	x := &index{first: map[[minPrefix]byte][]spelled{}, whole: map[string]*known{}}
	for i := range all {
		k := &all[i]
		if x.whole[k.value] == nil {
			x.whole[k.value] = k
		}
		if k.exact {
			continue
		}
		for _, form := range spellings(k.value) {
			if len(form) < minPrefix {
				x.short = append(x.short, spelled{form, k})
				continue
			}
			x.begins[form[0]] = true
			at := [minPrefix]byte([]byte(form))
			x.first[at] = append(x.first[at], spelled{form, k})
		}
	}
	for _, list := range x.first {
		slices.SortStableFunc(list, func(a, b spelled) int { return len(b.form) - len(a.form) })
	}
	return x
}

// replace puts marks into a text in the place of every value that is known,
// however it is written.
func (j *journey) replace(text, path string) string {
	x := j.index
	if k := x.whole[text]; k != nil && k.exact && !choice(path) && !j.structure[text] {
		return k.mark()
	}
	var b strings.Builder
	done := 0
	for i := 0; i < len(text); {
		s := x.at(text, i, func(k *known) bool { return !k.word || j.speaksOf(k, text, path) })
		if s == nil {
			i++
			continue
		}
		b.WriteString(text[done:i])
		b.WriteString(s.k.mark())
		i += len(s.form)
		done = i
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

// speaksOf reports whether a mere word is meant where it stands in a text: what
// the screen offers or is made of is no fact about a person.
func (j *journey) speaksOf(k *known, text, path string) bool {
	return !choice(path) && !j.structure[text] && (text == k.value || strings.Contains(text, " "))
}

// at returns the longest known value that stands at a place of a text. A short
// one has to stand by itself, for in a longer word it is a part of that.
func (x *index) at(text string, i int, meant func(k *known) bool) *spelled {
	fits := func(s *spelled) bool {
		return strings.HasPrefix(text[i:], s.form) &&
			(len(s.form) >= minLength || alone(text, i, i+len(s.form))) && meant(s.k)
	}
	if i+minPrefix <= len(text) && x.begins[text[i]] {
		list := x.first[[minPrefix]byte([]byte(text[i:i+minPrefix]))]
		for n := range list {
			if fits(&list[n]) {
				return &list[n]
			}
		}
	}
	for n := range x.short {
		if fits(&x.short[n]) {
			return &x.short[n]
		}
	}
	return nil
}

func (k *known) mark() string {
	if k.name == "" {
		return k.text
	}
	return mark(k.name)
}

// choice reports whether a path is one of what a field offers to choose from.
func choice(path string) bool { return strings.Contains(path, ".options.") }

// sensitive reports whether a value is no mere word, such as a language.
func sensitive(value string) bool {
	const longWord = 12
	return len(value) > longWord || !strings.ContainsFunc(value, unicode.IsLetter) ||
		strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '_' })
}

// secretName is the name of an attribute that is a secret whatever its value.
var secretName = regexp.MustCompile(`(?i)pass|secret|otp|code|token|pin`)

// secretive reports whether an attribute must not be left anywhere. A mere word
// that nobody types as a secret, such as a language or a first name, cannot be
// told from the same word elsewhere: it is replaced where it stands in a sentence.
func (l *learner) secretive(attr, value string) bool {
	return sensitive(value) || secretName.MatchString(attr) || l.hidden[value]
}

// find returns where form stands in text. A short one has to stand by itself,
// for in a longer word it is a part of that.
func find(text, form string) int {
	for from := 0; ; {
		at := strings.Index(text[from:], form)
		if at < 0 {
			return -1
		}
		at += from
		if len(form) >= minLength || alone(text, at, at+len(form)) {
			return at
		}
		from = at + 1
	}
}

// alone reports whether neither letter nor digit stands beside text[from:to].
func alone(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	return !letter(before) && !letter(after)
}

func letter(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// spellings returns the ways in which a value is written inside of a text, the
// longest first.
func spellings(value string) []string {
	var forms []string
	for _, same := range alike(value) {
		forms = append(forms, same, html.EscapeString(same), url.QueryEscape(same), url.PathEscape(same))
	}
	for _, form := range forms {
		if quoted, err := json.Marshal(form); err == nil {
			forms = append(forms, string(quoted[1:len(quoted)-1]))
		}
		if plain := inside(form); plain != form {
			forms = append(forms, plain)
		}
		if strings.Contains(form, "%") {
			forms = append(forms, lowerPercent(form))
		}
	}
	slices.SortFunc(forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(forms)
}

// alike returns how a service writes a value down: an email address in small
// letters, a phone number without what is only there to be read.
func alike(value string) []string {
	out := []string{value}
	if lower := strings.ToLower(value); strings.Contains(value, "@") && lower != value {
		out = append(out, lower)
	}
	if phone.FindString(value) == value {
		number := strings.NewReplacer(" ", "", "(", "", ")", "", "-", "", ".", "").Replace(value)
		out = append(out, number, number[min(1, len(number)):])
	}
	return out
}

// inside writes s as it stands in a JSON string whose writer spares HTML.
func inside(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return s
	}
	text := strings.TrimSuffix(b.String(), "\n")
	return text[1 : len(text)-1]
}

// lowerPercent writes the escapes of a URL with small letters.
func lowerPercent(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(string(b[i+1:i+3])))
		}
	}
	return string(b)
}
