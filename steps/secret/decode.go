package secret

import (
	"html"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// levels is how many encodings may lie within one another: JSON in JSON in HTML.
const levels = 3

// A char is one character of a decoded text, or one byte of it.
type char struct {
	r   rune
	how spelling
}

// A spelling says what the number of a character means. It makes no difference
// below utf8.RuneSelf.
type spelling uint8

const (
	asByte   spelling = iota // a byte of the text itself
	asRune                   // a code point
	asEither                 // %F6 and \xf6 mean a byte to one writer, and U+00F6 to another
)

// nothing is what a soft line break decodes to.
const nothing rune = -2

// prefix returns how many bytes of s the character is, and false if s does not begin with it.
func (c char) prefix(s string) (int, bool) {
	if c.isByte() && rune(s[0]) == c.r {
		return 1, true
	}
	if c.how == asByte || c.r < utf8.RuneSelf {
		return 0, false
	}
	var b [utf8.UTFMax]byte
	n := utf8.EncodeRune(b[:], c.r)
	return n, strings.HasPrefix(s, string(b[:n]))
}

// firsts appends the bytes with which the character may begin.
func (c char) firsts(out []byte) []byte {
	if c.isByte() {
		out = append(out, byte(c.r&0xff))
	}
	if c.how != asByte && c.r >= utf8.RuneSelf {
		var b [utf8.UTFMax]byte
		utf8.EncodeRune(b[:], c.r)
		out = append(out, b[0])
	}
	return out
}

func (c char) isByte() bool { return c.r >= 0 && (c.how != asRune || c.r < utf8.RuneSelf) }

// The kinds of bytes, as bits.
const (
	escapes  = 1 << iota // it begins an escape sequence of some encoding
	letter64             // a digit of Base64, in either alphabet
	within64             // it may be within a run of Base64, as a part of an escape sequence
	hexDigit
	word // a letter, a digit or a part of a character that is not ASCII
)

var kinds = func() (k [256]uint8) {
	for _, c := range []byte(`%&\`) {
		k[c] |= escapes | within64
	}
	k['='] |= escapes
	for _, c := range []byte(`#;{}`) {
		k[c] |= within64
	}
	for c := range k {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			k[c] |= hexDigit | letter64 | within64 | word
		case c >= 'g' && c <= 'z', c >= 'G' && c <= 'Z':
			k[c] |= letter64 | within64 | word
		case c == '+', c == '/', c == '-', c == '_':
			k[c] |= letter64 | within64
		case c >= utf8.RuneSelf:
			k[c] |= word
		}
	}
	return k
}()

// decode returns the character at text[i] after that many levels of decoding,
// and where the next one begins. Each level reads the characters of the level
// below, so that an escape sequence may itself be escaped.
func decode(text string, i, level int) (c char, next int) {
	c, next = char{rune(text[i]), asByte}, i+1
	for n := range level {
		if !c.escapes() {
			break
		}
		c, next = c.decode(text, next, n)
	}
	return c, next
}

// escapes reports whether an escape sequence may begin with the character.
func (c char) escapes() bool { return c.r >= 0 && c.r < utf8.RuneSelf && kinds[c.r]&escapes != 0 }

// decode returns the character that c and what follows at text[next] encode
// together, and where that ends. Without an escape sequence it returns c.
func (c char) decode(text string, next, level int) (char, int) {
	switch c.r {
	case '%':
		if c, n := percent(text, next, level); n > 0 {
			return c, n
		}
	case '=':
		if c, n := printable(text, next, level); n > 0 {
			return c, n
		}
	case '&':
		if r, n := entity(text, next, level); n > 0 {
			return char{r, asRune}, n
		}
	case '\\':
		if c, n := backslash(text, next, level); n > 0 {
			return c, n
		}
	}
	return c, next
}

// percent reads what follows the % of a character of a URL.
func percent(text string, i, level int) (char, int) {
	switch b, n := ascii(text, i, level); {
	case kinds[b]&hexDigit != 0:
		if low, end := ascii(text, n, level); kinds[low]&hexDigit != 0 {
			return char{rune(value16[b]<<4 | value16[low]), asEither}, end
		}
	case b == 'u': // JavaScript's escape()
		if r, n := hexAt(text, n, level, 4, 4); n > 0 {
			return surrogate(text, r, n, level, "%u")
		}
	}
	return char{}, 0
}

