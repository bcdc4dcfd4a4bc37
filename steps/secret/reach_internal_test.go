package secret

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A reach finds what the search finds, in texts that may be read in many ways.
func TestAReachFindsWhatTheSearchFinds(t *testing.T) {
	t.Parallel()
	pieces := []string{
		`\`, `\\`, `\u005c`, `\x5c`, `\134`, `%`, `%25`, `%5C`, `%2B`, `%C3%A9`, `&`, `&amp;`, `&#92;`, `&#x25`, `&lt;`, `&quot`, `=`, `=3D`,
		"=\n", "=\r\n", "\r", "\n", `\n`, `<`, `<b>`, `</i>`, `+`, ` `, `é`, `a`, `b`, `c`, `2`, `5`, `;`, `u`, `\ud83d\ude00`, "😀",
	}
	random := rand.New(rand.NewPCG(1, 2)) // the same texts every time
	some := func(n int) string {
		var b strings.Builder
		few := pieces[random.IntN(len(pieces)-4):][:4]
		for range n {
			b.WriteString(few[random.IntN(len(few))])
		}
		return b.String()
	}
	found := 0
	for range 6000 {
		f := newFinder([]string{some(1 + random.IntN(9)), some(4)})
		if f.empty() {
			continue
		}
		written := slices.Concat(f.long, f.short)[0].text
		text := some(random.IntN(12)) + written + some(random.IntN(12))
		if random.IntN(2) == 0 {
			text = strings.NewReplacer(`\`, `\\`, "%", "%25", "&", "&amp;").Replace(text)
		}
		search := func(hard bool) []match {
			s := newSearch([]*finder{f}, text, 0)
			for _, list := range [][]form{f.long, f.short} {
				for i := range list {
					if hard {
						s.hard = append(s.hard, &list[i])
					}
				}
			}
			s.run()
			return slices.Clone(s.found)
		}
		covers := func(all []match, m match) bool { // by matches that overlap
			at := m.from
			for more := true; more && at < m.to; {
				more = false
				for _, o := range all {
					if o.from <= at && o.to > at {
						at, more = o.to, true
					}
				}
			}
			return at >= m.to
		}
		one, other := search(false), search(true)
		for _, m := range other {
			require.True(t, covers(one, m), "only a reach finds %q in %q: %q", m.form.text, text, text[m.from:m.to])
		}
		for _, m := range one {
			longer := func(o match) bool { return o.from > m.from && o.to == m.to && o.form == m.form }
			require.True(t, slices.ContainsFunc(one, longer) || covers(other, m), // a line break in front of it is no part of it
				"a reach does not find %q in %q: %q", m.form.text, text, text[m.from:m.to])
		}
		found += len(one)
	}
	require.Greater(t, found, 6000)
}

// Each backslash of a secret may be written in another way, and all of it be escaped once more.
func TestASecretOfManyBackslashesIsFoundHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, length := range []int{8, 60, 200, 2000} {
		value := strings.Repeat(`\`, length) + "x"
		var b strings.Builder
		for i := range length {
			b.WriteString([]string{`\\`, `\u005c`, `\x5c`, `&#92;`, `%5C`}[i*i%5])
		}
		b.WriteByte('x')
		r := &Redactor{}
		r.Add(value)
		for _, text := range []string{b.String(), strings.NewReplacer(`\`, `\\`, "%", "%25", "&", "&amp;").Replace(b.String())} {
			got := r.Redact("before " + text + " after")
			require.Equal(t, "before [redacted] after", got, "%d", length)
		}
	}
}
