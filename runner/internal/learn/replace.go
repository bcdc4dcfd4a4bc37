package learn

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"

	"flowtest/steps/secret"
)

// A finder finds secrets in text, in every encoding that the redactor decodes,
// and as a service writes them down.
type finder struct{ known secret.Redactor }

// newFinder makes a finder. Values shorter than three characters cannot be
// distinguished from other text and are left out.
func newFinder(secrets []string) *finder {
	f := &finder{}
	for _, s := range secrets {
		if len(s) >= shortest {
			f.known.Add(alike(s)...)
		}
	}
	return f
}

// in reports whether a secret is in text.
func (f *finder) in(text string) bool { return len(f.known.Find(text)) > 0 }

// An index finds the values that are known in a text in one pass.
type index struct {
	finder secret.Redactor
	values map[string]*known // by how a service writes them down
	whole  map[string]*known // values as they are
}

func newIndex(all []known) *index {
	x := &index{values: map[string]*known{}, whole: map[string]*known{}}
	for i := range all {
		k := &all[i]
		if x.whole[k.value] == nil {
			x.whole[k.value] = k
		}
		if k.exact {
			continue
		}
		for _, same := range alike(k.value) {
			x.finder.Add(same)
			if x.values[same] == nil {
				x.values[same] = k
			}
		}
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
	for _, f := range x.finder.Find(text) {
		k := x.values[f.Secret]
		if f.From < done || f.Inside || k.word && !j.speaksOf(k, text, path) {
			continue
		}
		b.WriteString(text[done:f.From])
		b.WriteString(k.mark())
		done = f.To
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
// that is not typed as a secret, such as a language or a first name, cannot be
// told from the same word elsewhere: it is replaced where it stands in a sentence.
func (l secretKeeper) secretive(attr, value string) bool {
	return sensitive(value) || secretName.MatchString(attr) || l.hidden[value]
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
