package walk

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
	"flowtest/steps/generated"
)

// digits is a reader of bytes that are the same in every run.
type digits struct {
	f    *filling
	of   string
	n    int
	left []byte
}

// Read implements [io.Reader].
func (d *digits) Read(p []byte) (int, error) {
	for len(d.left) < len(p) {
		d.n++
		sum := sha256.Sum256([]byte(d.f.hexadecimal(d.of+" "+strconv.Itoa(d.n), sha256.Size)))
		d.left = append(d.left, sum[:]...)
	}
	n := copy(p, d.left)
	d.left = d.left[n:]
	return n, nil
}

// uuid returns a well-formed id that is the same in every run.
func (f *filling) uuid(of string) string {
	h := f.hexadecimal(of, 32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
}

// hexadecimal returns hexadecimal digits that are the same in every run.
func (f *filling) hexadecimal(of string, digits int) string {
	var b strings.Builder
	for i := 0; b.Len() < digits; i++ {
		sum := sha256.Sum256([]byte(strings.Join([]string{
			f.w.flow.Name, strconv.Itoa(f.number), strconv.Itoa(f.hop), of, strconv.Itoa(i),
		}, "\x00")))
		b.WriteString(hex.EncodeToString(sum[:]))
	}
	return b.String()[:digits]
}

// standInToken returns a text that looks like a signed token but is not one.
func standInToken(of string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"none","typ":"JWT"}`)) + "." +
		part([]byte(`{"sub":"stand-in","use":"`+of+`"}`)) + "." + part([]byte("not a signature"))
}

// StandIns are the unique values that a walk types, by name.
var StandIns = map[string]string{
	generated.Unique: "someunique", generated.Email: "flowtest-someunique@example.com",
	generated.Username: "flowtest-someunique", generated.Phone: "+12025550100",
	generated.Password: "Some-unique-Passw0rd",
}

// unlike returns a different value of the same form: other digits for digits, another
// address for an email address.
func unlike(value string) string {
	var b strings.Builder
	for i, r := range value {
		switch {
		case r >= '0' && r <= '8':
			b.WriteRune(r + 1)
		case r == '9':
			b.WriteRune('0')
		case unicode.IsLetter(r) && i == 0:
			b.WriteString("un" + string(r))
		default:
			b.WriteRune(r)
		}
	}
	if b.String() == value {
		return "unlike"
	}
	return b.String()
}

// fill replaces the placeholders in a text with stand-ins.
func (f *filling) fill(text []byte, isJSON bool) []byte {
	if !isJSON {
		return f.expand(text, gjson.Result{}, func(value string) string { return value })
	}
	text = recordings.Unquoted(text)
	return f.expand(text, gjson.ParseBytes(text), func(value string) string {
		return strings.TrimSuffix(davinci.Quote(value)[1:], `"`)
	})
}

// expand replaces the placeholders in a text of an answer with stand-ins, encoded by
// written.
func (f *filling) expand(text []byte, answer gjson.Result, written func(value string) string) []byte {
	return recordings.Variable.ReplaceAllFunc(text, func(m []byte) []byte {
		name := string(m[2 : len(m)-2])
		switch {
		case string(m) == recordings.Braces:
			return []byte("{{")
		case !recordings.IsVariable(name):
			return m
		default:
			return []byte(written(f.value(name, answer)))
		}
	})
}

// link returns the URL of a link in an answer, or another URL if it is not a URL.
func (f *filling) link(answer gjson.Result, path string, or *url.URL) *url.URL {
	text := f.expand([]byte(answer.Get(path).Str), answer, func(value string) string { return value })
	if u, err := url.Parse(string(text)); err == nil && u.Host != "" {
		return u
	}
	return or
}
