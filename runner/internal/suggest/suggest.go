// Package suggest finds the sentence that the author of an unknown sentence probably
// meant. It compares words, knows synonyms, and recognizes mistakes in quotes, spaces
// and capitals. It does not know features or runs.
package suggest

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"flowtest/steps"
	"flowtest/steps/words"
)

// A Thesaurus finds sentences of a vocabulary. It must not be used by several
// goroutines at once.
type Thesaurus struct {
	known  []entry
	weight map[string]float64 // of each word; it is higher for words in fewer sentences
	most   float64            // the weight of a word that no sentence has
}

// An entry is a sentence of the vocabulary, split into words.
type entry struct {
	definition *steps.Definition
	words      []string
}

// New returns a thesaurus of these sentences.
func New(list []*steps.Definition) *Thesaurus {
	t := &Thesaurus{weight: map[string]float64{}}
	in := map[string]int{}
	for _, d := range list {
		e := entry{d, wordsOf(sentenceOf(d))}
		t.known = append(t.known, e)
		for _, w := range slices.Compact(slices.Sorted(slices.Values(e.words))) {
			in[w]++
		}
	}
	for w, n := range in {
		t.weight[w] = math.Log1p(float64(len(list)) / float64(n))
	}
	for _, w := range fillers {
		t.weight[w] = min(t.of(w), 0.1)
	}
	t.most = math.Log1p(float64(len(list)))
	return t
}

func (t *Thesaurus) of(word string) float64 {
	if w, ok := t.weight[word]; ok {
		return w
	}
	// A word that no sentence has shows that something else is meant, but not what.
	return t.most / 3
}

// Thresholds of similarity, from 0 to 1.
const (
	nearEnough = 0.4  // needed to be suggested
	asNear     = 0.88 // share of the best one's similarity, needed to be suggested with it
	mostNear   = 3    // how many are suggested at most
	sameKey    = 1.05 // factor for the same keyword
	longest    = 40   // words of a text are compared; no sentence has as many
)

// Nearest returns the sentences that are most similar to a text, the best first: at most three
// that are about as similar as the best one, or none. It compares words, not letters, and
// ignores text between quotes.
//
//	keyword  Given, When, Then, or empty if that is not known
func (t *Thesaurus) Nearest(keyword, text string) []*steps.Definition {
	type rated struct {
		*steps.Definition
		like  float64
		slips int
	}
	var list []rated
	found := wordsOf(text)
	readings := readingsOf(found[:min(len(found), longest)])
	plain := strings.Join(readings[0], " ")
	for _, e := range t.known {
		like := 0.0
		for _, reading := range readings {
			like = max(like, t.like(reading, e.words))
		}
		if e.definition.Keyword == keyword {
			like *= sameKey
		}
		if like >= nearEnough {
			slips, _ := words.Slips(plain, strings.Join(e.words, " "))
			list = append(list, rated{e.definition, like, slips})
		}
	}
	slices.SortStableFunc(list, func(a, b rated) int {
		return cmp.Or(cmp.Compare(b.like, a.like), a.slips-b.slips)
	})
	var out []*steps.Definition
	for i, r := range list[:min(len(list), mostNear)] {
		mistyped := list[0].slips*4 <= len(plain) // then suggest only the best
		if i == 0 || !mistyped && r.like >= asNear*list[0].like {
			out = append(out, r.Definition)
		}
	}
	return out
}

// like returns how similar two sentences are, from 0 to 1. Each word of one is matched with at
// most one word of the other.
func (t *Thesaurus) like(a, b []string) float64 {
	left := slices.Clone(b)
	shared, all := 0.0, 0.0
	take := func(like func(string) float64) bool {
		best, at := 0.0, -1
		for i, other := range left {
			if s := like(other); s > best {
				best, at = s, i
			}
		}
		if at >= 0 {
			shared += best * 2 * t.of(left[at])
			all += t.of(left[at]) * 2
			left = slices.Delete(left, at, at+1)
		}
		return at >= 0
	}
	var unpaired []string
	for _, w := range a {
		if !take(func(o string) float64 { return is(o == w) }) {
			unpaired = append(unpaired, w)
		}
	}
	for _, w := range unpaired {
		if !take(func(o string) float64 { return slip(w, o) }) {
			all += t.of(w)
		}
	}
	for _, w := range left {
		all += t.of(w)
	}
	if all == 0 {
		return 0
	}
	return shared / all
}

