package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/steps/secret"
)

// A redactor decodes only those runs of Base64 and hexadecimal digits that may say
// a text. One that knows a secret of other characters too decodes all of them, and
// finds no more.
func TestWhatIsNotDecodedHoldsNoSecret(t *testing.T) {
	const (
		base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
		signs        = "abcABC012-_/+=%&\\\"'<>;#{} \n\t.:,~!@$"
		texts        = 1000
	)
	random := rand.New(rand.NewPCG(1, 2)) // the same texts every time
	word := func(n int, of string) string {
		out := make([]byte, n)
		for i := range out {
			out[i] = of[random.IntN(len(of))]
		}
		return string(out)
	}
	noise := func() string {
		return []string{
			"", " ", word(random.IntN(40), base64Digits), word(random.IntN(40), "0123456789abcdef"), word(random.IntN(20), signs),
			base64.StdEncoding.EncodeToString([]byte(word(random.IntN(30), "\x00\x01\x7f\x80\xff"+signs))),
			"/as/authorize?response_mode=pi.flow&x=", `","customHTMLTemplate":"`,
		}[random.IntN(8)]
	}
	names, found := slices.Sorted(maps.Keys(escapers)), 0
	for range texts {
		values := []string{word(8+random.IntN(30), signs), word(8+random.IntN(30), base64Digits), word(2, "\t\v\r") + word(8, signs)}
		var b strings.Builder
		for range 1 + random.IntN(3) {
			text := noise() + values[random.IntN(len(values))] + noise()
			for range random.IntN(4) {
				text = escapers[names[random.IntN(len(names))]](text)
			}
			switch random.IntN(3) {
			case 0:
				text = noise() + base64.RawURLEncoding.EncodeToString([]byte(text))
			case 1:
				text = noise() + hex.EncodeToString([]byte(text))
			}
			b.WriteString(text + noise())
		}
		some, every := &secret.Redactor{}, &secret.Redactor{}
		some.Add(values...)
		every.Add(append(values, "ein-Geheimnis-mit-ä")...)
		want := every.Find(b.String())
		found += len(want)
		if got := some.Find(b.String()); !assert.Equal(t, set(want), set(got), "%q in %q", values, b.String()) {
			return
		}
	}
	assert.Greater(t, found, texts)
}

func set(found []secret.Found) map[secret.Found]bool {
	out := map[secret.Found]bool{}
	for _, f := range found {
		out[f] = true
	}
	return out
}
