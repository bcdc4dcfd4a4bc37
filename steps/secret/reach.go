package secret

import (
	"math/bits"
	"unicode/utf8"
)

// A reach knows at which places of a text which ends of a form begin. It is made from the
// end of the text to its beginning, so that it takes as long for a text that may be read in
// many ways as for another. The search goes along a form instead, which is faster in nearly
// every text, and makes a reach where it has gone too many ways.
type reach struct {
	form  string
	words int            // of a row
	masks *[256][]uint64 // a bit for each place of the form at which the byte is
	rows  []uint64       // of each of the last places of the text: a bit for each end of the form
	kept  int            // how many rows there are, a power of two
	ways  []way          // of the place at hand
}

// A way is how a text may go on from one place to another.
type way struct {
	next   int
	length int               // of what is read, in bytes
	read   [utf8.UTFMax]byte // which the form has to have
	only   byte              // if nothing is read: what the form has to go on with, or 0
}

// longestReach is how much of a form a reach has at most.
const longestReach = 1 << 12

func newReach(form string, places int) *reach {
	r := &reach{form: form, words: len(form)/64 + 1, masks: &[256][]uint64{}}
	for i := range len(form) {
		if r.masks[form[i]] == nil {
			r.masks[form[i]] = make([]uint64, r.words)
		}
		r.masks[form[i]][i/64] |= 1 << (i % 64)
	}
	const most = 1 << 20 // words, which is more than any way is long
	r.keep(places, most)
	return r
}

// keep makes room for the rows of so many places, or for those of the last that have so many words.
func (r *reach) keep(places, most int) {
	for r.kept = 1; r.kept < places && r.kept*r.words < most; {
		r.kept *= 2
	}
	if n := r.kept * r.words; n > cap(r.rows) {
		r.rows = make([]uint64, n)
	}
}

func (r *reach) row(at int) []uint64 {
	from := at % r.kept * r.words
	return r.rows[from : from+r.words]
}

func (r *reach) has(at, place int) bool { return r.row(at)[place/64]>>(place%64)&1 != 0 }

// end notes that only the end of the form is at the end of the text.
func (r *reach) end(at int) {
	row := r.row(at)
	clear(row)
	row[len(r.form)/64] |= 1 << (len(r.form) % 64)
}

// at notes which ends of the form begin at a place, and reports whether all of it does. Of what
// comes after the place, all is known up to the end.
func (r *reach) at(s *search, at, end int) bool {
	r.end(at)
	row, all := r.row(at), false
	r.goOn(s, at)
	for i := range r.ways {
		w := &r.ways[i]
		if w.next > end || w.next-at >= r.kept {
			continue
		}
		next := r.row(w.next)
		switch {
		case w.length == 0 && w.only == 0:
			for n, word := range next {
				row[n] |= word
			}
		case w.length == 0:
			for n, word := range r.masks[w.only] {
				row[n] |= word & next[n]
			}
		default:
			all = r.read(row, next, w) || all
		}
	}
	return all
}

// read adds the ends of the form that begin with what is read.
func (r *reach) read(row, next []uint64, w *way) (all bool) {
	for n, word := range r.masks[w.read[0]] {
		for i := 1; i < w.length; i++ {
			word &= shifted(r.masks[w.read[i]], n, i)
		}
		word &= shifted(next, n, w.length)
		row[n] |= word
		all = all || n == 0 && word&1 != 0
	}
	return all
}

// shifted returns a word of a row from which the first bits are taken away.
func shifted(row []uint64, n, by int) uint64 {
	if row == nil {
		return 0
	}
	word := row[n] >> by
	if n+1 < len(row) {
		word |= row[n+1] << (64 - by)
	}
	return word
}

// goOn finds the ways from a place, the most likely first.
func (r *reach) goOn(s *search, at int) {
	r.ways = r.ways[:0]
	b := s.text[at]
	if kinds[b]&escapes == 0 && b != '<' {
		r.reads(char{rune(b), asByte}, at+1)
		return
	}
	p := s.place(at)
	for _, o := range p.readings[:p.n] {
		r.reads(o.char, o.next)
		if o.r == nothing && lineBreak(s.text[o.next:]) == 0 {
			r.ways = append(r.ways, way{next: o.next})
		}
		if o.r == '<' {
			if after := s.element(at, o.next); after > 0 {
				r.ways = append(r.ways, way{next: after})
			}
		}
	}
}

// reads adds the ways on which a character is read.
func (r *reach) reads(c char, next int) {
	if c.isByte() {
		r.ways = append(r.ways, way{next: next, length: 1, read: [utf8.UTFMax]byte{byte(c.r & 0xff)}})
	}
	if c.how != asByte && c.r >= utf8.RuneSelf {
		w := way{next: next}
		w.length = utf8.EncodeRune(w.read[:], c.r)
		r.ways = append(r.ways, w)
	}
	switch c.r {
	case '+':
		r.ways = append(r.ways, way{next: next, length: 1, read: [utf8.UTFMax]byte{' '}})
	case '\r':
		r.ways = append(r.ways, way{next: next, only: '\n'})
	}
}

// along returns where the form ends that begins at a place.
func (r *reach) along(s *search, at, end int) int {
	place := 0
next:
	for place < len(r.form) {
		r.goOn(s, at)
		for i := range r.ways {
			w := &r.ways[i]
			rest := r.form[place:]
			if w.next > end || w.length > len(rest) || rest[:w.length] != string(w.read[:w.length]) ||
				w.only != 0 && rest[0] != w.only || !r.has(w.next, place+w.length) {
				continue
			}
			at, place = w.next, place+w.length
			continue next
		}
		return -1
	}
	return at
}

// reached finds a form wherever it is in the text. Of places that overlap it finds the first and
// the last.
func (s *search) reached(f *form) {
	r, begins := newReach(f.text[:min(len(f.text), longestReach)], len(s.text)+1), make([]uint64, len(s.text)/64+1)
	r.end(len(s.text))
	for i := len(s.text) - 1; i >= 0; i-- {
		if r.at(s, i, len(s.text)) {
			begins[i/64] |= 1 << (i % 64)
		}
	}
	again := *r // for a part of the text, where r no longer has all rows
	again.rows = nil
	add := func(i int) (end int) {
		if i < 0 {
			return -1
		}
		if r.kept > len(s.text) {
			end = r.along(s, i, len(s.text))
		} else {
			end = again.from(s, i)
		}
		if s.tried = 0; end >= 0 && len(r.form) < len(f.text) {
			end = s.match(end, f.text[len(r.form):])
		}
		if end >= 0 {
			s.found = append(s.found, match{i, end, f, s.nested > 0})
		}
		return end
	}
	end, last := 0, -1
	for n, word := range begins {
		for ; word != 0; word &= word - 1 {
			i := n*64 + bits.TrailingZeros64(word)
			if i < end {
				last = i
				continue
			}
			add(last)
			end, last = add(i), -1
		}
	}
	add(last)
}

// from returns where the form ends that begins at a place.
func (r *reach) from(s *search, i int) int {
	const words = 1 << 23 // for the longest form 30 bytes of text each of its own
	for most := 2 * len(r.form); ; most *= 4 {
		end := min(i+most, len(s.text))
		if r.keep(end-i+1, words); r.kept <= end-i {
			return -1
		}
		r.end(end)
		all := false
		for at := end - 1; at >= i; at-- {
			all = r.at(s, at, end)
		}
		if all {
			return r.along(s, i, end)
		}
		if end == len(s.text) {
			return -1
		}
	}
}
