package secret

import (
	"slices"
	"sync"
)

// A search looks for the forms of some finders in one text.
type search struct {
	finders []*finder
	text    string
	nested  int // in how many runs of Base64 or hexadecimal the text was
	found   []match
	near    [8]place
	tried   int     // how often the match at hand had several ways to go on
	most    int     // how often it may have
	spent   int     // how often all matches had
	hard    []*form // which have so many ways that a reach finds them
	foreign bool    // a long form is not text of ASCII
	decoded []byte  // what the runs say
	all     []run
	digits  []byte // of one run
	places  []int
}

// searches are ready to be used again, for their slices.
var searches = sync.Pool{New: func() any { return new(search) }}

func newSearch(finders []*finder, text string, nested int) *search {
	s := searches.Get().(*search) //nolint:errcheck,forcetypeassert // nothing else is put there
	s.finders = append(s.finders[:0], finders...)
	s.text, s.nested, s.found = text, nested, s.found[:0]
	s.spent, s.hard = 0, s.hard[:0]
	for i := range s.near {
		s.near[i].at = 0
	}
	return s
}

// free lets go of the search.
func (s *search) free() {
	s.text = ""
	clear(s.found)
	clear(s.decoded)
	clear(s.digits)
	clear(s.hard)
	searches.Put(s)
}

// A match is where a form is in a text.
type match struct {
	from, to int
	form     *form
	hidden   bool // in Base64 or hexadecimal
}

// run finds every match, those that overlap included, in no particular order.
func (s *search) run() {
	text, long, signs, first := s.text, false, false, beginEscape
	s.foreign = false
	for _, f := range s.finders {
		long, signs, s.foreign = long || len(f.long) > 0, signs || f.signs, s.foreign || f.foreign
		first.join(&f.first)
	}
	for i := range len(text) {
		switch b := text[i]; {
		case !first.has(b):
		case kinds[b]&escapes == 0:
			s.plain(i)
		case signs || mayEscape(text, i):
			s.escaped(i)
		}
	}
	for _, f := range s.hard {
		s.found = slices.DeleteFunc(s.found, func(m match) bool { return m.form == f })
		s.reached(f)
	}
	const deepest = 2
	if long && s.nested < deepest {
		s.runs()
	}
}

// plain looks for the forms that begin with text[i], which is not an escape sequence.
func (s *search) plain(i int) {
	b, second := s.text[i], byte(0)
	if i+1 < len(s.text) {
		second = s.text[i+1]
	}
	for pair, n := pairOf(b, second), 0; n < len(s.finders); n++ {
		f := s.finders[n]
		if !f.may(pair) {
			continue
		}
		s.try(f, b, i)
		if b == '+' {
			s.try(f, ' ', i)
		}
	}
}

// escaped looks for the forms that begin with what is written at text[i], or
// with one of the characters that it may encode.
func (s *search) escaped(i int) {
	var room [2 * (levels + 2)]byte
	begin := room[:0]
	p := s.place(i)
	for _, o := range p.readings[:p.n] {
		begin = o.firsts(begin)
		if o.r == '+' && o.next > i+1 {
			begin = append(begin, ' ')
		}
	}
	for n, b := range begin {
		if slices.Contains(begin[:n], b) {
			continue
		}
		for _, f := range s.finders {
			s.try(f, b, i)
		}
	}
}

// try looks at text[i] for the forms of a finder that begin with b.
func (s *search) try(f *finder, b byte, i int) {
	second := byte('%') // any that may go on as an escape sequence
	if i+1 < len(s.text) && kinds[s.text[i]]&escapes == 0 {
		second = s.text[i+1]
	}
	lists := [...][]form{f.long, f.short}
	if s.nested > 0 {
		lists[1] = nil
	}
	for _, list := range lists {
		list = starting(list, b, s.text[i:])
		for n := range list {
			if !list[n].may(b, second) {
				continue
			}
			if len(s.hard) > 0 && slices.Contains(s.hard, &list[n]) {
				continue
			}
			s.tried, s.most = 0, 40+2*len(list[n].text)
			end := s.match(i, list[n].text)
			if s.tried > 0 && s.isHard(&list[n]) {
				continue
			}
			if end >= 0 {
				s.found = append(s.found, match{i, end, &list[n], s.nested > 0})
			}
		}
	}
}

// match returns where the form ends that begins at text[i], -1 if the text goes on in another
// way.
func (s *search) match(i int, form string) int {
	for form != "" {
		if i >= len(s.text) {
			return -1
		}
		switch b := s.text[i]; {
		case kinds[b]&escapes != 0, b == '<':
			return s.branch(i, form)
		case b == form[0], b == '+' && form[0] == ' ':
			form = form[1:]
		case b == '\r' && form[0] == '\n':
		default:
			return -1
		}
		i++
	}
	return i
}

// isHard reports whether a form is found faster by a reach.
func (s *search) isHard(f *form) bool {
	const least = 1000
	s.spent += s.tried
	if s.tried <= s.most && s.spent <= least+2*len(s.text) {
		return false
	}
	s.hard, s.spent = append(s.hard, f), 0
	return true
}

// branch goes on where the text has an escape sequence, which may be read in
// several ways.
func (s *search) branch(i int, form string) int {
	if s.tried++; s.tried > s.most {
		return -1
	}
	p := *s.place(i) // a copy, since the search goes on within the loop
	for _, o := range p.readings[:p.n] {
		end := -1
		switch n, ok := o.prefix(form); {
		case ok:
			end = s.match(o.next, form[n:])
		case o.r == nothing && lineBreak(s.text[o.next:]) == 0, o.r == '\r' && form[0] == '\n':
			end = s.match(o.next, form)
		case o.r == '+' && form[0] == ' ':
			end = s.match(o.next, form[1:])
		}
		if end < 0 && o.r == '<' {
			if after := s.element(i, o.next); after > 0 {
				end = s.match(after, form)
			}
		}
		if end >= 0 {
			return end
		}
	}
	return -1
}

// A reading is a character that is written at a place of the text, and where
// the next one begins.
type reading struct {
	char
	next int
}

// A place is what the search has learned of a place of its text: the characters
// that may be read there.
type place struct {
	at       int // plus 1, since 0 is none
	readings [2 * levels]reading
	n        int // how many of them there are
	after    int // where the element that begins here ends, 0 for not known, -1 for none
}

func (s *search) place(i int) *place {
	p := &s.near[i%len(s.near)]
	if p.at == i+1 {
		return p
	}
	p.at, p.n, p.after = i+1, 0, 0
	c, next := char{rune(s.text[i]), asByte}, i+1
	p.add(c, next)
	for level := 0; level < levels && c.escapes(); level++ {
		c, next = c.decode(s.text, next, level)
		p.add(c, next)
	}
	// The end of the sequence may be escaped where its beginning has no need to be: &quot%3B
	if end := p.readings[p.n-1].next; p.n == 2 && end < len(s.text) && kinds[s.text[end]]&escapes != 0 {
		raw := char{rune(s.text[i]), asByte}
		for level := 1; level < levels; level++ {
			if c, next := raw.decode(s.text, i+1, level); next > end {
				p.add(c, next)
			}
		}
	}
	return p
}

func (p *place) add(c char, next int) {
	if p.n == 0 || p.readings[p.n-1].next != next {
		p.readings[p.n] = reading{c, next}
		p.n++
	}
}
