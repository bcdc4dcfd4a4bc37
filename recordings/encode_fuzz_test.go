package recordings_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

// Whatever text a recording holds, YAML gives it back as it was.
func FuzzSavedTextIsReadAsItWas(f *testing.F) {
	for _, text := range []string{
		"plain", "true", "No", "null", "~", "12", "1e5", "0x1f", "0b11", "1_000", "2026-11-23", "a: b", "- a", "a #b", "#", "'", `"`, `\`,
		"", " ", "*", "&a", "!b", "%c", "@d", "`e", "{f", "[g", "|", ">", "?", "a\nb", "\t", "{{user.x}}", "ü", "\u2028", "\x7f", "a,b", "12e5aa",
		"0b1010101010", "deadbeef", "1.5", ".inf", "-", "--- a", strings.Repeat("[", 20), "12:30:45", "=", "<<", "a: ", "$x", "Y", "\u0085", "\ufdd0", "\ufdd1", "a ${b} c",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || text == "*" || len(text) > 1 && text[:2] == "${" {
			t.Skip("YAML holds text, and these two mean something else")
		}
		if strings.Contains(text, "$\ufdd0") {
			t.Skip("Unicode has no such character: it is how the reader marks the brace of ${NAME}")
		}
		flow := load(t, head+start+"  - name: next\n    from: start\n    request: {action: GO}\n    to: start\n", nil)
		var err error
		flow.Hops[1].Request, err = recordings.NewRequest(recordings.Request{Action: text},
			map[string]any{"a": text, "b." + text: map[string]any{text: []any{text, 1.5, true, nil}}})
		require.NoError(t, err)
		flow.Description = text
		want, err := json.Marshal(flow.Hops[1].Request.FormData())
		require.NoError(t, err)

		got, err := recordings.Load(onDisk(t, flow), "r")
		require.NoError(t, err, "%s", onDisk(t, flow)["r/recording.yaml"].Data)
		assert.Equal(t, text, got.Description)
		assert.Equal(t, text, got.Hops[1].Request.Action)
		have, err := json.Marshal(got.Hops[1].Request.FormData())
		require.NoError(t, err)
		assert.JSONEq(t, string(want), string(have))
		assert.Equal(t, flow.Hops[1].Request.Key(), got.Hops[1].Request.Key())
	})
}
