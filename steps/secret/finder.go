package secret

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// A finder replaces forms of secrets in one pass. Nearly no text holds one, so
// it looks at two bytes first: [strings.Replacer] walks a tree at every byte,
// and takes long to build for the few texts of one scenario.
type finder struct {
	begins [1 << 16 / 64]uint64 // a bit for each two bytes with which a form begins
	forms  []form               // by those two bytes, the longest first
}

type form struct {
	pair uint16
	text string
}

func newFinder(texts []string) *finder {
	f := &finder{forms: make([]form, 0, len(texts))}
	for _, text := range texts {
		switch len(text) {
		case 0:
		case 1: // whatever follows it
			for next := range 1 << 8 {
				f.add(pairOf(text[0], byte(next)), text)
			}
		default:
			f.add(pairOf(text[0], text[1]), text)
		}
	}
	slices.SortFunc(f.forms, func(a, b form) int {
		return cmp.Or(cmp.Compare(a.pair, b.pair), len(b.text)-len(a.text))
	})
	return f
}

func pairOf(first, second byte) uint16 { return uint16(first)<<8 | uint16(second) }

func (f *finder) add(pair uint16, text string) {
	f.begins[pair>>6] |= 1 << (pair & 63)
	f.forms = append(f.forms, form{pair, text})
}

// at returns the length of the longest form with which the text begins, 0 for
// none: a secret that begins with another must not leave its tail behind.
func (f *finder) at(pair uint16, text string) int {
	i := sort.Search(len(f.forms), func(i int) bool { return f.forms[i].pair >= pair })
	for ; i < len(f.forms) && f.forms[i].pair == pair; i++ {
		if strings.HasPrefix(text, f.forms[i].text) {
			return len(f.forms[i].text)
		}
	}
	return 0
}

// replace writes [Redacted] for every form in the text that one of the finders
// knows, the longest first.
func replace(text string, finders ...*finder) string {
	var b strings.Builder
	kept := 0 // up to here the text is in b
	for i := 0; i < len(text); {
		var next byte
		if i+1 < len(text) {
			next = text[i+1]
		}
		pair := pairOf(text[i], next)
		n := 0
		for _, f := range finders {
			if f.begins[pair>>6]&(1<<(pair&63)) != 0 {
				n = max(n, f.at(pair, text[i:]))
			}
		}
		if n == 0 {
			i++
			continue
		}
		b.WriteString(text[kept:i])
		b.WriteString(Redacted)
		i += n
		kept = i
	}
	if kept == 0 {
		return text
	}
	b.WriteString(text[kept:])
	return b.String()
}
