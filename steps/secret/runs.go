package secret

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A run is where Base64 or hexadecimal digits are decoded.
type run struct {
	at, length int // in what the runs say
	bits       int // of a digit: 6 or 4
	first      int // in search.places, of the first digit
}

// leastRun is how many digits of Base64 a secret has at least.
const leastRun = (Long*8 + 5) / 6

// runs decodes every run of Base64 or hexadecimal digits, and looks for the
// forms in what they say.
func (s *search) runs() {
	text := s.text
	s.decoded, s.all, s.places = s.decoded[:0], s.all[:0], s.places[:0]
	for i := 0; i+leastRun <= len(text); {
		from := i + leastRun - 1
		if kinds[text[from]]&within64 == 0 {
			i = from + 1 // no run that is long enough begins before it
			continue
		}
		for from > i && kinds[text[from-1]]&within64 != 0 {
			from--
		}
		end := i + leastRun
		for end < len(text) && end < from+leastRun && kinds[text[end]]&within64 != 0 {
			end++
		}
		if i = end; end >= from+leastRun {
			i = s.runAt(from)
		}
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

// outer returns where in the text the digits are that say what was found in what they say, and
// false if that goes from one run to the next.
func (s *search) outer(m *match) (match, bool) {
	n, ok := slices.BinarySearchFunc(s.all, m.from, func(r run, at int) int { return cmp.Compare(r.at, at) })
	if !ok {
		n--
	}
	r := &s.all[n]
	if m.to > r.at+r.length {
		return match{}, false
	}
	first, last := (m.from-r.at)*8/r.bits, ((m.to-r.at)*8+r.bits-1)/r.bits
	from, to := s.places[r.first+first], s.places[r.first+last]
	if r.bits == 6 {
		to = padding(s.text, to)
	}
	return match{from, to, m.form, true}, true
}

// line64 is how many digits a line of Base64 has at least, if there are several.
const line64 = 60

// runAt decodes the run of digits at text[i], and returns where to look for the
// next one. Digits may be escape sequences, and a run may have several lines.
func (s *search) runAt(i int) int {
	if end := s.plainRun(i); end > 0 && (end-i < leastRun || !s.foreign && !says(s.text[i:end])) {
		return end + 1
	}
	first, line := len(s.places), 0
	s.digits = s.digits[:0]
	for i < len(s.text) {
		c, next := rune(s.text[i]), i+1
		if c == '=' {
			if n := lineBreak(s.text[i:]); n > 0 {
				c, next = nothing, i+n
			}
		} else if kinds[c]&escapes != 0 {
			d, end := decode(s.text, i, levels)
			c, next = d.r, end
		}
		switch {
		case c >= 0 && c < utf8.RuneSelf && kinds[c]&letter64 != 0:
			s.digits, s.places = append(s.digits, byte(c)), append(s.places, i)
			line++
		case c == nothing:
		case (c == '\r' || c == '\n') && (line >= line64 || line == 0 && len(s.digits) > 0):
			line = 0
		default: // where it may be no escape sequence, its letters are looked at again
			s.decodeRun(first, i)
			return i + 1
		}
		i = next
	}
	s.decodeRun(first, i)
	return i
}

// plainRun returns where the run of digits at text[i] ends, 0 if it goes on with an escape
// sequence or in a further line, or may do so.
func (s *search) plainRun(i int) int {
	end := i
	for end < len(s.text) && kinds[s.text[end]]&letter64 != 0 {
		end++
	}
	if end == len(s.text) {
		return end
	}
	switch b := s.text[end]; b {
	case '=':
		if lineBreak(s.text[end:]) > 0 {
			return 0
		}
	case '\\':
		if end+1 == len(s.text) || s.text[end+1] != '"' && (s.text[end+1] != 'n' || end-i >= line64) {
			return 0
		}
	case '\r', '\n':
		if end-i >= line64 {
			return 0
		}
	case '%', '&':
		return 0
	}
	return end
}

// says reports whether digits of Base64 or hexadecimal may say a text of ASCII of that
// many bytes, whichever digit it begins with. Hardly any word, path or id does, and
// only such a text holds a form of ASCII, as it is or in an escape sequence, or is a
// run of digits itself. It looks at all bytes of a piece at once: those of ASCII have
// the highest bit clear and one of three others set, except for control characters that
// no text has (see [finder.form]).
func says[T string | []byte](digits T) bool {
	const (
		bytes7 = 0x01010101010101
		bytes8 = 0x0101010101010101
	)
	text := func(bits uint64) uint64 { return ^bits >> 7 & (bits>>6 | bits>>5 | bits>>3) }
	bits := uint64(0)
	for i := range len(digits) {
		bits = bits<<6 | uint64(value64[digits[i]])
		t := text(bits)
		if i >= 9 && (t&bytes7 == bytes7 || t&(bytes7<<2) == bytes7<<2 || t&(bytes7<<4) == bytes7<<4) {
			return true
		}
	}
	const least = 2 * Long
	for i := 0; i+least <= len(digits); i++ {
		from := i + least
		for from > i && kinds[digits[from-1]]&hexDigit != 0 {
			from--
		}
		if from > i {
			i = from - 1 // no run that is long enough begins before it
			continue
		}
		bits = 0
		for n := 0; i < len(digits) && kinds[digits[i]]&hexDigit != 0; i, n = i+1, n+1 {
			bits = bits<<4 | uint64(value16[digits[i]])
			if n >= least-1 && text(bits)&bytes8 == bytes8 {
				return true
			}
		}
	}
	return false
}

// decodeRun decodes the digits at hand beginning at each place at which a group of
// them may begin. Their places begin at first, and they end at text[end].
func (s *search) decodeRun(first, end int) {
	runs := len(s.all)
	if len(s.digits) >= leastRun && (s.foreign || says(s.digits)) {
		for phase := range 4 {
			s.decode(s.digits[phase:], first+phase, 6, &value64)
		}
		const least = 2 * Long
		for i := 0; i < len(s.digits); i++ {
			n := i
			for n < len(s.digits) && kinds[s.digits[n]]&hexDigit != 0 {
				n++
			}
			if n-i >= least {
				s.decode(s.digits[i:n], first+i, 4, &value16)
				s.decode(s.digits[i+1:n], first+i+1, 4, &value16)
			}
			i = n
		}
	}
	if len(s.all) == runs {
		s.places = s.places[:first]
		return
	}
	s.places = append(s.places, end) // of the digit after the last
}

// decode keeps what digits say, where that may hold a form: one of ASCII takes as
// many bytes of ASCII, escaped or not, and hardly any word or id says those.
func (s *search) decode(digits []byte, first, bits int, values *[256]byte) {
	out, have, sum, ascii, most := s.decoded, 0, uint32(0), 0, 0
	for _, digit := range digits {
		sum = sum<<bits | uint32(values[digit])
		if have += bits; have < 8 {
			continue
		}
		have -= 8
		b := byte(sum >> have & 0xff)
		out = append(out, b)
		if ascii++; b >= utf8.RuneSelf {
			ascii = 0
		}
		most = max(most, ascii)
	}
	at := len(s.decoded)
	if s.decoded = out[:at]; most >= Long || s.foreign {
		s.all = append(s.all, run{at, len(out) - at, bits, first})
		s.decoded = append(out, 0) // apart from the next
	}
}

// What the digits of Base64, in either alphabet, and of hexadecimal say.
var value64, value16 = func() (base64, hexadecimal [256]byte) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	for i := range len(letters) {
		base64[letters[i]] = byte(i)
	}
	base64['+'], base64['-'], base64['/'], base64['_'] = 62, 62, 63, 63
	for i := range byte(6) {
		hexadecimal['A'+i], hexadecimal['a'+i] = 10+i, 10+i
	}
	for i := range byte(10) {
		hexadecimal['0'+i] = i
	}
	return base64, hexadecimal
}()

// padding returns where the padding after the Base64 that ends at text[at] ends.
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

// hexAt reads at least so many and at most so many hexadecimal digits, and returns where they
// end, 0 if there are fewer.
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
		r, i = r<<4|rune(value16[b]), next
	}
	return r, i
}

// element returns where a tag of HTML ends whose < is at text[i:next], -1 if there is none: a
// page may show a secret in several elements.
func (s *search) element(i, next int) int {
	p := s.place(i)
	if p.after != 0 {
		return p.after
	}
	const longest = 120
	p.after = -1
	if next >= len(s.text) || s.text[next] != '/' && kinds[s.text[next]]&(letter64|escapes) == 0 {
		return -1
	}
	part := s.text[next:min(len(s.text), next+longest)]
	if next == i+1 {
		if n := strings.IndexByte(part, '>'); n >= 0 {
			p.after = next + n + 1
		}
		return p.after
	}
	for at := next; at < next+len(part); {
		c, end := decode(s.text, at, levels)
		if c.r == '>' {
			p.after = end
			break
		}
		at = end
	}
	return p.after
}