func is(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// slip returns how likely one word is a misspelling, or another form, of the other.
func slip(a, b string) float64 {
	const least, share = 4, 0.34
	long := max(len(a), len(b))
	if long < least {
		return 0
	}
	n, _ := words.Slips(a, b)
	d := float64(n) / float64(long)
	if d > share {
		return 0
	}
	return 1 - d
}

// readingsOf returns the words unchanged, and with synonyms replaced.
func readingsOf(found []string) [][]string {
	const most = 64
	texts := []string{" " + strings.Join(found, " ") + " "}
	for _, s := range synonyms {
		for said := range strings.SplitSeq(s.said, ", ") {
			for _, text := range slices.Clone(texts) {
				for _, m := range s.meant {
					next := strings.ReplaceAll(text, " "+said+" ", " "+m+" ")
					if len(texts) < most && !slices.Contains(texts, next) {
						texts = append(texts, next)
					}
				}
			}
		}
	}
	out := make([][]string, 0, len(texts))
	for _, text := range texts {
		out = append(out, strings.Fields(text))
	}
	return out
}

// Patterns of text that does not belong to the sentence itself.
var (
	valueText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|“[^”]*”|„[^“”]*[“”]|(?:^|\s)'[^']*'` +
		`|<[^<>\s]+>|\$\{[^}]*\}`)
	numberText = regexp.MustCompile(`^-?\d+(?:\.\d+)?$`)
)

// wordsOf splits a sentence into words in lower case. A quoted value becomes "", a
// number 0.
func wordsOf(sentence string) []string {
	text := strings.ToLower(valueText.ReplaceAllString(sentence, ` "" `))
	var out []string
	for w := range strings.FieldsSeq(text) {
		if w != `""` {
			w = strings.Trim(w, `.,;:!?()'"`)
		}
		switch {
		case w == "":
			continue
		case numberText.MatchString(w):
			w = "0"
		case w == "an":
			w = "a"
		}
		out = append(out, w)
	}
	return out
}

// sentenceOf returns the first line of an example without its keyword.
func sentenceOf(d *steps.Definition) string {
	first, _, _ := strings.Cut(d.Example, "\n")
	_, text, _ := strings.Cut(first, " ")
	return text
}

// A nearMiss is a common small mistake in writing a sentence.
type nearMiss struct {
	correct func(text string) string
	say     string
}

var nearMisses = []nearMiss{
	{
		func(text string) string { return otherQuotes.ReplaceAllString(text, `$1"$2$3$4$5"`) },
		`the quotes are the mistake: values are written between " and "`,
	},
	{
		func(text string) string { return quotedDigit.ReplaceAllString(text, "$1") },
		"the quotes are the mistake: this number has none",
	},
	{
		func(text string) string { return strings.Join(strings.Fields(text), " ") },
		"the spaces are the mistake: words are separated by one space",
	},
	{
		func(text string) string { return strings.TrimRight(text, ".:;,! ") },
		"the end is the mistake: nothing follows the last word",
	},
	{
		func(text string) string { return text + ":" },
		"the end is the mistake: a colon, and a table below it",
	},
	{smallWords, "the capital letters are the mistake"},
}

var (
	otherQuotes = regexp.MustCompile(`(^|\s)(?:'([^'"]*)'|[“„]([^“”"]*)[“”]|«([^»"]*)»|‘([^’"]*)’)`)
	quotedDigit = regexp.MustCompile(`"(-?\d+(?:\.\d+)?)"`)
	betweenThem = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[^"]+`)
)

// smallWords returns the text in lower case, except for quoted text and the word I.
func smallWords(text string) string {
	return betweenThem.ReplaceAllStringFunc(text, func(part string) string {
		if strings.HasPrefix(part, `"`) {
			return part
		}
		words := strings.Split(strings.ToLower(part), " ")
		for i, w := range words {
			if w == "i" {
				words[i] = "I"
			}
		}
		return strings.Join(words, " ")
	})
}

// Slip finds the sentence that a text matches except for its punctuation, such as other
// quotes. It returns the sentence and says what is wrong, or returns nil.
func (t *Thesaurus) Slip(text string) (d *steps.Definition, say string) {
	for _, s := range nearMisses {
		corrected := s.correct(text)
		if corrected == text {
			continue
		}
		for _, e := range t.known {
			if e.definition.Matches(corrected) {
				return e.definition, s.say
			}
		}
	}
	return nil, ""
}
