package secret

import (
	"cmp"
	"slices"
	"sync"
	"unicode/utf8"
)

// A run is where in a text Base64 or hexadecimal digits are, and where in
// another text they are decoded.
type run struct {
	at, length int  // in the decoded text
	bits       int  // of a digit: 6 or 4
	phase      int  // how many digits are before the first
	from, to   int  // in the text
	digits     int  // how many there are
	scattered  bool // escape sequences or line breaks are between the digits
	places     int  // where in search.places those of scattered digits begin
}

// digit returns where in the text a digit of a run begins.
func (s *search) digit(r *run, n int) int {
	switch {
	case !r.scattered:
		return r.from + n
	case n < r.digits:
		return s.places[r.places+n]
	default:
		return r.to
	}
}

// runs decodes every run of Base64 or hexadecimal digits, and looks for the
// forms in what they say.
func (s *search) runs() {
	const least = (Long*8 + 5) / 6 // digits of Base64; as many as a secret has at least
	text := s.text
	s.decoded, s.all, s.places = s.decoded[:0], s.all[:0], s.places[:0]
	for i := 0; i+least <= len(text); {
		from := i + least - 1
		if kinds[text[from]]&within64 == 0 {
			i = from + 1 // no run that is long enough begins before it
			continue
		}
		for from > i && kinds[text[from-1]]&within64 != 0 {
			from--
		}
		end, escaped := s.runEnd(from)
		if end-from >= least {
			if escaped {
				s.escapedRuns(from, end, least)
			} else {
				s.decodeRun(text[from:end], run{from: from, to: end})
			}
		}
		i = end
	}
	if len(s.all) == 0 {
		return
	}
	inner := newSearch(s.finders, string(s.decoded), s.nested+1)
	defer inner.free()
	inner.run()
	for i := range inner.found {
		if m, ok := s.outer(&inner.found[i]); ok {
			s.found = append(s.found, m)
		}
	}
}

// outer returns where in the text the digits are that say what was found in
// what they say, and false where that goes from one run to the next.
func (s *search) outer(m *match) (match, bool) {
	n, ok := slices.BinarySearchFunc(s.all, m.from, func(r run, at int) int { return cmp.Compare(r.at, at) })
	if !ok {
		n--
	}
	r := &s.all[n]
	first, last := (m.from-r.at)*8/r.bits, ((m.to-r.at)*8+r.bits-1)/r.bits
	if m.to > r.at+r.length {
		return match{}, false
	}
	from, to := s.digit(r, r.phase+first), s.digit(r, r.phase+last)
	if r.bits == 6 && to == r.to {
		to = padding(s.text, to)
	}
	return match{from, to, m.form, true}, true
}

// lineOf64 is how many digits a line of Base64 has at least, where there are several.
const lineOf64 = 60

// runEnd returns where the run that begins at text[from] ends, and whether an
// escape sequence or a line break may be in it.
func (s *search) runEnd(from int) (end int, escaped bool) {
	text, line := s.text, from
	for end = from; end < len(text); end++ {
		b := text[end]
		if kinds[b]&within64 != 0 {
			escaped = escaped || kinds[b]&letter64 == 0
			continue
		}
		if end-line < lineOf64 {
			break
		}
		n := lineBreak(text[end:])
		if n == 0 {
			break
		}
		end += n - 1
		line, escaped = end+1, true
	}
	return end, escaped
}

// lineBreak returns the length of the line break with which the text begins, a
// soft one of quoted-printable included, 0 for none.
func lineBreak(text string) int {
	n := 0
	for _, c := range []byte("=\r\n") {
		if n < len(text) && text[n] == c {
			n++
		}
	}
	if n == 0 || text[n-1] != '\n' {
		return 0
	}
	return n
}

// escapedRuns decodes the escape sequences of a run first, which may turn out
// to be several.
func (s *search) escapedRuns(from, end, least int) {
	first, line := len(s.places), 0
	flush := func(to int) {
		if len(s.digits) >= least {
			s.decodeRun(string(s.digits), run{from: from, to: to, places: first, scattered: true})
			first = len(s.places)
		}
		s.digits, s.places, line = s.digits[:0], s.places[:first], 0
	}
	for i := from; i < end; {
		c, next := decode(s.text, i, levels)
		switch {
		case c.r >= 0 && c.r < utf8.RuneSelf && kinds[c.r]&letter64 != 0:
			s.digits, s.places = append(s.digits, byte(c.r)), append(s.places, i)
			line++
		case c.r == nothing:
		case (c.r == '\r' || c.r == '\n') && (line >= lineOf64 || line == 0 && len(s.digits) > 0):
			line = 0
		default:
			flush(i)
			if next > i+1 { // it may be no escape sequence: its letters are looked at again
				next = i + 1
			}
		}
		i = next
	}
	flush(end)
}

