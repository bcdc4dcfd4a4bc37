package target_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
)

// FuzzLoad holds that no file and no environment makes Load or Choose panic or
// say what it must not: errors are lines of mistakes, and they never hold
// the value of a variable.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", whole, whole3, live, live + "    baseUrl: https://a:b@auth.example.com/as?c#d\n",
		live + "    clientSecret: hunter2\n", live + "    scopes: ['${S}', ${S}]\n    ca: ../${S}\n",
		"features: &a b\nrecordings: *a\n<<: {x: y}\n", "? a\n: b\n", "features: !!str a\n", "features: |x\n",
		"a: b\n---\nc: d\n", "%YAML 1.2\n---\n", "\uFEFFfeatures: a\r\n", "features: a\tb\n", "\x00\x01\xff",
		"{{{{", "[[[[", "}}]]", "- - - -", "a: {b: [c, {d: e", "features: ${", "features: $${A}${A", "features: '",
		"targets: {'': {type: live}, 1: {}, ~: , x}\n", strings.Repeat("[", 200), strings.Repeat("a:\n ", 200),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const value = "Zq7-canary-value"
		fsys := fstest.MapFS{"flowtest.yaml": {Data: data}, "ca.pem": {Data: []byte("no certificate")}}
		file, err := target.Load(fsys, "flowtest.yaml", func(name string) (string, bool) {
			return value, !strings.HasPrefix(name, "FLOWTEST_")
		})
		if err != nil {
			check(t, err, value)
			return
		}
		assert.NotEmpty(t, file.Features)
		assert.NotEmpty(t, file.Recordings)
		require.NotEmpty(t, file.Names())
		for _, name := range append(file.Names(), "") {
			got, err := file.Choose(name)
			if err != nil {
				check(t, err, value)
				assert.Nil(t, got)
				continue
			}
			assert.NotNil(t, got.Users)
		}
	})
}

func check(t *testing.T, err error, value string) {
	t.Helper()
	require.NotErrorIs(t, err, fs.ErrNotExist)
	require.NotContains(t, err.Error(), value)
	for _, line := range mistakes(t, err) {
		require.NotContains(t, line, "\n")
		require.NotContains(t, line, "%!")
	}
}
