package flow

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// Named is a field or button as errors list it: by its key, which a feature
// writes, and its label, which a person sees.
type Named struct {
	Key   string
	Label string // its white space folded; "" where it has none
}

// nameOf returns how errors list a field.
func nameOf(f *davinci.Field) Named { return Named{f.Key, fold(f.Label)} }

// fold makes one blank of each run of white space.
func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

// String writes the key, and the label where that says more.
func (n Named) String() string {
	const most = 40 // characters of a label, which may be a paragraph
	if n.Label == "" || n.Label == n.Key {
		return n.Key
	}
	return n.Key + " (" + strconv.Quote(words.Cut(n.Label, most)) + ")"
}

// named writes fields or buttons for a sentence.
func named(have []Named) string {
	texts := make([]string, len(have))
	for i, n := range have {
		texts[i] = n.String()
	}
	return words.List(texts, 0)
}

// meantBy returns the one that somebody seems to have meant, or nil where that is
// none or more than one. How keys and labels are alike comes first: as they are
// but for capitals, then with a slip or two, then as a part of a label.
func meantBy(name string, have []Named) *Named {
	name = fold(name)
	for _, alike := range []func(text string) bool{
		func(text string) bool { return strings.EqualFold(text, name) },
		func(text string) bool { _, near := words.Slips(name, text); return near && name != "" },
		func(text string) bool { return within(name, text) },
	} {
		found := -1
		for i, n := range have {
			if n.Key == "" || !alike(n.Key) && !alike(n.Label) {
				continue
			}
			if found >= 0 && have[found].Key != n.Key {
				return nil
			}
			found = i
		}
		if found >= 0 {
			return &have[found]
		}
	}
	return nil
}

// within reports whether a label has the name in it.
func within(name, label string) bool {
	const short = 3 // characters, of which many a label has some
	return utf8.RuneCountInString(name) >= short && strings.Contains(strings.ToLower(label), strings.ToLower(name))
}