// decodeRun decodes digits beginning at each place at which a group of them may
// begin, and keeps what may hold a form, apart from one another.
func (s *search) decodeRun(digits string, r run) {
	r.digits = len(digits)
	add := func(digits string, phase, bits int) {
		at := len(s.decoded)
		if !s.decode(digits[phase:], bits) {
			s.decoded = s.decoded[:at]
			return
		}
		r.at, r.length, r.phase, r.bits = at, len(s.decoded)-at, phase, bits
		s.decoded = append(s.decoded, 0)
		s.all = append(s.all, r)
	}
	may := s.phases(digits)
	for phase := range 4 {
		if may&(1<<phase) != 0 {
			add(digits, phase, 6)
		}
	}
	const least = 2 * Long
	for i := 0; i < len(digits); i++ {
		n := i
		for n < len(digits) && kinds[digits[n]]&hexDigit != 0 {
			n++
		}
		if n-i >= least {
			add(digits[:n], i, 4)
			add(digits[:n], i+1, 4)
		}
		i = n
	}
}

// phases returns a bit for each place at which a group of Base64 may begin so
// that the digits may hold a form. A form of ASCII takes as many bytes of ASCII,
// escaped or not, and hardly any word or id is Base64 of those.
func (s *search) phases(digits string) (may uint8) {
	for _, f := range s.finders {
		if f.foreign {
			return 1<<4 - 1
		}
	}
	const least = (Long-1)*8/6 + 1 // digits from the first bit of the first byte to that of the last
	var n [4]int
	for i := range len(digits) {
		ok := ascii64[i&3][digits[i]]
		for p := range n {
			if ok&(1<<p) == 0 {
				n[p] = 0
				continue
			}
			if n[p]++; n[p] >= least {
				may |= 1 << p
			}
		}
	}
	return may
}

// ascii64 has, by the place of a digit modulo 4, a bit for each phase in which
// the digit has no first bit of a byte that is not ASCII.
var ascii64 = func() (ok [4][256]uint8) {
	first := [4]byte{1 << 5, 1 << 3, 1 << 1, 0} // of the digits of a group
	for at := range ok {
		for c := range ok[at] {
			for phase := range 4 {
				if value64[c]&first[(at-phase+4)&3] == 0 {
					ok[at][c] |= 1 << phase
				}
			}
		}
	}
	return ok
}()

// decode appends what digits say, and reports whether it may hold a form.
func (s *search) decode(digits string, bits int) bool {
	const least = Long * 4 / 3
	have, sum := 0, uint32(0)
	last, letters, may := byte(0), 0, false
	for i := range len(digits) {
		value := uint32(value64[digits[i]])
		if bits == 4 {
			value = uint32(hexValue(digits[i]))
		}
		sum = sum<<bits | value
		if have += bits; have < 8 {
			continue
		}
		have -= 8
		b := byte(sum >> have & 0xff)
		s.decoded = append(s.decoded, b)
		if may {
			continue
		}
		if kinds[b]&letter64 != 0 { // Base64 in Base64
			letters++
		} else {
			letters = 0
		}
		may = kinds[b]&escapes != 0 || letters > least
		for _, f := range s.finders {
			may = may || f.may(pairOf(last, b))
		}
		last = b
	}
	return may
}

var value64 = func() (v [256]byte) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	for i := range len(letters) {
		v[letters[i]] = byte(i)
	}
	v['+'], v['-'], v['/'], v['_'] = 62, 62, 63, 63
	return v
}()

// padding returns where the padding behind the Base64 that ends at text[at] ends.
func padding(text string, at int) int {
	for range 2 {
		if at >= len(text) {
			break
		}
		c, next := decode(text, at, levels)
		if c.r != '=' {
			break
		}
		at = next
	}
	return at
}

// A search looks for the forms of some finders in one text.
type search struct {
	finders []*finder
	text    string
	nested  int // in how many runs of Base64 or hexadecimal the text was
	found   []match
	near    [8]place
	tried   int             // how often the match at hand had several ways to go on
	most    int             // how often it may have
	failed  map[[2]int]bool // places of the text, and what was left of a form that is not there
	decoded []byte          // what the runs say
	all     []run
	digits  []byte // of one run
	places  []int
}

// searches are ready to be used again, for their slices.
var searches = sync.Pool{New: func() any { return new(search) }}

func newSearch(finders []*finder, text string, nested int) *search {
	s := searches.Get().(*search) //nolint:errcheck,forcetypeassert // nothing else is put there
	s.finders = append(s.finders[:0], finders...)
	s.text, s.nested, s.found, s.near = text, nested, s.found[:0], [8]place{}
	return s
}

// free lets go of the search.
func (s *search) free() {
	s.text = ""
	clear(s.found)
	clear(s.decoded)
	clear(s.digits)
	searches.Put(s)
}

// hexAt reads at least so many and at most so many hexadecimal digits, and
// returns where they end, 0 where there are fewer.
func hexAt(text string, i, level, least, most int) (rune, int) {
	r := rune(0)
	for n := range most {
		b, next := ascii(text, i, level)
		if kinds[b]&hexDigit == 0 || r > utf8.MaxRune {
			if n < least {
				return 0, 0
			}
			return r, i
		}
		r, i = r<<4|rune(hexValue(b)), next
	}
	return r, i
}

func hexValue(b byte) byte {
	if b <= '9' {
		return b - '0'
	}
	return b&^0x20 - 'A' + 10
}
