package safehtml

import (
	"html"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A text that is written as HTML is read back unchanged, and Text does not panic on broken HTML.
func FuzzText(f *testing.F) {
	for _, s := range []string{"Welcome", "1 < 2 & 3 > 2", "<p>Yes", "<script>no()", "<!-- ", "a\x00\r\n\u00a0b", "&#x3c;<\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := strings.Join(strings.Fields(s), " ")
		assert.Equal(t, want, Text("<p><b>"+html.EscapeString(s)+"</b></p>"))
		Text(s)
	})
}
