package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"mime/quotedprintable"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"golang.org/x/text/unicode/norm"

	"flowtest/steps/secret"
)

// escapers write a text as the escapers of several languages do.
var escapers = map[string]func(string) string{
	"as it is":                        func(s string) string { return s },
	"Go's url.QueryEscape":            url.QueryEscape,
	"Go's url.PathEscape":             url.PathEscape,
	"percent with small letters":      func(s string) string { return lowerEscapes(url.QueryEscape(s)) },
	"percent for every byte":          func(s string) string { return eachByte(s, "%%%02X") },
	"JavaScript's encodeURIComponent": component,
	"JavaScript's escape":             func(s string) string { return eachUnit(s, "%%u%04X") },
	"Go's html.EscapeString":          html.EscapeString,
	"a browser's innerHTML":           strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace,
	"PHP's htmlspecialchars":          strings.NewReplacer("&", "&amp;", `"`, "&quot;", "'", "&#039;", "<", "&lt;", ">", "&gt;").Replace,
	"PHP's htmlentities":              strings.NewReplacer("&", "&amp;", `"`, "&quot;", "'", "&apos;", "<", "&lt;", ">", "&gt;", "ö", "&ouml;").Replace,
	"mustache":                        strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;", "/", "&#x2F;", "`", "&#x60;", "=", "&#x3D;").Replace,
	"names without a semicolon":       openNames,
	"decimal for every character":     func(s string) string { return eachRune(s, "&#%d;") },
	"hexadecimal for every character": func(s string) string { return eachRune(s, "&#x%X;") },
	".NET's HtmlEncode": func(s string) string {
		return strings.NewReplacer("ö", "&#246;", "😀", "&#128512;").Replace(html.EscapeString(s))
	},
	"Go's JSON":                      func(s string) string { return inJSON(s, true) },
	"JSON that leaves HTML as it is": func(s string) string { return inJSON(s, false) },
	"PHP's json_encode":              func(s string) string { return strings.ReplaceAll(inASCII(inJSON(s, false)), "/", `\/`) },
	"Python's json.dumps":            func(s string) string { return inASCII(inJSON(s, false)) },
	"Java's Gson": func(s string) string {
		return strings.NewReplacer("=", `\u003d`, "'", `\u0027`).Replace(inJSON(s, true))
	},
	".NET's System.Text.Json": func(s string) string {
		return strings.NewReplacer(`\"`, `\u0022`, "'", `\u0027`, "+", `\u002B`).Replace(inASCII(inJSON(s, true)))
	},
	"JSON for every character":  func(s string) string { return eachUnit(s, `\u%04x`) },
	"JavaScript's code points":  func(s string) string { return eachRune(s, `\u{%x}`) },
	"Go's strconv.Quote":        func(s string) string { q := strconv.Quote(s); return q[1 : len(q)-1] },
	"Go's strconv.QuoteToASCII": func(s string) string { q := strconv.QuoteToASCII(s); return q[1 : len(q)-1] },
	"bytes of C":                func(s string) string { return eachByte(s, `\x%02x`) },
	"octal bytes of PHP":        func(s string) string { return eachByte(s, `\%03o`) },
	"quoted-printable":          printable,
	"Base64":                    func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"Base64 for URLs, unpadded": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"hexadecimal":               func(s string) string { return hex.EncodeToString([]byte(s)) },
	"hexadecimal in capitals":   func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"NFD":                       norm.NFD.String,
	"NFC":                       norm.NFC.String,
}

func lowerEscapes(s string) string {
	return regexp.MustCompile(`%..`).ReplaceAllStringFunc(s, strings.ToLower)
}

func component(s string) string {
	return strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(s))
}

// openNames leaves out the semicolon where the next character is none of a name.
func openNames(s string) string {
	s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
	return regexp.MustCompile(`(&\w+);($|[^\w;=])`).ReplaceAllString(s, "$1$2")
}

func eachByte(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func eachRune(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func eachUnit(s, format string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, format, u)
	}
	return b.String()
}

func inASCII(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			b.WriteString(eachUnit(string(r), `\u%04x`))
		}
	}
	return b.String()
}

