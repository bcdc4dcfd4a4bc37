package stream

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// A jsonText is JSON that is written by hand. The stream has some fifty lines a
// scenario, and reflection would take most of their time.
type jsonText []byte

// Write implements [io.Writer].
func (t *jsonText) Write(p []byte) (int, error) {
	*t = append(*t, p...)
	return len(p), nil
}

// raw adds what is JSON, or a part of it.
func (t *jsonText) raw(text string) { *t = append(*t, text...) }

// key begins a member: a comma if it is not the first, and its name.
func (t *jsonText) key(name string) {
	t.comma()
	*t = append(append(append(*t, '"'), name...), '"', ':')
}

func (t *jsonText) comma() {
	if n := len(*t); n > 0 && (*t)[n-1] != '{' && (*t)[n-1] != '[' {
		*t = append(*t, ',')
	}
}

// text adds a member that is left out where it is empty.
func (t *jsonText) text(name, value string) {
	if value != "" {
		t.key(name)
		t.quote(value)
	}
}

func (t *jsonText) number(name string, n int64) {
	t.key(name)
	*t = strconv.AppendInt(*t, n, 10)
}

// some adds a number that is left out where it is zero.
func (t *jsonText) some(name string, n int) {
	if n != 0 {
		t.number(name, int64(n))
	}
}

func (t *jsonText) yes(name string, is bool) {
	if is {
		t.key(name)
		t.raw("true")
	}
}

// bare holds the bytes that a JSON string may contain unescaped.
var bare = func() (b [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		b[c] = c != '"' && c != '\\'
	}
	return b
}()

// quote writes a JSON string. What is not UTF-8 becomes a replacement character.
func (t *jsonText) quote(s string) {
	const hex = "0123456789abcdef"
	dst := append(*t, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if bare[c] {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		dst = append(dst, s[from:i]...)
		switch {
		case c >= utf8.RuneSelf:
			dst = append(dst, `\ufffd`...)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i += size
		from = i
	}
	*t = append(append(dst, s[from:]...), '"')
}

// string adds a member even where it is empty.
func (t *jsonText) string(name, value string) {
	t.key(name)
	t.quote(value)
}

// list adds a list of n items that is left out where it is empty.
func (t *jsonText) list(name string, n int, item func(i int)) {
	if n == 0 {
		return
	}
	t.key(name)
	t.raw("[")
	for i := range n {
		t.comma()
		item(i)
	}
	t.raw("]")
}

func (t *jsonText) strings(name string, list []string) {
	t.list(name, len(list), func(i int) { t.quote(list[i]) })
}

func (t *jsonText) numbers(name string, list []int) {
	t.list(name, len(list), func(i int) { *t = strconv.AppendInt(*t, int64(list[i]), 10) })
}

// moment adds a time, which is left out if it is zero or has a year that JSON cannot hold, of
// more than four digits.
func (t *jsonText) moment(name string, at time.Time) {
	if year := at.Year(); at.IsZero() || year < 0 || year > 9999 {
		return
	}
	t.key(name)
	*t = append(at.AppendFormat(append(*t, '"'), time.RFC3339Nano), '"')
}
