package secret

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A finder finds secrets in a text, whatever encodings they went through. It
// keeps no list of spellings: where a byte of the text may begin a secret, it
// reads on, and decodes what it reads as it goes. What may be Base64 or
// hexadecimal is decoded and searched in the same way.
//
// Nearly no text holds a secret, so one byte or two decide at nearly every place.
type finder struct {
	first       firsts               // the bytes with which a secret may begin
	begins      [1 << 16 / 64]uint64 // a bit for each two bytes with which a secret may begin
	long, short []form               // in the order of their texts
	signs       bool                 // one of them begins with no letter or digit of ASCII
	foreign     bool                 // a long one is not text of ASCII, see says
}

// firsts are a set of bytes.
type firsts [4]uint64

func (f *firsts) add(b byte) { f[b>>6] |= 1 << (b & 63) }

func (f *firsts) join(other *firsts) {
	for i, bits := range other {
		f[i] |= bits
	}
}

func (f *firsts) has(b byte) bool { return f[b>>6]&(1<<(b&63)) != 0 }

// beginEscape are the bytes with which an escape sequence may begin.
var beginEscape = func() (f firsts) {
	for b, kind := range kinds {
		if kind&escapes != 0 {
			f.add(byte(b))
		}
	}
	return f
}()

// A form is a text to look for: a secret, its other Unicode form, or one of its lines.
type form struct {
	text  string
	value string
	short bool
}

func newFinder(values []string) *finder {
	if len(values) == 0 {
		return &noFinder
	}
	f := &finder{long: make([]form, 0, len(values))}
	for _, v := range values {
		f.add(v)
	}
	for _, list := range []*[]form{&f.long, &f.short} {
		slices.SortFunc(*list, func(a, b form) int { return cmp.Compare(a.text, b.text) })
		*list = slices.CompactFunc(*list, func(a, b form) bool { return a.text == b.text })
		for _, one := range *list {
			f.signs = f.signs || kinds[one.text[0]]&letter64 == 0 || kinds[one.text[0]]&word == 0
			f.begin(one.text)
		}
	}
	return f
}

// noFinder finds nothing.
var noFinder finder

func (f *finder) empty() bool { return len(f.long)+len(f.short) == 0 }

// starting returns the forms that begin with b, where the text does as it is
// written or decoded; of a few others too. Of many long ones it returns those that
// may begin as the text goes on: many tokens begin alike.
func starting(forms []form, b byte, text string) []form {
	const few = 8
	if len(forms) <= 2*few {
		return forms
	}
	from := sort.Search(len(forms), func(i int) bool { return forms[i].text[0] >= b })
	forms = forms[from:]
	forms = forms[:sort.Search(len(forms), func(i int) bool { return forms[i].text[0] > b })]
	n := 0
	for len(forms) > few && !forms[0].short && n < min(len(text), Long) &&
		kinds[text[n]]&escapes == 0 && strings.IndexByte("<+\r", text[n]) < 0 {
		n++
	}
	if n < 2 {
		return forms
	}
	text = text[:n]
	from = sort.Search(len(forms), func(i int) bool { return forms[i].text >= text })
	to := sort.Search(len(forms), func(i int) bool { return forms[i].text[:n] > text })
	return forms[from:to]
}

func (f *finder) add(value string) {
	if len(value) <= longestOrdinary && ordinary[strings.ToLower(value)] || strings.TrimSpace(value) == "" {
		return
	}
	text := strings.ReplaceAll(value, "\r\n", "\n")
	if utf8.RuneCountInString(value) < Long {
		f.short = append(f.short, form{text, value, true})
		return
	}
	f.form(text, value)
	if strings.Contains(text, "\n") {
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\n")
			if utf8.RuneCountInString(line) >= Long && !strings.HasPrefix(line, "-----") { // as of a PEM file
				f.form(line, value)
			}
		}
	}
}

func (f *finder) form(text, value string) {
	f.long = append(f.long, form{text, value, false})
	ascii := true
	for i := range len(text) {
		ascii = ascii && text[i] < utf8.RuneSelf
		f.foreign = f.foreign || text[i] >= utf8.RuneSelf || text[i]&0x68 == 0 // control characters, except \t to \r
	}
	if ascii || !utf8.ValidString(text) {
		return
	}
	for _, other := range []string{norm.NFC.String(text), norm.NFD.String(text)} {
		if other != text {
			f.long = append(f.long, form{other, value, false})
		}
	}
}

// begin notes the first two bytes of a form. The second may be written as an
// escape sequence.
func (f *finder) begin(text string) {
	f.first.add(text[0])
	if text[0] == ' ' {
		f.first.add('+')
	}
	pair := func(second byte) {
		p := pairOf(text[0], second)
		f.begins[p>>6] |= 1 << (p & 63)
		if text[0] == ' ' {
			p = pairOf('+', second)
			f.begins[p>>6] |= 1 << (p & 63)
		}
	}
	if len(text) == 1 {
		for second := range 1 << 8 {
			pair(byte(second))
		}
		return
	}
	pair(text[1])
	for _, second := range []byte(`%&\=<`) {
		pair(second)
	}
	switch text[1] {
	case ' ':
		pair('+')
	case '\n':
		pair('\r')
	}
}

func pairOf(first, second byte) uint16 { return uint16(first)<<8 | uint16(second) }

func (f *finder) may(pair uint16) bool { return f.begins[pair>>6]&(1<<(pair&63)) != 0 }

// may reports whether the form begins with b, and may go on with the second byte: as it
// is, or with what a character of the form can be written as.
func (f *form) may(b, second byte) bool {
	if f.text[0] != b {
		return false
	}
	return len(f.text) == 1 || f.text[1] == second || kinds[second]&escapes != 0 ||
		second == '<' || second == '+' || second == '\r'
}
