package output_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output/digest"
)

// evil are lines that CI servers read as commands to themselves.
const evil = "a :: b\n::add-mask::c\n \t::stop-commands::d\n\u00a0\u200b::e::\nx ##[error]f ##vso[task.setvariable]g ###TeamCity[h]\n"

var commands = regexp.MustCompile(`(?im)^[\s\p{Z}\p{Cf}]*::|##\[|##vso\[|##teamcity\[`)

// inParts writes a text in parts of n bytes.
func inParts(t *testing.T, w io.Writer, text string, n int) {
	t.Helper()
	for text != "" {
		n = min(n, len(text))
		written, err := io.WriteString(w, text[:n])
		require.NoError(t, err)
		require.Equal(t, n, written)
		text = text[n:]
	}
}

func TestAGuardLetsNoCommandThrough(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 3, 5, 7, len(evil)} {
		var b strings.Builder
		inParts(t, &digest.Guard{To: &b}, evil, n)
		if n > len("##teamcity[") { // what a CI server looks for came in one part
			assert.Empty(t, commands.FindAllString(b.String(), -1), "%d: %s", n, b.String())
		}
		assert.Contains(t, b.String(), "a :: b\n", "what no server reads stays")
	}
	var b strings.Builder
	inParts(t, &digest.Guard{To: &b}, "one: ", 9)
	inParts(t, &digest.Guard{To: &b}, "two\n", 9)
	g := &digest.Guard{To: &b}
	inParts(t, g, "three", 9)
	inParts(t, g, "::four\n", 9)
	inParts(t, g, "::five\n", 9)
	inParts(t, g, "#", 9)
	inParts(t, g, "#vso[six]\n", 10)
	assert.Equal(t, "one: two\nthree::four\n\\::five\n#\\u0023vso[six]\n", b.String())
}

func TestQuotedJSONIsTheSameJSON(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 9; n++ {
		var b, plain strings.Builder
		e := json.NewEncoder(&plain)
		require.NoError(t, e.Encode([]string{evil, "#", "##", "###", "#####vso["}))
		inParts(t, &digest.Quoting{To: &b}, plain.String(), n)
		assert.NotContains(t, b.String(), "##")
		assert.JSONEq(t, plain.String(), b.String())
	}
}

func TestAGuardIsForSeveral(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	g := &digest.Guard{To: &b}
	var both sync.WaitGroup
	const lines = 100
	for range 2 {
		both.Go(func() {
			for range lines {
				_, _ = fmt.Fprintln(g, "::stop::")
			}
		})
	}
	both.Wait()
	assert.Equal(t, strings.Repeat("\\::stop::\n", 2*lines), b.String())
}
