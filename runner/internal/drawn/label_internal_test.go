package drawn

import (
	"html"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Whatever a label says comes through when it is written as HTML, and nothing
// that somebody sends is too broken to be read.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"Welcome", "1 < 2 & 3 > 2", "<p>Yes", "<script>no()", "<!-- ", "a\x00\r\n\u00a0b", "&#x3c;<\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := strings.Join(strings.Fields(s), " ")
		assert.Equal(t, want, Words("<p><b>"+html.EscapeString(s)+"</b></p>"))
		Words(s)
	})
}