// printable reads what follows the = of a character of quoted-printable, or of
// a soft line break.
func printable(text string, i, level int) (char, int) {
	digits := level
	if text[i-1] == '=' { // nothing escapes the digits and leaves the sign
		digits = 0
	}
	if r, n := hexAt(text, i, digits, 2, 2); n > 0 {
		return char{r, asEither}, n
	}
	if softBreak := i+1 < len(text) && (text[i] == '\r' || text[i] == '\n' ||
		text[i] != '=' && kinds[text[i]]&escapes != 0); !softBreak {
		return char{}, 0
	}
	b, n := ascii(text, i, level)
	if b == '\r' {
		b, n = ascii(text, n, level)
	}
	if b != '\n' {
		return char{}, 0
	}
	return char{nothing, asRune}, n
}

// ascii returns the character at text[i], 0 at its end and for what is not
// ASCII. It passes over a soft line break.
func ascii(text string, i, level int) (byte, int) {
	at := i
	for range 2 {
		if at < len(text) && text[at] == '=' {
			at += lineBreak(text[at:])
		}
		if at >= len(text) {
			return 0, i
		}
		c, next := decode(text, at, level)
		if c.r == nothing {
			at = next
			continue
		}
		if c.r < utf8.RuneSelf {
			return byte(c.r & 0x7f), next
		}
		break
	}
	return 0, i
}

// entity reads what follows the & of a character of HTML.
func entity(text string, i, level int) (rune, int) {
	b, next := ascii(text, i, level)
	if b == '#' {
		return numbered(text, next, level)
	}
	if kinds[b]&word == 0 {
		return 0, 0
	}
	const longest = 24
	var name [longest + 2]byte
	var ends [longest + 2]int
	name[0] = '&'
	n := 1
	for ; n <= longest && kinds[b]&word != 0; n++ {
		name[n], ends[n] = b, next
		b, next = ascii(text, next, level)
	}
	if b == ';' {
		switch string(name[1:n]) {
		case "amp":
			return '&', next
		case "lt":
			return '<', next
		case "gt":
			return '>', next
		case "quot":
			return '"', next
		case "nbsp":
			return '\u00a0', next
		}
		name[n], ends[n] = b, next
		n++
	}
	if b != ';' && !openNames[string(name[1:3])] && !openNames[string(name[1:min(n, 4)])] {
		return 0, 0
	}
	given := string(name[:n])
	read := html.UnescapeString(given)
	if read == given {
		return 0, 0
	}
	r, size := utf8.DecodeRuneInString(read)
	return r, ends[n-1-(len(read)-size)] // HTML reads the beginning of some names too
}

// openNames has how the names begin, in three letters, that HTML reads without a
// semicolon too, and at the beginning of a longer one.
//
// Source: the HTML standard, "Named character references".
var openNames = func() map[string]bool {
	out := map[string]bool{}
	for name := range strings.FieldsSeq(`
		AElig AMP Aacute Acirc Agrave Aring Atilde Auml COPY Ccedil ETH Eacute Ecirc Egrave Euml GT Iacute Icirc
		Igrave Iuml LT Ntilde Oacute Ocirc Ograve Oslash Otilde Ouml QUOT REG THORN Uacute Ucirc Ugrave Uuml
		Yacute aacute acirc acute aelig agrave amp aring atilde auml brvbar ccedil cedil cent copy curren deg
		divide eacute ecirc egrave eth euml frac12 frac14 frac34 gt iacute icirc iexcl igrave iquest iuml laquo
		lt macr micro middot nbsp not ntilde oacute ocirc ograve ordf ordm oslash otilde ouml para plusmn pound
		quot raquo reg sect shy sup1 sup2 sup3 szlig thorn times uacute ucirc ugrave uml uuml yacute yen yuml`) {
		out[name[:min(len(name), 3)]] = true
	}
	return out
}()

