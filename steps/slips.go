package steps

import (
	"regexp"
	"strings"
)

// A nearMiss is a way to write a sentence nearly right.
type nearMiss struct {
	mend func(text string) string
	say  string
}

var nearMisses = []nearMiss{
	{quotesOfAnotherKind, `the quotes are the mistake: a value stands between " and "`},
	{quotedNumber, "the quotes are the mistake: this number has none"},
	{singleSpaces, "the space is the mistake: one stands between two words"},
	{withoutStop, "the end is the mistake: nothing stands behind the last word"},
	{func(text string) string { return text + ":" }, "the end is the mistake: a colon, and a table below it"},
	{smallWords, "the capital letters are the mistake"},
}

var (
	otherQuotes = regexp.MustCompile(`(^|\s)(?:'([^'"]*)'|[“„]([^“”"]*)[“”]|«([^»"]*)»|‘([^’"]*)’)`)
	quotedDigit = regexp.MustCompile(`"(-?\d+(?:\.\d+)?)"`)
	betweenThem = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[^"]+`)
)

func quotesOfAnotherKind(text string) string {
	return otherQuotes.ReplaceAllString(text, `$1"$2$3$4$5"`)
}

func quotedNumber(text string) string { return quotedDigit.ReplaceAllString(text, "$1") }

func singleSpaces(text string) string { return strings.Join(strings.Fields(text), " ") }

func withoutStop(text string) string { return strings.TrimRight(text, ".:;,! ") }

// smallWords writes what stands outside quotes in small letters, but for the I of
// a person.
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

// Slip finds the sentence that a text is but for its signs, such as other quotes.
// It says which sentence and what is wrong, or returns nil.
func Slip(list []*Definition, text string) (d *Definition, say string) {
	for _, s := range nearMisses {
		mended := s.mend(text)
		if mended == text {
			continue
		}
		for _, d := range list {
			if d.Expr.MatchString(mended) {
				return d, s.say
			}
		}
	}
	return nil, ""
}
