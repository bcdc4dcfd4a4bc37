package secret_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/steps/secret"
)

// FuzzTypedSecrets holds the search by two bytes against a replacer that is
// known to take the longest first.
func FuzzTypedSecrets(f *testing.F) {
	f.Add("the code is abcabd, and abc", "abc", "abcab", "a")
	f.Add("", "x", "", "")
	f.Add("x\x00", "x\x00", "\x00", "\xff\xfe")
	f.Add("aaaa", "aa", "aaa", "aa")
	f.Fuzz(func(t *testing.T, text, a, b, c string) {
		values := slices.DeleteFunc([]string{a, b, c}, func(v string) bool { return v == "" })
		slices.SortStableFunc(values, func(a, b string) int { return len(b) - len(a) })
		var pairs []string
		for _, v := range values {
			pairs = append(pairs, v, secret.Redacted)
		}
		r := &secret.Redactor{Parent: &secret.Redactor{}}
		r.Parent.Add(a)
		r.Add(b, c)
		assert.Equal(t, strings.NewReplacer(pairs...).Replace(text), r.RedactTyped(text))
	})
}