func inJSON(s string, escapeHTML bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(escapeHTML)
	if err := e.Encode(s); err != nil {
		panic(err) // a string can be encoded
	}
	text := strings.TrimSuffix(b.String(), "\n")
	return text[1 : len(text)-1]
}

func printable(s string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(s)) // a strings.Builder takes everything
	_ = w.Close()
	return b.String()
}

func TestEncodingsThatSurroundASecret(t *testing.T) {
	const value = "correct-horse+battery/staple"
	line := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 40) + value + strings.Repeat("y", 30)))
	for name, text := range map[string]string{
		"Base64 of several lines":          line[:76] + "\r\n" + line[76:],
		"Base64 of several lines, in JSON": line[:76] + `\r\n` + line[76:],
		"Base64 in PHP's JSON":             strings.ReplaceAll(line, "/", `\/`),
		"Base64 in a URL":                  "/x?token=" + url.QueryEscape(line) + "&y=1",
		"Base64 in Base64":                 base64.StdEncoding.EncodeToString([]byte("a:" + line)),
		"hexadecimal in Base64":            base64.RawStdEncoding.EncodeToString([]byte("a" + hex.EncodeToString([]byte(value)))),
		"JSON in a token":                  "eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString([]byte(`{"password":"`+eachUnit(value, `\u%04x`)+`"}`)) + ".x",
		"hexadecimal at an odd place":      "f" + hex.EncodeToString([]byte(value)) + "0",
		"soft line breaks":                 "correct-h=\r\norse+ba=\nttery/staple",
		"elements of HTML":                 `correct-<b class="x">horse</b>+battery/<wbr>staple`,
		"elements of HTML in JSON":         `correct-\u003cb\u003ehorse\u003c\/b\u003e+battery/staple`,
	} {
		t.Run(name, func(t *testing.T) {
			r := &secret.Redactor{}
			r.Add(value)
			got := r.Redact(text)
			assert.Contains(t, got, secret.Redacted)
			assert.NotContains(t, got, "horse")
			again := &secret.Redactor{}
			again.Add("horse+battery", "correct-horse", "battery/staple")
			assert.Equal(t, got, again.Redact(got), "nothing of it is left")
		})
	}
}

// FuzzRedact holds that no text makes the redactor panic or give a range that is
// outside of it, and that a secret that any two of the escapers wrote is not left.
func FuzzRedact(f *testing.F) {
	f.Add("before ", awkward, " after", uint8(3), uint8(17))
	f.Add("%41\\u00", "4711 and more", "&#x", uint8(0), uint8(1))
	f.Add("", "line one\nline two", "=\r\n", uint8(9), uint8(29))
	f.Add(`\\\\\\\`, `\\\\\\\\\\\\`, `\\\\`, uint8(0), uint8(0))
	f.Add("0", `H\\\\\\\\\\\\]`, "\\", uint8('['), uint8('\f'))
	names := slices.Sorted(maps.Keys(escapers))
	for n := range names { // soft line breaks, which each of them escapes
		f.Add("", "a"+strings.Repeat("\x19", 25), "", uint8(slices.Index(names, "quoted-printable")), uint8(n))
	}
	f.Fuzz(func(t *testing.T, before, value, after string, one, two uint8) {
		r := &secret.Redactor{}
		r.Add(value)
		for _, text := range []string{before, after, before + value + after, value + value} {
			r.Redact(text)
			for _, found := range r.Find(text) {
				assert.True(t, 0 <= found.From && found.From < found.To && found.To <= len(text))
			}
		}
		if !utf8.ValidString(value) || utf8.RuneCountInString(value) < secret.Long || strings.TrimSpace(value) != value ||
			strings.ContainsAny(value, "\r\n\x00") || len(value) > 200 {
			return
		}
		first, second := names[int(one)%len(names)], names[int(two)%len(names)]
		text := escapers[second](escapers[first](value))
		got := r.Redact(text)
		if got == text && !ordinaryWord(r, value) {
			t.Errorf("%q by %s and %s is left: %q", value, first, second, text)
		}
	})
}

// ordinaryWord reports whether a value is one that is never replaced.
func ordinaryWord(r *secret.Redactor, value string) bool { return r.Redact(value) == value }