// numbered reads what follows the &# of a character of HTML.
func numbered(text string, i, level int) (rune, int) {
	const most = 12 // digits, with zeros in front
	b, next := ascii(text, i, level)
	r, end := rune(0), 0
	if b == 'x' || b == 'X' {
		r, end = hexAt(text, next, level, 1, most)
	} else {
		for range most {
			if b < '0' || b > '9' || r > utf8.MaxRune {
				break
			}
			r, end = r*10+rune(b-'0'), next
			b, next = ascii(text, next, level)
		}
	}
	if end == 0 || r > utf8.MaxRune {
		return 0, 0
	}
	if b, next := ascii(text, end, level); b == ';' {
		end = next
	}
	return r, end
}

// backslash reads what follows a backslash in a string of JSON, JavaScript,
// Java, C#, PHP, Python or Go.
func backslash(text string, i, level int) (char, int) {
	b, next := ascii(text, i, level)
	if next == i {
		return char{}, 0
	}
	if n := strings.IndexByte("nrtbfva", b); n >= 0 {
		return char{rune("\n\r\t\b\f\v\a"[n]), asRune}, next
	}
	switch b {
	case 'x':
		if r, n := hexAt(text, next, level, 2, 2); n > 0 {
			return char{r, asEither}, n
		}
	case 'U':
		if r, n := hexAt(text, next, level, 8, 8); n > 0 {
			return char{r, asRune}, n
		}
	case 'u':
		if c, n := unicodeEscape(text, next, level); n > 0 {
			return c, n
		}
	case '0', '1', '2', '3', '4', '5', '6', '7':
		return octal(text, i, level)
	}
	return char{rune(b), asByte}, next
}

// octal reads up to three octal digits.
func octal(text string, i, level int) (char, int) {
	r := rune(0)
	for range 3 {
		b, next := ascii(text, i, level)
		if b < '0' || b > '7' {
			break
		}
		r, i = r<<3|rune(b-'0'), next
	}
	return char{r & 0xff, asEither}, i
}

// unicodeEscape reads what follows \u: four digits, or some in braces.
func unicodeEscape(text string, i, level int) (char, int) {
	brace, n := ascii(text, i, level)
	if brace != '{' {
		r, n := hexAt(text, i, level, 4, 4)
		if n == 0 {
			return char{}, 0
		}
		return surrogate(text, r, n, level, `\u`)
	}
	r, n := hexAt(text, n, level, 1, 6)
	if brace, end := ascii(text, n, level); n > 0 && brace == '}' {
		return char{r, asRune}, end
	}
	return char{}, 0
}

// surrogate returns the character whose first half was read. The second half
// begins with the same two characters as the first.
func surrogate(text string, high rune, i, level int, begin string) (char, int) {
	if utf16.IsSurrogate(high) {
		b, n := ascii(text, i, level)
		u, n := ascii(text, n, level)
		if b == begin[0] && u == begin[1] {
			low, n := hexAt(text, n, level, 4, 4)
			if r := utf16.DecodeRune(high, low); n > 0 && r != utf8.RuneError {
				return char{r, asRune}, n
			}
		}
	}
	return char{high, asRune}, i
}

// mayEscape reports whether a letter or digit of ASCII may be written as the
// escape sequence at text[i], or an escape sequence of one.
func mayEscape(text string, i int) bool {
	rest := text[i+1:]
	if rest == "" {
		return false
	}
	switch text[i] {
	case '\\':
		return rest[0] >= '0' && rest[0] <= '7' || strings.IndexByte(`\&%=uxU`, rest[0]) >= 0 ||
			kinds[rest[0]]&letter64 != 0 && strings.IndexByte("nrtbfv/", rest[0]) < 0
	case '&':
		return kinds[rest[0]]&word == 0 || strings.HasPrefix(rest, "amp") || strings.HasPrefix(rest, "AMP") ||
			strings.HasPrefix(rest, "bsol") || strings.HasPrefix(rest, "percnt")
	case '=':
		return kinds[rest[0]]&(hexDigit|escapes) != 0
	default:
		return true
	}
}
