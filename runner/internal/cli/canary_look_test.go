package cli_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// canary is a secret with something to escape in every encoding, and a core of
// letters that no encoding but Base64 changes.
func canary(name string) string { return `c4n"` + core(name) + `\&</x>'+ ö%=` }

func core(name string) string { return coreBegins + name + "0" }

const coreBegins = "canary0"

// legible is text with whatever its Base64 holds after it.
func legible(text string) string {
	var b strings.Builder
	b.WriteString(text)
	for from := 0; from < len(text); from++ {
		to := from
		for to < len(text) && base64Digit[text[to]] {
			to++
		}
		if to-from >= 16 {
			run := standardBase64.Replace(text[from:to])
			for cut := range 4 { // it may begin in the middle of a run
				part := run[cut:]
				if got, err := base64.RawStdEncoding.DecodeString(part[:len(part)/4*4]); err == nil {
					b.WriteByte('\n')
					b.Write(got)
				}
			}
		}
		from = to
	}
	return b.String()
}

// leaks finds the core of a canary in text, as it is or in Base64.
func leaks(text, name string) bool { return strings.Contains(legible(text), core(name)) }

var (
	standardBase64 = strings.NewReplacer("-", "+", "_", "/")
	base64Digit    = func() (is [256]bool) { // megabytes are looked at: no regular expression does that in time
		for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-") {
			is[c] = true
		}
		return is
	}()
)

func TestTheCanaryIsFoundInEveryEncoding(t *testing.T) {
	t.Parallel()
	for name, encode := range encodings {
		t.Run(name, func(t *testing.T) {
			assert.True(t, leaks("before "+encode(canary("x"))+" after", "x"))
			assert.False(t, leaks("before "+encode(canary("x"))+" after", "y"))
		})
	}
}

// encodings are how a hostile service may write a secret.
var encodings = map[string]func(string) string{
	"plain": func(v string) string { return v },
	"query": url.QueryEscape,
	"path":  url.PathEscape,
	"html":  html.EscapeString,
	"html-names": func(v string) string {
		return strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(html.EscapeString(v))
	},
	"html-hex": func(v string) string {
		return strings.NewReplacer("&#34;", "&#x22;", "&#39;", "&#x27;").Replace(html.EscapeString(v))
	},
	"json":       func(v string) string { return inJSON(v, true) },
	"json-plain": func(v string) string { return inJSON(v, false) },
	"json-slash": func(v string) string { return strings.ReplaceAll(inJSON(v, false), "/", `\/`) },
	"json-ascii": func(v string) string {
		var b strings.Builder
		for _, r := range inJSON(v, true) {
			if r < 128 {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, `\u%04x`, r)
			}
		}
		return b.String()
	},
	"base64":     func(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) },
	"base64-url": func(v string) string { return base64.RawURLEncoding.EncodeToString([]byte(v)) },
}

func inJSON(v string, escape bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(escape)
	if err := e.Encode(v); err != nil {
		return ""
	}
	text := strings.TrimSpace(b.String())
	return text[1 : len(text)-1]
}
